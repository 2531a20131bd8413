"""Reading a stored document by its fields' names, without building the document."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import cache
from typing import Any, cast

from mongoengine import EmbeddedDocumentField, ListField


class StoredView:
    """A stored document, or a part of one, with the attributes that mongoengine's own object would have.

    It reads only what is asked for. Building the object converts and validates every field, and costs ten
    times as much; what is stored was validated when it was written.
    """

    __slots__ = ("_raw", "_type")

    def __init__(self, document: type[Any], raw: Mapping[str, Any]) -> None:
        self._type = document
        self._raw = raw

    def __getattr__(self, name: str) -> Any:
        stored_name, part, many, default = _reading(cast("Hashable", self._type))[name]
        value = self._raw.get(stored_name)
        if value is None:
            return default() if callable(default) else default
        if part is None:
            return value
        return [StoredView(part, each) for each in value] if many else StoredView(part, value)


@cache
def _reading(document: Any) -> Mapping[str, tuple[str, type[Any] | None, bool, Any]]:
    """Return by field: its stored name, the class of its parts if any, whether many, and its default."""
    return {
        name: (field.db_field, _part(field), isinstance(field, ListField), field.default)
        for name, field in document._fields.items()
    }


def _part(field: Any) -> type[Any] | None:
    inner = field.field if isinstance(field, ListField) else field
    return inner.document_type if isinstance(inner, EmbeddedDocumentField) else None
