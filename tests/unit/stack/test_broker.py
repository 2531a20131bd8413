"""The files that a broker is started with."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from stack import broker
from stack.packages import SystemParts


@pytest.fixture
def node(tmp_path: Path) -> broker.Broker:
    parts = SystemParts(tmp_path / "rabbitmq-server", tmp_path / "erlang", tmp_path / "nginx")
    return broker.Broker(
        tmp_path / "node", broker.BrokerPorts(1, 2, 3, 4, 5), parts, password="open sesame", vhost="back/pack"
    )


def test_hashes_a_password_as_rabbitmq_documents_it() -> None:
    # The example of rabbitmq.com/docs/passwords.
    hashed = broker.password_hash("test12", salt=bytes.fromhex("908DC60A"))

    assert hashed == "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR"


def test_quotes_the_virtual_host_in_its_address(node: broker.Broker) -> None:
    assert node.amqp_url.endswith("@127.0.0.1:1/back%2Fpack")


def test_is_born_with_our_user_even_without_a_topology(node: broker.Broker, tmp_path: Path) -> None:
    broker.write_files(node, tmp_path / "none.json")

    path = node.directory / "definitions.json"
    born_with = json.loads(path.read_text())
    assert [user["name"] for user in born_with["users"]] == ["backpack"]
    assert born_with["vhosts"] == [{"name": "back/pack"}]
    assert "open sesame" not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_keeps_the_topology_it_is_given(node: broker.Broker, tmp_path: Path) -> None:
    topology = {"vhosts": [{"name": "backpack"}], "queues": [{"name": "q", "vhost": "backpack"}]}
    given = tmp_path / "definitions.json"
    given.write_text(json.dumps(topology))

    broker.write_files(node, given)

    born_with = json.loads((node.directory / "definitions.json").read_text())
    assert born_with["queues"] == topology["queues"]
    assert broker.vhost_of(given) == "backpack"
    assert broker.vhost_of(tmp_path / "none.json") == "/"
