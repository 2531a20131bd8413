"""The documents under every aggregate and every copy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from types import ModuleType
from typing import Any, ClassVar

from mongoengine import (
    BooleanField,
    DateTimeField,
    Document,
    EmbeddedDocumentField,
    FieldDoesNotExist,
    IntField,
    ListField,
    StringField,
    ValidationError,
)
from mongoengine.base import BaseField

from chassis.mongo.connection import translated

#: A lease that nobody holds; a date, so that a relay can ask for `leased_until <= now` without `$or`.
NO_LEASE = datetime(1970, 1, 1, tzinfo=UTC)


#: Fields without rules of their own that take every value of one type, and store it as it is.
_STORED_AS_GIVEN: Mapping[type[BaseField], type] = {
    StringField: str,
    IntField: int,
    BooleanField: bool,
    DateTimeField: datetime,
}


class RawField(BaseField):
    """A value that is stored as it is given; its writer is the chassis, which knows its shape."""


class AggregateDocument(Document):
    """State, inbox and outbox of one aggregate.

    `handled` holds what the aggregate was told and what it said about it: entries
    `{cause, asked, at, events: [{id, type, exchange, body}], pending}`. `pending` on the document says that
    the relay has work here; `leased_by` and `leased_until` are the relay's and no version counts them.
    """

    meta: ClassVar[dict[str, Any]] = {
        "abstract": True,
        "strict": False,
        "auto_create_index": False,
        "indexes": [
            {"fields": ["pending", "changed_at"], "partialFilterExpression": {"pending": True}, "cls": False}
        ],
    }
    id = StringField(primary_key=True)
    district = StringField(required=True)
    version = IntField(required=True)
    handled = ListField(RawField())
    pending = BooleanField(default=False)
    changed_at = DateTimeField(required=True)
    leased_by = StringField()
    leased_until = DateTimeField()


class ReplicaDocument(Document):
    """A copy of what we need of another service's aggregate; `source_version` is that aggregate's."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True, "strict": False, "auto_create_index": False}
    id = StringField(primary_key=True)
    district = StringField(required=True)
    source_version = IntField(required=True)


def documents_of(module: ModuleType) -> list[type[Document]]:
    """Return the concrete document classes of a service's `documents` module."""
    classes = [found for found in vars(module).values() if isinstance(found, type)]
    return [found for found in classes if issubclass(found, Document) and not _is_abstract(found)]


def _is_abstract(document: Any) -> bool:
    return bool(document._meta.get("abstract"))  # noqa: SLF001 - mongoengine's own way to ask


def aggregates_of(module: ModuleType) -> list[type[Document]]:
    """Return the aggregates among them."""
    return [found for found in documents_of(module) if issubclass(found, AggregateDocument)]


def oldest_pending(module: ModuleType) -> datetime | None:
    """Return since when the longest waiting aggregate has had events for the relay; None if none has."""
    waiting = []
    with translated():
        for document in aggregates_of(module):
            collection = document._get_collection()  # noqa: SLF001 - the driver's collection
            waiting.append(
                collection.find_one({"pending": True}, {"changed_at": 1}, sort=[("changed_at", 1)])
            )
    return min((raw["changed_at"] for raw in waiting if raw is not None), default=None)


def create_indexes(module: ModuleType) -> None:
    """Create the indexes of every document of a service; existing ones are left alone."""
    for document in documents_of(module):
        document.ensure_indexes()


def stored(document: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """Validate a document's values and return it as it is stored, without building the document.

    That costs a third of what mongoengine's own way does, and handlers do it for every event.

    Args:
        document: the class.
        values: by field name; what is missing takes the field's default. A part may be given by its
            own values in place of the embedded document, whose building would cost most of it all.

    Raises:
        mongoengine.ValidationError: if a value is not what its field says, or a required one is missing.
        mongoengine.FieldDoesNotExist: if there is no such field.
    """
    unknown = values.keys() - document._fields.keys()
    if unknown:
        raise FieldDoesNotExist(f"{document.__name__} has no {', '.join(sorted(unknown))}")
    wire = {}
    for name, field, plain in _plain_types(document):
        value = values[name] if name in values else _default(field)
        if value is None:
            if field.required:
                raise ValidationError(f"{document.__name__} needs {name}", field_name=name)
            continue
        if isinstance(value, Mapping) and isinstance(field, EmbeddedDocumentField):
            value = stored(field.document_type, value)
        elif type(value) is not plain:
            value = field.to_python(value)
            field._validate(value)  # noqa: SLF001 - what Document.validate calls
            value = field.to_mongo(value)
        wire[field.db_field] = value
    return wire


@cache
def _plain_types(document: Any) -> list[tuple[str, Any, type | None]]:
    """Return each field's name, itself, and the type whose values it takes and stores as they are."""
    return [(name, field, _plain_type(field)) for name, field in document._fields.items()]


def _plain_type(field: Any) -> type | None:
    rules = ("regex", "max_length", "min_length", "max_value", "min_value", "choices", "validation")
    if any(getattr(field, rule, None) is not None for rule in rules):
        return None
    if type(field) is ListField and type(field.field) is RawField:
        return list
    return _STORED_AS_GIVEN.get(type(field))


def _default(field: Any) -> Any:
    return field.default() if callable(field.default) else field.default


@cache
def stored_names(document: type[Any]) -> frozenset[str]:
    """Return the names under which a document's fields are stored, but for its id."""
    return frozenset({field.db_field for field in document._fields.values()} - {"_id"})
