"""Stored documents: the plain way stores what mongoengine's own fields store, and refuses what they do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mongoengine import (
    BooleanField,
    DateTimeField,
    EmbeddedDocument,
    EmbeddedDocumentField,
    IntField,
    ListField,
    StringField,
    ValidationError,
)

from chassis.mongo.documents import RawField, ReplicaDocument, stored


class Part(EmbeddedDocument):  # type: ignore[misc]  # mongoengine has no types
    """A part, which may lack one of its fields."""

    name = StringField(required=True)
    size = IntField()


class Thing(ReplicaDocument):
    """One field of each kind, and such as have rules."""

    words = StringField()
    code = StringField(max_length=2)
    choice = StringField(choices=("a", "b"))
    count = IntField()
    small = IntField(max_value=3)
    yes = BooleanField()
    moment = DateTimeField()
    anything = ListField(RawField())
    texts = ListField(StringField())
    part = EmbeddedDocumentField(Part)


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False)
    | st.text(max_size=4)
    | st.datetimes(timezones=st.just(UTC))
    | st.dates()
    | st.sampled_from(["a", "7", "2026-11-03"]),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)


def by_library(given_values: dict[str, Any]) -> dict[str, Any]:
    wire = {}
    for name, value in given_values.items():
        field = Thing._fields[name]
        if value is not None:
            read = field.to_python(value)
            field._validate(read)
            wire[field.db_field] = field.to_mongo(read)
    return wire


def outcome(turn: Callable[[], dict[str, Any]]) -> str:
    """Return what came of it; `stored` gives a missing list as an empty one."""
    try:
        return repr(sorted((name, kept) for name, kept in turn().items() if kept != []))
    except Exception as error:  # noqa: BLE001 - the same from both is what is tested
        return type(error).__name__


@given(name=st.sampled_from(sorted({*Thing._fields} - {"id", "district", "source_version"})), value=values)
def test_a_value_is_stored_or_refused_as_mongoengine_does(name: str, value: Any) -> None:
    whole = {"id": "a", "district": "d", "source_version": 1, name: value}

    assert outcome(lambda: stored(Thing, whole)) == outcome(lambda: by_library(whole))


def test_a_day_in_place_of_a_moment_is_stored_as_a_moment() -> None:
    whole = {"id": "a", "district": "d", "source_version": 1, "moment": date(2026, 11, 3)}

    assert stored(Thing, whole)["moment"] == datetime(2026, 11, 3)  # noqa: DTZ001 - as mongoengine has it


@pytest.mark.parametrize("part", [{"name": "a", "size": 2}, {"name": "a", "size": None}, {"name": "a"}])
def test_a_part_is_stored_by_its_values_as_by_its_document(part: dict[str, Any]) -> None:
    whole = {"id": "a", "district": "d", "source_version": 1}

    assert stored(Thing, {**whole, "part": part}) == stored(Thing, {**whole, "part": Part(**part)})


@pytest.mark.parametrize("part", [{"size": 2}, {"name": "a", "size": "many"}])
def test_a_part_that_is_not_whole_is_refused(part: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        stored(Thing, {"id": "a", "district": "d", "source_version": 1, "part": part})
