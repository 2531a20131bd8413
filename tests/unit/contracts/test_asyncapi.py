"""The AsyncAPI document says of every event what its contract says."""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jsonschema import Draft7Validator  # type: ignore[import-untyped]  # it publishes no types

from contracts import ALL_CONTRACTS, asyncapi
from contracts.artifacts import STUDENT_ENROLLED
from contracts.asyncapi import describe
from contracts.base import Contract, ContractViolationError
from contracts.defenses import READINESS_CHANGED
from contracts.scoring import ARTIFACT_SCORED

Golden = Callable[[str], dict[str, Any]]

each_contract = pytest.mark.parametrize("contract", ALL_CONTRACTS, ids=lambda contract: contract.type)


def _validator(contract: Contract[Any]) -> Draft7Validator:
    document = describe()
    payload = document["components"]["messages"][contract.type]["payload"]
    return Draft7Validator({**payload, "components": document["components"]})


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def test_every_event_has_its_channel_its_message_and_one_who_sends_it() -> None:
    document = describe()
    types = [contract.type for contract in ALL_CONTRACTS]

    assert document["asyncapi"] == "3.0.0"
    assert list(document["channels"]) == types
    assert list(document["components"]["messages"]) == types
    assert [(operation["action"], operation["tags"]) for operation in document["operations"].values()] == [
        ("send", [{"name": contract.producer}]) for contract in ALL_CONTRACTS
    ]


@each_contract
def test_a_channel_is_where_the_event_is_published(contract: Contract[Any]) -> None:
    channel = describe()["channels"][contract.type]

    assert channel["address"] == contract.type
    assert channel["bindings"]["amqp"]["exchange"] == {
        "name": contract.exchange,
        "type": "topic",
        "durable": True,
        "autoDelete": False,
    }


def test_every_reference_leads_somewhere() -> None:
    document = describe()

    for reference in _references(document):
        found: Any = document
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
        assert found


@each_contract
def test_a_golden_fits_its_description(contract: Contract[Any], golden: Golden) -> None:
    assert list(_validator(contract).iter_errors(golden(contract.type))) == []


@each_contract
def test_an_event_of_another_type_does_not(contract: Contract[Any], golden: Golden) -> None:
    other = ARTIFACT_SCORED if contract is STUDENT_ENROLLED else STUDENT_ENROLLED

    assert not _validator(contract).is_valid(golden(other.type))


@each_contract
def test_a_field_is_needed_in_the_description_if_it_is_in_the_contract(
    contract: Contract[Any], golden: Golden
) -> None:
    validator = _validator(contract)

    for name in golden(contract.type)["data"]:
        without = golden(contract.type)
        del without["data"][name]
        assert not validator.is_valid(without), name


@pytest.mark.parametrize(
    ("contract", "change"),
    [
        (STUDENT_ENROLLED, {"grade": "13"}),
        (STUDENT_ENROLLED, {"grade": None}),
        (STUDENT_ENROLLED, {"student_id": ""}),
        (STUDENT_ENROLLED, {"home_language": "español"}),
        (STUDENT_ENROLLED, {"home_language": None}),
        (STUDENT_ENROLLED, {"guardian_ids": []}),
        (STUDENT_ENROLLED, {"guardian_ids": [""]}),
        (ARTIFACT_SCORED, {"criteria": []}),
        (ARTIFACT_SCORED, {"criteria": [{"criterion_id": "c", "level": 2}]}),
        (ARTIFACT_SCORED, {"mean_level": [2.5]}),
        (READINESS_CHANGED, {"previous_status": None}),
        (READINESS_CHANGED, {"previous_status": "PERHAPS"}),
        (READINESS_CHANGED, {"input_hash": "2C26"}),
    ],
    ids=str,
)
def test_the_description_takes_what_the_contract_takes_and_nothing_else(
    contract: Contract[Any], change: dict[str, Any], golden: Golden
) -> None:
    wire = golden(contract.type)
    wire["data"] |= change
    try:
        contract.load(wire["data"])
        taken = True
    except ContractViolationError:
        taken = False

    assert _validator(contract).is_valid(wire) is taken


def test_the_document_is_printed_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(asyncapi.__file__), run_name="__main__")

    assert json.loads(capsys.readouterr().out) == describe()
