"""Reading: the one place where every query is filtered by district and by what the caller may see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from chassis.errors import NotFoundError
from chassis.mongo.collection import grouped
from chassis.mongo.connection import translated
from chassis.mongo.views import StoredView
from chassis.outbox import UnitOfWork

Value = TypeVar("Value")
Other = TypeVar("Other")


@dataclass(frozen=True)
class Page(Generic[Value]):
    """A part of a list; `next_cursor` is None on the last page."""

    items: tuple[Value, ...]
    next_cursor: str | None

    def map(self, change: Callable[[Value], Other]) -> Page[Other]:
        """Return the page with each item changed."""
        return Page(tuple(change(item) for item in self.items), self.next_cursor)


class Reader(Generic[Value]):
    """Reads documents of one kind on behalf of one unit of work."""

    #: The mongoengine document class.
    document: ClassVar[Any]
    #: The stored field that says which student a document is about; None hides it from scoped callers.
    student_field: ClassVar[str | None] = None
    #: Whether `to_value` gets a view of what is stored in place of the document: enough to read its fields.
    views: ClassVar[bool] = False

    def __init__(self, work: UnitOfWork) -> None:
        self.work = work

    def to_value(self, document: Any) -> Value:
        """Return the domain value of a document."""
        raise NotImplementedError

    def find(self, document_id: str) -> Value | None:
        """Return one value, or None if there is none that the caller may see."""
        raw = self._raw(document_id)
        return None if raw is None else self._value(raw)

    def get(self, document_id: str) -> Value:
        """Return one value.

        Raises:
            NotFoundError: if there is none that the caller may see.
        """
        found = self.find(document_id)
        if found is None:
            raise NotFoundError(f"there is no {self._noun()} {document_id}")
        return found

    def select(self, *, limit: int = 0, order_by: str = "", **equals: Any) -> list[Value]:
        """Return all values whose fields equal what is given; a list means any of its members."""
        with translated():
            found = self._collection().find(self._filter(**equals))
            if order_by:
                found = found.sort(order_by)
            return [self._value(raw) for raw in found.limit(limit)]

    def stream(self, **equals: Any) -> Iterator[Value]:
        """Yield values as `select` returns them, without holding all of them."""
        with translated():
            for raw in self._collection().find(self._filter(**equals)):
                yield self._value(raw)

    def page(self, *, cursor: str | None, limit: int, **equals: Any) -> Page[Value]:
        """Return the next values by id.

        Args:
            cursor: the `next_cursor` of the page before, None for the first.
            limit: how many at most.
            equals: as in `select`; None means no filter on that field.
        """
        given = {name: value for name, value in equals.items() if value is not None}
        query = self._filter(**given)
        if cursor is not None:
            query["_id"] = {**query.get("_id", {}), "$gt": cursor}
        with translated():
            rows = list(self._collection().find(query).sort("_id").limit(limit + 1))
        items = tuple(self._value(raw) for raw in rows[:limit])
        return Page(items, rows[limit - 1]["_id"] if len(rows) > limit else None)

    def count(self, **equals: Any) -> int:
        """Return how many values have these fields."""
        with translated():
            return int(self._collection().count_documents(self._filter(**equals)))

    def existing(self, ids: Iterable[str]) -> Mapping[str, Value]:
        """Return the values of those ids that exist, by id, in one query."""
        return {name: self._value(raw) for name, raw in self._found(ids).items()}

    def _filter(self, **equals: Any) -> dict[str, Any]:
        """The district, what the caller may see, and the equality conditions."""
        query: dict[str, Any] = {}
        for name, value in equals.items():
            stored = "_id" if name == "id" else name.replace("__", ".")
            query[stored] = (
                {"$in": list(value)} if isinstance(value, (list, tuple, set, frozenset)) else value
            )
        if self.work.students is not None:
            self._narrow(query, self.work.students)
        # The embedded store takes the index of the first key that has one: the district, which has nearly all
        # documents, comes last, and the id first.
        first = {"_id": query.pop("_id")} if "_id" in query else {}
        return {**first, **query, "district": self.work.district}

    def _narrow(self, query: dict[str, Any], students: frozenset[str]) -> None:
        if self.student_field is None:
            raise NotFoundError(f"there is no {self._noun()} that this caller may see")
        wanted = query.get(self.student_field)
        if wanted is None:
            query[self.student_field] = {"$in": sorted(students)}
        else:
            asked = set(wanted["$in"]) if isinstance(wanted, dict) else {wanted}
            query[self.student_field] = {"$in": sorted(asked & students)}

    def _found(self, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        # By their ids alone: to plan a query of more fields, the embedded store goes through all indexes.
        with translated():
            found = self._collection().find({"_id": {"$in": list(ids)}})
            return {raw["_id"]: raw for raw in found if self._may_see(raw)}

    def _raw(self, document_id: str) -> dict[str, Any] | None:
        raw = grouped(self._collection()).load(document_id)
        return raw if raw is not None and self._may_see(raw) else None

    def _may_see(self, raw: Mapping[str, Any]) -> bool:
        """Whether a document that was loaded by its id would have passed the filter."""
        if raw["district"] != self.work.district:
            return False
        return self.work.students is None or raw.get(self.student_field or "") in self.work.students

    def _value(self, raw: dict[str, Any]) -> Value:
        if self.views:
            return self.to_value(StoredView(self.document, raw))
        return self.to_value(self.document._from_son(raw))  # noqa: SLF001 - mongoengine's own reader

    def _collection(self) -> Any:
        return self.document._get_collection()  # noqa: SLF001 - the driver's collection behind the document

    def _noun(self) -> str:
        return str(self.document.__name__).removesuffix("Document").removesuffix("Copy").lower()
