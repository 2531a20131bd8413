"""Reading and writing data in the very form that we write it, without its schema.

Nearly every event has that form, and marshmallow takes ten times as long. The schema stays the authority:
what is not plain, or breaks one of its rules, is left to it, so that it alone says what is wrong. What is
read and written here is what the schema reads and writes; property tests hold the two together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, missing
from marshmallow.decorators import POST_DUMP, POST_LOAD, PRE_DUMP, PRE_LOAD, VALIDATES, VALIDATES_SCHEMA

Turn = Callable[[Any], Any]


class NotPlainError(Exception):
    """The schema must look at it."""


#: What a reader or writer raises for what is not plain; the schema then does it, or says what is wrong.
REFUSALS = (NotPlainError, ValidationError, AttributeError, TypeError, ValueError)


class _UnknownFormError(Exception):
    """A schema has something that only marshmallow knows how to turn."""


def reader(schema: Any) -> Turn | None:
    """Return what reads the wire form as the schema's `load`; None if the schema is not simple enough.

    Args:
        schema: an EventSchema, whose `make` builds the value.

    Returns:
        A function that raises one of REFUSALS for what the schema must look at.
    """
    try:
        return _reading(schema)
    except _UnknownFormError:
        return None


def writer(schema: Any) -> Turn | None:
    """Return what writes a value as the schema's `dump`, or None.

    What it returns for a value that breaks the contract means nothing: read it before it is used.
    """
    try:
        return _writing(schema)
    except _UnknownFormError:
        return None


def left_to_schema(_value: Any) -> Any:
    """Be the reader of a schema that has none."""
    raise NotPlainError


def _reading(schema: Any) -> Turn:
    _refuse_hooks(schema, PRE_LOAD, VALIDATES, VALIDATES_SCHEMA)
    if schema.unknown != EXCLUDE or _hooks(schema, POST_LOAD) != ["make"]:
        raise _UnknownFormError
    turns = [(name, _reading_of(field), _default(field)) for name, field in _fields(schema)]

    def read(wire: Any) -> Any:
        if type(wire) is not dict:
            raise NotPlainError
        values = {}
        for name, turn, default in turns:
            if name in wire:
                values[name] = turn(wire[name])
            elif default is missing:
                raise NotPlainError
            else:
                values[name] = default
        return schema.make(values)

    return read


def _reading_of(field: Any) -> Turn:
    if field.pre_load or field.post_load:
        raise _UnknownFormError
    turn = _bare_reading(field)
    rules, may_be_none = tuple(field.validators), field.allow_none
    if not rules and not may_be_none:
        return turn

    def read(value: Any) -> Any:
        if value is None and may_be_none:
            return None
        value = turn(value)
        for rule in rules:
            rule(value)
        return value

    return read


def _bare_reading(field: Any) -> Turn:
    kind = type(field)
    if kind in _READ and _is_usual(field):
        return _READ[kind]
    if kind is fields.List:
        return _each(_reading_of(field.inner))
    if kind is fields.Nested and not field.many and field.unknown is None:
        return _reading(field.schema)
    raise _UnknownFormError


def _is_usual(field: Any) -> bool:
    """Tell whether a field's options leave its wire form as it is by default."""
    if getattr(field, "format", None) not in {None, "iso"}:
        return False
    return not any(
        getattr(field, option, None) for option in ("default_timezone", "key_field", "value_field")
    )


def _exactly(kind: type) -> Turn:
    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise NotPlainError
        return value

    return read


def _finite(value: Any) -> float:
    if type(value) is not float or not math.isfinite(value):
        raise NotPlainError
    return value


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None or moment.isoformat() != value:
        raise NotPlainError
    return moment


def _day(value: Any) -> date:
    day = date.fromisoformat(value)
    if day.isoformat() != value:
        raise NotPlainError
    return day


def _object(value: Any) -> dict[Any, Any]:
    if type(value) is not dict:
        raise NotPlainError
    return dict(value)


#: Fields of one kind of value, and what reads its wire form.
_READ: Mapping[type[fields.Field[Any]], Turn] = {
    fields.String: _exactly(str),
    fields.Boolean: _exactly(bool),
    fields.Integer: _exactly(int),
    fields.Float: _finite,
    fields.AwareDateTime: _moment,
    fields.Date: _day,
    fields.Dict: _object,
}

#: What writes their values; None for those that are their own wire form.
_WRITE: Mapping[type[fields.Field[Any]], Turn | None] = {
    **dict.fromkeys((fields.String, fields.Boolean, fields.Integer, fields.Float)),
    fields.AwareDateTime: datetime.isoformat,
    fields.Date: date.isoformat,
    fields.Dict: dict,
}


def _each(turn: Turn) -> Turn:
    def read(value: Any) -> list[Any]:
        if type(value) is not list:
            raise NotPlainError
        return [turn(item) for item in value]

    return read


def _writing(schema: Any) -> Turn:
    _refuse_hooks(schema, PRE_DUMP)
    # A schema within another has no hook; an event's has the one that takes out what goes without saying.
    if _hooks(schema, POST_DUMP) not in ([], ["leave_out"]):
        raise _UnknownFormError
    unsaid = tuple(getattr(schema, "unsaid", {}).items())
    names = [name for name, _ in _fields(schema)]
    turns = [(name, turn) for name, field in _fields(schema) if (turn := _writing_of(field)) is not None]

    def write(data: Any) -> dict[str, Any]:
        wire = {name: getattr(data, name) for name in names}
        for name, turn in turns:
            if wire[name] is not None:
                wire[name] = turn(wire[name])
        for name, value in unsaid:
            if wire[name] == value:
                del wire[name]
        return wire

    return write


def _writing_of(field: Any) -> Turn | None:
    """Return what makes a field's wire form of a value that is not None; None if it is the value itself."""
    kind = type(field)
    if kind in _WRITE and _is_usual(field):
        return _WRITE[kind]
    if kind is fields.List:
        inner = _writing_of(field.inner)
        return list if inner is None else lambda value: [inner(item) for item in value]
    if kind is fields.Nested and not field.many:
        return _writing(field.schema)
    raise _UnknownFormError


def _fields(schema: Schema) -> list[tuple[str, Any]]:
    for field in schema.fields.values():
        if field.data_key or field.attribute or field.load_only or field.dump_only:
            raise _UnknownFormError
    return list(schema.fields.items())


def _default(field: Any) -> Any:
    """Return what a field that may be missing is taken to say; `missing` if it must be there."""
    if field.required:
        return missing
    if field.load_default is missing or callable(field.load_default):
        raise _UnknownFormError
    return field.load_default


def _hooks(schema: Any, kind: str) -> list[str]:
    return [name for name, *_ in schema._hooks[kind]]  # noqa: SLF001 - marshmallow has no other way to ask


def _refuse_hooks(schema: Any, *kinds: str) -> None:
    if any(_hooks(schema, kind) for kind in kinds):
        raise _UnknownFormError
