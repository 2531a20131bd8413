"""What breaks a contract is refused, by its field's name and never by its value."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import ALL_CONTRACTS
from contracts.artifacts import ARTIFACT_UPLOADED, GUARDIAN_UPDATED, STUDENT_ENROLLED
from contracts.base import Contract, ContractViolationError, Fact, exchange_of
from contracts.defenses import DEFENSE_SCHEDULED, OUTCOME_DECIDED, READINESS_CHANGED, READINESS_CHANGED_V2
from contracts.scoring import ARTIFACT_SCORED

Golden = Callable[[str], dict[str, Any]]

each_contract = pytest.mark.parametrize("contract", ALL_CONTRACTS, ids=lambda contract: contract.type)
each_field = pytest.mark.parametrize(
    ("contract", "field"),
    [
        pytest.param(contract, name, id=f"{contract.type}-{name}")
        for contract in ALL_CONTRACTS
        for name in contract.schema().fields
    ],
)


@each_field
def test_a_missing_field_is_named_and_nothing_else_is_told_and_what_was_added_since_may_be_missing(
    contract: Contract[Any], field: str, golden: Golden
) -> None:
    wire = golden(contract.type)["data"]
    if wire.pop(field, None) is None and not contract.schema().fields[field].required:
        assert contract.load(wire) is not None
        return

    with pytest.raises(ContractViolationError) as caught:
        contract.load(wire)

    assert str(caught.value) == f"{contract.type}: data.{field}: Missing data for required field."


@each_field
def test_a_field_of_a_wrong_type_is_named_and_its_value_is_not(
    contract: Contract[Any], field: str, golden: Golden
) -> None:
    wire = {**golden(contract.type)["data"], field: {"Nayeli": ["confidential"]}}
    if contract in {READINESS_CHANGED, READINESS_CHANGED_V2, OUTCOME_DECIDED} and field in {
        "explanation",
        "snapshot",
    }:
        wire[field] = "confidential of Nayeli"

    with pytest.raises(ContractViolationError) as caught:
        contract.load(wire)

    assert str(caught.value).startswith(f"{contract.type}: data.{field}: ")
    assert "confidential" not in str(caught.value)
    assert "Nayeli" not in str(caught.value)


@each_contract
def test_unknown_fields_are_ignored_at_every_depth(contract: Contract[Any], golden: Golden) -> None:
    wire = golden(contract.type)["data"]
    newer = {**wire, "from_the_future": {"a": [1]}}
    for name, value in wire.items():
        if isinstance(value, list):
            newer[name] = [
                {**each, "from_the_future": 1} if isinstance(each, dict) else each for each in value
            ]

    assert contract.load(newer) == contract.load(wire)


@each_contract
def test_every_field_of_the_golden_is_required_and_none_that_was_added_since(
    contract: Contract[Any], golden: Golden
) -> None:
    with pytest.raises(ContractViolationError) as caught:
        contract.load({})

    promised = sorted(golden(contract.type)["data"])
    missing = [f"data.{name}: Missing data for required field." for name in promised]
    assert str(caught.value) == f"{contract.type}: {'; '.join(missing)}"


@pytest.mark.parametrize(
    ("contract", "change", "named"),
    [
        (STUDENT_ENROLLED, {"grade": "13"}, "data.grade"),
        (STUDENT_ENROLLED, {"grade": "05"}, "data.grade"),
        (STUDENT_ENROLLED, {"student_id": ""}, "data.student_id"),
        (STUDENT_ENROLLED, {"home_language": "español"}, "data.home_language"),
        (STUDENT_ENROLLED, {"guardian_ids": ["a", ""]}, "data.guardian_ids.1"),
        (GUARDIAN_UPDATED, {"relations": [{"student_id": "s", "kind": "aunt"}]}, "data.relations.0.kind"),
        (ARTIFACT_UPLOADED, {"sha256": "9F" * 32}, "data.sha256"),
        (ARTIFACT_UPLOADED, {"size_bytes": 0}, "data.size_bytes"),
        (ARTIFACT_UPLOADED, {"size_bytes": 1.5}, "data.size_bytes"),
        (ARTIFACT_UPLOADED, {"uploaded_at": "2026-10-14T17:05:12"}, "data.uploaded_at"),
        (ARTIFACT_SCORED, {"criteria": []}, "data.criteria"),
        (ARTIFACT_SCORED, {"mean_level": math.nan}, "data.mean_level"),
        (ARTIFACT_SCORED, {"mean_level": math.inf}, "data.mean_level"),
        (ARTIFACT_SCORED, {"mean_level": "-Infinity"}, "data.mean_level"),
        (READINESS_CHANGED, {"status": "PERHAPS"}, "data.status"),
        (READINESS_CHANGED, {"previous_status": "PERHAPS"}, "data.previous_status"),
        (DEFENSE_SCHEDULED, {"panel": []}, "data.panel"),
        (DEFENSE_SCHEDULED, {"panel": [{"panelist_id": "p"}]}, "data.panel.0.role"),
        (DEFENSE_SCHEDULED, {"revision": 0}, "data.revision"),
    ],
)
def test_a_value_that_the_contract_does_not_allow_is_refused_by_its_path(
    contract: Contract[Any], change: dict[str, Any], named: str, golden: Golden
) -> None:
    wire = {**golden(contract.type)["data"], **change}

    with pytest.raises(ContractViolationError) as caught:
        contract.load(wire)

    assert f"{named}: " in str(caught.value)


@each_contract
def test_none_is_taken_only_where_the_contract_says_so(contract: Contract[Any], golden: Golden) -> None:
    wire = golden(contract.type)["data"]
    may_be_none = {name for name, field in contract.schema().fields.items() if field.allow_none}

    for name in wire:
        if name in may_be_none:
            assert getattr(contract.load({**wire, name: None}), name) is None
        else:
            with pytest.raises(ContractViolationError, match=rf"data\.{name}: Field may not be null"):
                contract.load({**wire, name: None})


@pytest.mark.parametrize("wire", [[], "event", 7, None])
def test_data_that_is_no_object_is_refused(wire: Any) -> None:
    with pytest.raises(ContractViolationError, match="Invalid input type"):
        STUDENT_ENROLLED.load(wire)


def test_a_producer_cannot_say_what_would_break_its_contract(golden: Golden) -> None:
    scored = ARTIFACT_SCORED.load(golden(ARTIFACT_SCORED.type)["data"])

    with pytest.raises(ContractViolationError) as caught:
        ARTIFACT_SCORED.dump(dataclasses.replace(scored, grade="K-5", criteria=()))

    assert str(caught.value).startswith(f"{ARTIFACT_SCORED.type}: data.criteria: ")
    assert "data.grade: Must be one of" in str(caught.value)


def test_a_naive_time_is_refused_on_its_way_out(golden: Golden) -> None:
    uploaded = ARTIFACT_UPLOADED.load(golden(ARTIFACT_UPLOADED.type)["data"])
    naive = dataclasses.replace(uploaded, uploaded_at=uploaded.uploaded_at.replace(tzinfo=None))

    with pytest.raises(ContractViolationError, match=r"data\.uploaded_at: Not a valid aware datetime"):
        ARTIFACT_UPLOADED.dump(naive)


def test_what_is_announced_keeps_its_contract_beside_it(golden: Golden) -> None:
    enrolled = STUDENT_ENROLLED.load(golden(STUDENT_ENROLLED.type)["data"])

    assert STUDENT_ENROLLED.says(enrolled) == Fact(STUDENT_ENROLLED, enrolled)


@each_contract
def test_a_contract_is_named_after_its_producer_and_frozen(contract: Contract[Any]) -> None:
    producer, noun, participle, version = contract.type.split(".")

    assert (producer, f"{noun}.{participle}", version) == (
        contract.producer,
        contract.name,
        f"v{contract.version}",
    )
    assert contract.exchange == exchange_of(contract.type) == f"{contract.producer}.events"
    assert contract.dataschema == f"urn:backpack:schema:{contract.type}"
    assert [field.name for field in dataclasses.fields(contract.schema.event)] == list(
        contract.schema().fields
    )
    with pytest.raises(dataclasses.FrozenInstanceError):
        contract.version = 2  # type: ignore[misc]  # that it cannot is the test


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(data=st.data())
def test_whatever_a_field_holds_it_loads_or_breaks_the_contract(data: st.DataObject, golden: Golden) -> None:
    contract = data.draw(st.sampled_from(ALL_CONTRACTS))
    wire = golden(contract.type)["data"]
    field = data.draw(st.sampled_from(sorted(wire)))
    wire[field] = data.draw(json_values)

    try:
        loaded = contract.load(wire)
    except ContractViolationError as error:
        assert f"data.{field}" in str(error)  # noqa: PT017 - either outcome is good
    else:
        assert isinstance(loaded, contract.schema.event)
        json.dumps(contract.dump(loaded))
