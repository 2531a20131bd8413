"""The plain way: it reads and writes what the schema does, and leaves to it whatever is not plain."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import RAISE, Schema, ValidationError, fields, post_dump, post_load, pre_load, validates

from contracts import ALL_CONTRACTS, plain
from contracts.base import Contract, ContractViolationError, EventSchema

Golden = Callable[[str], dict[str, Any]]

each_contract = pytest.mark.parametrize("contract", ALL_CONTRACTS, ids=lambda contract: contract.type)


class Text(str):
    """A text that is none of ours."""

    __slots__ = ()


zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
odd_zone = timezone(timedelta(hours=5, seconds=7))
moments = st.datetimes(timezones=zones | st.sampled_from([UTC, odd_zone]))
texts = st.text(max_size=5) | st.sampled_from(["K", "12", "en-US", "READY", "x" * 201])
numbers = st.integers(-2, 3) | st.floats() | st.just(2**70)

#: What a field's wire form may be, and what is nearly that.
wires = st.recursive(
    st.none()
    | st.booleans()
    | numbers
    | texts
    | moments.map(datetime.isoformat)
    | moments.map(lambda moment: moment.isoformat(" "))
    | moments.map(lambda moment: moment.replace(tzinfo=None).isoformat())
    | st.dates().map(date.isoformat)
    | st.dates().map(lambda day: day.strftime("%G-W%V-%u")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)

#: What a producer's code may have put into an event's field.
values = st.recursive(
    st.none()
    | st.booleans()
    | numbers
    | texts
    | texts.map(Text)
    | texts.map(str.encode)
    | moments
    | st.datetimes()
    | st.dates(),
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


def outcome(turn: Callable[[Any], Any], given_to_it: Any) -> tuple[str, str]:
    """Return what came of it so that it can be compared: NaN equals itself, and 1, 1.0 and True differ."""
    try:
        return "is", repr(turn(given_to_it))
    except ContractViolationError as error:
        return "violates", str(error)
    # What no contract speaks of, such as a date where a moment belongs, fails as marshmallow fails.
    except Exception as error:  # noqa: BLE001 - the same from both is what is tested
        return "fails", type(error).__name__


#: It has a rule about two fields together, which its schema keeps.
WITH_A_RULE_OF_ITS_OWN = {"scoring.read.given.v1"}


@each_contract
def test_what_we_write_ourselves_needs_no_schema(contract: Contract[Any], golden: Golden) -> None:
    wire = golden(contract.type)["data"]
    read = plain.reader(contract.schema())

    assert (read is None) is (contract.type in WITH_A_RULE_OF_ITS_OWN)
    assert read is None or read(wire) == contract._load_by_schema(wire)


@each_contract
def test_every_contract_is_written_plainly(contract: Contract[Any], golden: Golden) -> None:
    event = contract.load(golden(contract.type)["data"])
    write = plain.writer(contract.schema())

    assert write is not None
    assert write(event) == contract._dump_by_schema(event)


@given(data=st.data())
def test_what_is_read_is_what_the_schema_reads(data: st.DataObject, golden: Golden) -> None:
    contract = data.draw(st.sampled_from(ALL_CONTRACTS))
    wire = golden(contract.type)["data"]
    name = data.draw(st.sampled_from(sorted(wire)))
    change = data.draw(st.sampled_from(["set", "set inside", "remove", "add"]))
    inside = wire[name][0] if change == "set inside" and isinstance(wire[name], list) and wire[name] else None
    if isinstance(inside, dict):
        inside[data.draw(st.sampled_from(sorted(inside)))] = data.draw(wires)
    elif isinstance(inside, str):
        wire[name][0] = data.draw(wires)
    elif change == "remove":
        del wire[name]
    elif change == "add":
        wire["from_the_future"] = data.draw(wires)
    else:
        wire[name] = data.draw(wires)

    assert outcome(contract.load, wire) == outcome(contract._load_by_schema, wire)


@given(data=st.data())
def test_what_is_written_is_what_the_schema_writes(data: st.DataObject, golden: Golden) -> None:
    contract = data.draw(st.sampled_from(ALL_CONTRACTS))
    event = contract.load(golden(contract.type)["data"])
    name = data.draw(st.sampled_from([field.name for field in dataclasses.fields(event)]))
    before = getattr(event, name)
    if isinstance(before, tuple) and before and data.draw(st.booleans()):
        changed: Any = (*before[1:], data.draw(values))
    else:
        changed = data.draw(values)
    event = dataclasses.replace(event, **{name: changed})

    assert outcome(contract.dump, event) == outcome(contract._dump_by_schema, event)


@dataclasses.dataclass(frozen=True)
class Note:
    """An event of the test."""

    text: Any


class NoteSchema(EventSchema[Note]):
    """Its wire form, which is simple."""

    event = Note
    text = fields.String(required=True)


def with_field(field: fields.Field[Any]) -> Schema:
    schema: Schema = type("Other", (NoteSchema,), {"text": field})()
    return schema


class Strict(NoteSchema):
    """Refuses what it does not know."""

    class Meta:
        """As marshmallow does by itself."""

        unknown = RAISE


class Preparing(NoteSchema):
    """Changes what it reads."""

    @pre_load
    def prepare(self, wire: Any, **_: Any) -> Any:
        return wire


class Finishing(NoteSchema):
    """Changes what it has read."""

    @post_load
    def finish(self, made: Any, **_: Any) -> Any:
        return made


class Asking(NoteSchema):
    """Has a rule of its own."""

    @validates("text")
    def ask(self, value: str, **_: Any) -> None:
        if not value:
            raise ValidationError("nothing")


class Wrapping(NoteSchema):
    """Changes what it writes."""

    @post_dump
    def wrap(self, wire: Any, **_: Any) -> Any:
        return wire


def shown(schema: type[Schema]) -> str:
    return schema.__name__


@pytest.mark.parametrize("schema", [Strict, Preparing, Finishing, Asking], ids=shown)
def test_a_schema_with_ways_of_its_own_reads_for_itself(schema: type[Schema]) -> None:
    assert plain.reader(NoteSchema()) is not None
    assert plain.reader(schema()) is None


def test_a_schema_that_changes_what_it_writes_does_so_for_itself() -> None:
    assert plain.writer(NoteSchema()) is not None
    assert plain.writer(Wrapping()) is None


@pytest.mark.parametrize(
    "field",
    [
        fields.Decimal(required=True),
        fields.String(required=True, data_key="words"),
        fields.String(required=True, attribute="words"),
        fields.String(required=True, load_only=True),
        fields.List(fields.Email(), required=True),
        fields.Nested(NoteSchema, many=True, required=True),
        fields.Dict(keys=fields.String(), required=True),
        fields.Date(format="%d.%m.%Y", required=True),
        fields.AwareDateTime(format="rfc", required=True),
    ],
    ids=lambda field: f"{type(field).__name__}-{field.data_key or ''}{field.attribute or ''}",
)
def test_a_field_that_is_not_simple_is_left_to_the_schema(field: fields.Field[Any]) -> None:
    schema = with_field(field)

    assert plain.reader(schema) is None
    assert plain.writer(schema) is None


@pytest.mark.parametrize(
    "field",
    [
        fields.String(),
        fields.String(load_default=str),
        fields.String(required=True, pre_load=str.strip),
        fields.AwareDateTime(required=True, default_timezone=UTC),
        fields.Nested(NoteSchema, required=True, unknown=RAISE),
    ],
    ids=["no default", "a default that is made", "prepared", "a zone by default", "strict inside"],
)
def test_a_field_that_is_read_in_a_way_of_its_own_is_left_to_the_schema(field: fields.Field[Any]) -> None:
    assert plain.reader(with_field(field)) is None


@pytest.mark.parametrize(
    ("field", "wire"),
    [
        (fields.String(required=True), 7),
        (fields.String(required=True), None),
        (fields.Float(required=True), math.nan),
        (fields.Float(required=True), 1),
        (fields.AwareDateTime(required=True), "2026-11-03T12:00:00"),
        (fields.AwareDateTime(required=True), "2026-11-03 12:00:00+00:00"),
        (fields.Date(required=True), "2026-W45-2"),
        (fields.Date(required=True), "soon"),
        (fields.Dict(required=True), []),
        (fields.List(fields.String(), required=True), "abc"),
        (fields.Nested(NoteSchema, required=True), "abc"),
        (fields.Nested(NoteSchema, required=True), {}),
    ],
    ids=str,
)
def test_a_wire_form_that_is_not_plain_is_left_to_the_schema(field: fields.Field[Any], wire: Any) -> None:
    read = plain.reader(with_field(field))

    assert read is not None
    with pytest.raises(plain.REFUSALS):
        read({"text": wire})


def test_none_is_its_own_wire_form_where_it_is_allowed() -> None:
    schema = with_field(fields.Date(required=True, allow_none=True))
    read, write = plain.reader(schema), plain.writer(schema)

    assert read is not None
    assert write is not None
    assert write(Note(None)) == {"text": None}
    assert read({"text": None}) == Note(None)
    assert write(Note(date(2026, 11, 3))) == {"text": "2026-11-03"}


NOTE = Contract("bench", "note.written", 1, Wrapping)
PREPARED = Contract("bench", "note.prepared", 1, Preparing)


def test_what_the_schema_does_for_itself_comes_out_as_well() -> None:
    assert NOTE.dump(Note("a")) == {"text": "a"}
    assert PREPARED.load({"text": "a"}) == Note("a")
    json.dumps(PREPARED.dump(Note("a")))
