"""The envelope: what travels, what is refused, and ids that are derived and never drawn."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.artifacts import SCHOOL_UPDATED, STUDENT_WITHDRAWN, SchoolUpdated, StudentWithdrawn
from contracts.base import ContractViolationError
from contracts.envelope import (
    CONTENT_TYPE,
    NAMESPACE,
    Envelope,
    _as_we_write_it,
    _by_schema,
    derived_id,
    from_wire,
    parse,
    seal,
)

Golden = Callable[[str], dict[str, Any]]

NOON = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
WITHDRAWN = StudentWithdrawn(student_id="student-1", school_id="school-1")

#: Text as JSON in UTF-8 can carry it.
texts = st.text(st.characters(codec="utf-8"))
ids = st.text(st.characters(codec="utf-8"), min_size=1, max_size=200)
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
times = st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2200, 1, 1), timezones=zones)  # noqa: DTZ001 - hypothesis wants naive bounds


def _body(wire: Any) -> bytes:
    return json.dumps(wire).encode()


def test_the_content_type_is_that_of_structured_cloud_events() -> None:
    assert CONTENT_TYPE == "application/cloudevents+json"


def test_a_derived_id_is_the_same_whenever_and_wherever_it_is_derived() -> None:
    assert derived_id("scoring", "task", "a-1") == "f7eb1ba8-ecf8-523d-9499-d7decb2edf48"
    assert UUID(derived_id("scoring", "task", 7)).version == 5
    assert derived_id("scoring", "task", 7) == derived_id("scoring", "task", "7")


@given(st.lists(texts | st.integers(), max_size=4))
def test_a_derived_id_is_the_uuid_5_of_its_parts(parts: list[str | int]) -> None:
    assert derived_id(*parts) == str(uuid5(NAMESPACE, "\x1f".join(map(str, parts))))


@given(one=st.lists(texts, min_size=1, max_size=4), other=st.lists(texts, min_size=1, max_size=4))
def test_two_derived_ids_are_equal_only_if_their_parts_are(one: list[str], other: list[str]) -> None:
    distinct = "\x1f".join(one) != "\x1f".join(other)

    assert (derived_id(*one) != derived_id(*other)) is distinct


def test_an_id_depends_on_producer_subject_version_and_type() -> None:
    events = [
        seal(STUDENT_WITHDRAWN, WITHDRAWN, subject=subject, district="jcps", time=NOON)
        for subject in (("student-1", 1), ("student-1", 2), ("student-2", 1))
    ]

    assert [event.id for event in events] == [
        derived_id("artifacts", subject, version, "artifacts.student.withdrawn.v1")
        for subject, version in (("student-1", 1), ("student-1", 2), ("student-2", 1))
    ]
    assert len({event.id for event in events}) == 3


def test_an_id_does_not_depend_on_time_district_or_trace() -> None:
    one = seal(STUDENT_WITHDRAWN, WITHDRAWN, subject=("s", 1), district="jcps", time=NOON)
    other = seal(
        STUDENT_WITHDRAWN,
        WITHDRAWN,
        subject=("s", 1),
        district="fayette",
        time=NOON + timedelta(days=1),
        traceparent="00-1-2-01",
    )

    assert one.id == other.id


def test_an_event_without_a_trace_does_not_speak_of_one() -> None:
    event = seal(STUDENT_WITHDRAWN, WITHDRAWN, subject=("s", 1), district="jcps", time=NOON)

    assert "traceparent" not in event.to_wire()
    assert parse(event.to_bytes()) == event


def test_data_that_breaks_its_contract_is_not_sealed() -> None:
    with pytest.raises(ContractViolationError, match=r"data\.student_id: Length"):
        seal(
            STUDENT_WITHDRAWN,
            StudentWithdrawn(student_id="", school_id="school-1"),
            subject=("s", 1),
            district="jcps",
            time=NOON,
        )


@given(
    data=st.builds(
        SchoolUpdated,
        school_id=ids,
        name=st.text(st.characters(codec="utf-8"), min_size=1, max_size=300),
        time_zone=st.sampled_from(["America/Kentucky/Louisville", "America/Chicago"]),
        active=st.booleans(),
    ),
    subject=st.tuples(ids, st.integers(1, 2**53)),
    district=st.text(st.characters(codec="utf-8"), min_size=1, max_size=100),
    time=times,
    traceparent=st.none() | ids,
)
def test_what_is_sealed_arrives_as_it_was(
    data: SchoolUpdated, subject: tuple[str, int], district: str, time: datetime, traceparent: str | None
) -> None:
    sealed = seal(
        SCHOOL_UPDATED, data, subject=subject, district=district, time=time, traceparent=traceparent
    )

    arrived = parse(sealed.to_bytes())

    assert arrived == sealed
    assert SCHOOL_UPDATED.load(arrived.data) == data
    assert arrived.to_bytes() == sealed.to_bytes()


@pytest.mark.parametrize(
    "attribute",
    [
        "specversion",
        "id",
        "source",
        "type",
        "subject",
        "subjectversion",
        "time",
        "dataschema",
        "district",
        "data",
    ],
)
def test_an_attribute_that_is_missing_is_named(attribute: str, golden: Golden) -> None:
    wire = golden(STUDENT_WITHDRAWN.type)
    del wire[attribute]

    with pytest.raises(ContractViolationError) as caught:
        parse(_body(wire))

    assert str(caught.value) == f"the envelope's attributes are missing or wrong: {attribute}"


@pytest.mark.parametrize(
    "change",
    [
        {"specversion": "0.3"},
        {"id": "not-a-uuid"},
        {"subject": ""},
        {"subjectversion": 0},
        {"subjectversion": "one"},
        {"subjectversion": 1.5},
        {"time": "2026-11-03T12:00:00"},
        {"time": "yesterday"},
        {"district": "d" * 101},
        {"data": ["a list"]},
        {"traceparent": 7},
    ],
    ids=lambda change: f"{change}"[:40],
)
def test_an_attribute_that_is_wrong_is_named_without_its_value(
    change: dict[str, Any], golden: Golden
) -> None:
    [name] = change

    with pytest.raises(ContractViolationError) as caught:
        parse(_body({**golden(STUDENT_WITHDRAWN.type), **change}))

    assert str(caught.value) == f"the envelope's attributes are missing or wrong: {name}"


def test_extensions_of_others_are_ignored(golden: Golden) -> None:
    wire = golden(STUDENT_WITHDRAWN.type)

    assert from_wire({**wire, "partitionkey": "p"}) == from_wire(wire)


def test_the_optional_attributes_may_be_missing(golden: Golden) -> None:
    wire = golden(STUDENT_WITHDRAWN.type)
    without = {name: value for name, value in wire.items() if name not in {"datacontenttype", "traceparent"}}

    assert from_wire(without) == from_wire(wire)


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_json_does_not_have_are_refused(constant: str) -> None:
    with pytest.raises(ContractViolationError) as caught:
        parse(f'{{"data": {{"level": {constant}}}}}'.encode())

    assert str(caught.value) == f"the body holds {constant}, which is not JSON"


def test_numbers_that_json_does_not_have_are_never_written(golden: Golden) -> None:
    wire = golden(STUDENT_WITHDRAWN.type)
    event = from_wire({**wire, "data": {"level": math.nan}})

    with pytest.raises(ValueError, match="not JSON compliant"):
        event.to_bytes()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"{",
        b"student withdrawn",
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b'{"subjectversion": ' + b"1" * 5_000 + b"}",
    ],
    ids=["empty", "no UTF-8", "cut off", "words", "deep lists", "deep objects", "a number without end"],
)
def test_a_body_that_is_not_json_is_refused_without_telling_what_it_holds(body: bytes) -> None:
    with pytest.raises(ContractViolationError, match=r"^the body is not JSON: [A-Za-z]+$"):
        parse(body)


def test_half_a_character_which_no_store_can_keep_is_refused(golden: Golden) -> None:
    wire = golden(STUDENT_WITHDRAWN.type)
    wire["data"]["student_id"] = "\ud83c"

    with pytest.raises(ContractViolationError):
        parse(_body(wire))


@pytest.mark.parametrize("wire", [[], "an event", 7, None, True])
def test_json_that_is_no_object_is_refused(wire: Any) -> None:
    with pytest.raises(ContractViolationError, match="missing or wrong: _schema"):
        parse(_body(wire))


@given(st.binary())
def test_no_bytes_raise_anything_but_a_violation(body: bytes) -> None:
    with pytest.raises(ContractViolationError):
        parse(body)


@given(data=st.data())
def test_whatever_an_attribute_holds_it_parses_or_is_a_violation(data: st.DataObject, golden: Golden) -> None:
    wire = golden(STUDENT_WITHDRAWN.type)
    name = data.draw(st.sampled_from(sorted(wire)))
    wire[name] = data.draw(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | texts
        | times.map(str)
        | st.lists(texts, max_size=2)
        | st.dictionaries(texts, texts, max_size=2)
    )

    try:
        arrived = parse(_body(wire))
    except ContractViolationError as error:
        assert str(error).endswith(f": {name}")  # noqa: PT017 - either outcome is good
    else:
        assert isinstance(arrived, Envelope)
        assert parse(arrived.to_bytes()) == arrived


#: Values that are nearly what `to_wire` writes, some of which the schema takes and some not.
NEARLY = {
    "specversion": st.sampled_from(["1.0", "1", 1.0, None]),
    "id": st.uuids().map(str)
    | st.uuids().map(lambda drawn: str(drawn).upper())
    | st.uuids().map(lambda drawn: drawn.urn)
    | st.uuids().map(lambda drawn: drawn.hex),
    "subjectversion": st.sampled_from([1, 7, 0, -1, True, False, 1.0, 1.5, "1", None]),
    "time": times.map(lambda moment: moment.isoformat())
    | times.map(lambda moment: moment.isoformat().replace("+00:00", "Z"))
    | times.map(lambda moment: moment.replace(tzinfo=None).isoformat())
    | times.map(lambda moment: moment.strftime("%G-W%V-%u"))
    | times.map(lambda moment: moment.isoformat(" ")),
    "traceparent": st.none() | texts | st.integers(),
    "datacontenttype": st.sampled_from(["application/json", "text/plain", None, 3]),
    "dataschema": texts | st.just("") | st.none(),
    "data": st.dictionaries(texts, texts, max_size=2) | st.none() | st.lists(texts, max_size=1),
} | dict.fromkeys(
    ("source", "type", "subject", "district"),
    st.sampled_from([0, 1, 99, 100, 101, 199, 200, 201]).map("x".__mul__) | st.none() | st.integers(),
)


@given(
    changes=st.fixed_dictionaries({}, optional=NEARLY),
    gone=st.sets(st.sampled_from(sorted(NEARLY)), max_size=1),
)
def test_what_is_read_without_the_schema_is_what_the_schema_reads(
    changes: dict[str, Any], gone: set[str], golden: Golden
) -> None:
    wire = {**golden(STUDENT_WITHDRAWN.type), **changes}
    for name in gone:
        wire.pop(name, None)

    at_a_glance = _as_we_write_it(wire)

    assert at_a_glance is None or at_a_glance == _by_schema(wire)


def test_what_we_write_ourselves_needs_no_schema(golden: Golden) -> None:
    wire = golden(STUDENT_WITHDRAWN.type)

    assert _as_we_write_it(wire) == _by_schema(wire)
