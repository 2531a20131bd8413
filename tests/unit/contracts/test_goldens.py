"""The golden payloads: what each event version looked like when it was promised. They are never edited."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.contracts import (
    promises_of_artifacts,
    promises_of_defenses,
    promises_of_hearings,
    promises_of_milestones,
    promises_of_notifications,
    promises_of_scoring,
)

from contracts import ALL_CONTRACTS, BY_TYPE
from contracts.base import Contract
from contracts.envelope import Envelope, derived_id, parse, seal

GOLDEN = Path(__file__).parents[3] / "libs" / "contracts" / "golden"

PROMISES = {
    **promises_of_artifacts.PROMISES,
    **promises_of_scoring.PROMISES,
    **promises_of_defenses.PROMISES,
    **promises_of_milestones.PROMISES,
    **promises_of_hearings.PROMISES,
    **promises_of_notifications.PROMISES,
}

each_contract = pytest.mark.parametrize("contract", ALL_CONTRACTS, ids=lambda contract: contract.type)


def _text(contract: Contract[Any]) -> str:
    return (GOLDEN / f"{contract.type}.json").read_text(encoding="utf-8")


def _golden(contract: Contract[Any]) -> Envelope:
    return parse(_text(contract).encode())


def test_every_contract_has_exactly_one_golden_and_one_promise() -> None:
    goldens = sorted(path.name for path in GOLDEN.iterdir())

    assert goldens == sorted(f"{contract.type}.json" for contract in ALL_CONTRACTS)
    assert sorted(PROMISES) == sorted(contract.type for contract in ALL_CONTRACTS)


def test_no_two_contracts_share_a_type() -> None:
    assert list(BY_TYPE.values()) == list(ALL_CONTRACTS)


@each_contract
def test_the_golden_is_what_it_promised(contract: Contract[Any]) -> None:
    promise = PROMISES[contract.type]
    golden = _golden(contract)

    assert contract.load(golden.data) == promise.data
    assert (golden.subject, golden.subject_version) == promise.subject
    assert (golden.time, golden.traceparent, golden.district) == (promise.time, promise.traceparent, "jcps")
    assert (golden.type, golden.source) == (contract.type, f"/backpack/{contract.producer}")


@each_contract
def test_saying_it_again_gives_the_same_bytes(contract: Contract[Any]) -> None:
    promise = PROMISES[contract.type]

    said = seal(
        contract,
        promise.data,
        subject=promise.subject,
        district="jcps",
        time=promise.time,
        traceparent=promise.traceparent,
    )

    assert json.dumps(said.to_wire(), indent=2, ensure_ascii=False) + "\n" == _text(contract)
    assert said.to_bytes() == json.dumps(json.loads(_text(contract)), ensure_ascii=False).encode()


@each_contract
def test_the_goldens_id_is_derived_from_producer_subject_version_and_type(contract: Contract[Any]) -> None:
    golden = _golden(contract)

    assert golden.id == derived_id(contract.producer, golden.subject, golden.subject_version, contract.type)


@each_contract
def test_a_parsed_golden_travels_on_unchanged(contract: Contract[Any]) -> None:
    golden = _golden(contract)

    assert parse(golden.to_bytes()) == golden
    assert contract.dump(contract.load(golden.data)) == golden.data
