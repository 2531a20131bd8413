from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric import ed25519
from jwt.algorithms import OKPAlgorithm

from chassis import cli, topology
from chassis.auth import Principal, Role, TokenVerifier
from chassis.declare import TopologyMismatchError
from chassis.errors import TransientError
from chassis.operating import topology as commands
from contracts.artifacts import ARTIFACT_UPLOADED


class ScribingService:
    """What the command needs to know of a service."""

    name = "scribing"

    @classmethod
    def handlers(cls) -> list[Any]:
        return [(ARTIFACT_UPLOADED, "on_artifact_uploaded")]


class EntryPoint:
    name = "scribing"

    @staticmethod
    def load() -> type[ScribingService]:
        return ScribingService


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Install one service, and nothing of the environment."""
    for module in (cli, topology):
        monkeypatch.setattr(
            module, "entry_points", lambda group: [EntryPoint] if group == "backpack.services" else []
        )
    for name in (
        "AMQP_URL",
        "MANAGEMENT_URL",
        "MONGO_URL",
        "MONGO_DATABASE",
        "JWT_SIGNING_KEY_FILE",
        "JWT_ISSUER",
    ):
        monkeypatch.delenv(name, raising=False)


def _run(*arguments: str, **variables: str) -> Result:
    return CliRunner().invoke(cli.main, arguments, env=variables)


@pytest.mark.parametrize("command", ["run", "relay"])
def test_a_service_that_is_not_installed_is_refused_by_name(command: str) -> None:
    result = _run(command, "os; true")

    assert result.exit_code == 1
    assert result.output == "Error: no service os; true is installed; there are: scribing\n"


def test_a_service_runs_in_a_python_of_its_own_from_the_first_line_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started: list[Any] = []
    monkeypatch.setattr(os, "execv", lambda *arguments: started.append(arguments))

    assert _run("run", "scribing").exit_code == 0
    assert started == [(sys.executable, [sys.executable, "-m", "scribing"])]


def test_a_relay_without_settings_names_them_all() -> None:
    result = _run("relay", "scribing")

    assert result.exit_code == 1
    assert result.output == (
        "Error: AMQP_URL: Missing data for required field.; "
        "MONGO_DATABASE: Missing data for required field.; "
        "MONGO_URL: Missing data for required field.\n"
    )


def test_the_topology_is_written_with_all_installed_services(tmp_path: Path) -> None:
    path = tmp_path / "rabbitmq" / "definitions.json"

    assert _run("topology", "write", str(path)).exit_code == 0

    described = topology.producers() | topology.of_service(
        "scribing", ScribingService.handlers(), [5, 30, 300, 1800]
    )
    assert json.loads(path.read_text()) == topology.definitions(described, "backpack")
    assert path.read_text().endswith("}\n")


def test_the_topology_may_be_for_another_virtual_host(tmp_path: Path) -> None:
    path = tmp_path / "definitions.json"

    _run("topology", "write", str(path), "--vhost", "staging")

    assert json.loads(path.read_text())["vhosts"] == [{"name": "staging"}]


def test_the_topology_is_declared_on_a_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    declared: list[Any] = []
    monkeypatch.setattr(commands, "declare", lambda *arguments: declared.append(arguments))

    result = _run("topology", "apply", AMQP_URL="amqp://rabbit/backpack")

    assert (result.exit_code, result.output) == (0, "declared\n")
    assert declared == [("amqp://rabbit/backpack", topology.installed())]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (TransientError("the broker: ConnectionRefusedError"), 1),
        # Trying again does not help: a person must decide.
        (TopologyMismatchError("inequivalent arg 'x-queue-type'"), 3),
    ],
)
def test_a_broker_that_does_not_take_the_topology_is_told_as_it_is(
    monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    def refuse(*_: Any) -> None:
        raise error

    monkeypatch.setattr(commands, "declare", refuse)

    result = _run("topology", "apply", "--amqp-url", "amqp://rabbit/backpack")

    assert (result.exit_code, result.output) == (status, f"Error: {error}\n")


class Answer:
    """What the broker's management API says."""

    def __init__(self, document: dict[str, Any], *, error: str = "") -> None:
        self._document = document
        self._error = error

    def raise_for_status(self) -> None:
        if self._error:
            raise requests.HTTPError(self._error)

    def json(self) -> dict[str, Any]:
        return self._document


def _check(monkeypatch: pytest.MonkeyPatch, answer: Answer) -> tuple[Result, list[str]]:
    asked: list[str] = []

    def get(address: str, **_: Any) -> Answer:
        asked.append(address)
        return answer

    monkeypatch.setattr(requests, "get", get)
    management = "http://user:secret@rabbit:15672"
    return _run("topology", "check", "--vhost", "a/b", MANAGEMENT_URL=management), asked


def test_a_broker_that_has_everything_is_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    result, asked = _check(monkeypatch, Answer(topology.definitions(topology.installed(), "a/b")))

    assert (result.exit_code, result.output) == (0, "the broker has everything, and nothing besides\n")
    assert asked == ["http://user:secret@rabbit:15672/api/definitions/a%2Fb"]


def test_a_broker_that_lacks_something_asks_for_attention(monkeypatch: pytest.MonkeyPatch) -> None:
    result, _ = _check(monkeypatch, Answer({"exchanges": [], "queues": [], "bindings": []}))

    assert result.exit_code == 3
    assert "queue scribing.parking is missing\n" in result.output


def test_differences_are_a_list_for_scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "get", lambda *_, **__: Answer({}))

    result = _run("topology", "check", "--json", MANAGEMENT_URL="http://rabbit:15672")

    assert result.exit_code == 3
    assert "queue scribing.parking is missing" in json.loads(result.output)


def test_a_management_api_that_refuses_is_told_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    result, _ = _check(monkeypatch, Answer({}, error="401 for http://user:secret@rabbit:15672"))

    assert (result.exit_code, result.output) == (1, "Error: the broker's management API: HTTPError\n")


@pytest.fixture
def key_files(tmp_path: Path) -> tuple[str, str]:
    """Give a development signing key and the public keys that belong to it."""
    key = ed25519.Ed25519PrivateKey.generate()
    named = {"kid": "dev-1", "alg": "EdDSA"}
    private, public = tmp_path / "signing.json", tmp_path / "jwks.json"
    private.write_text(json.dumps({**OKPAlgorithm.to_jwk(key, as_dict=True), **named}))
    public.write_text(
        json.dumps({"keys": [{**OKPAlgorithm.to_jwk(key.public_key(), as_dict=True), **named}]})
    )
    return str(private), str(public)


@pytest.mark.parametrize(
    ("arguments", "principal"),
    [
        (("--role", "teacher", "--student", "s-1"), Principal("p-1", "jcps", Role.TEACHER)),
        (
            ("--role", "guardian", "--student", "s-1", "--student", "s-2", "--district", "fayette"),
            Principal("p-1", "fayette", Role.GUARDIAN, frozenset({"s-1", "s-2"})),
        ),
    ],
    ids=["teacher", "guardian"],
)
def test_a_token_is_what_a_service_takes(
    key_files: tuple[str, str], arguments: tuple[str, ...], principal: Principal
) -> None:
    private, public = key_files
    variables = {"JWT_SIGNING_KEY_FILE": private, "JWT_ISSUER": "https://id.example.org"}

    result = _run("token", "--subject", "p-1", *arguments, **variables)

    verifier = TokenVerifier(
        jwks_file=public, jwks_url="", issuer="https://id.example.org", audience="backpack"
    )
    assert verifier.verify(f"Bearer {result.output.strip()}") == principal
    assert jwt.get_unverified_header(result.output.strip())["kid"] == "dev-1"


def test_a_token_of_an_unknown_role_is_not_issued(key_files: tuple[str, str]) -> None:
    result = _run("token", "--subject", "p", "--role", "king", JWT_SIGNING_KEY_FILE=key_files[0])

    assert result.exit_code == 2
    assert "'king' is not one of" in result.output
