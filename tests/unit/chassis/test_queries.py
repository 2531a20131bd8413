"""The one place where every query is limited to the district and to what the caller may see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from pymongo.errors import AutoReconnect

from chassis.errors import NotFoundError, TransientError
from chassis.mongo import Page, Reader
from chassis.outbox import UnitOfWork


@dataclass(frozen=True)
class Note:
    note_id: str
    student_id: str


class Cursor:
    """The part of pymongo's cursor that a reader uses."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self._rows = rows

    def sort(self, name: str) -> Cursor:
        return Cursor(sorted(self._rows, key=lambda row: row[name]))

    def limit(self, most: int) -> Cursor:
        return Cursor(self._rows[:most] if most else self._rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self._rows)


class Collection:
    """Rows in memory; understands equality, `$in` and `$gt`, and remembers what it was asked."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows = rows
        self.asked: list[dict[str, Any]] = []
        self.fails = False

    def find(self, query: dict[str, Any]) -> Cursor:
        if self.fails:
            raise AutoReconnect("the connection was reset")
        self.asked.append(query)
        return Cursor([row for row in self.rows if all(_holds(row.get(k), v) for k, v in query.items())])

    def find_one(self, query: dict[str, Any]) -> dict[str, Any] | None:
        return next(iter(self.find(query)), None)

    def count_documents(self, query: dict[str, Any]) -> int:
        return len(list(self.find(query)))


def _holds(value: Any, wanted: Any) -> bool:
    if not isinstance(wanted, dict):
        return bool(value == wanted)
    return all(value in given if sign == "$in" else value > given for sign, given in wanted.items())


def _row(note_id: str, student_id: str, district: str = "jcps") -> dict[str, Any]:
    return {"_id": note_id, "district": district, "student_id": student_id}


@pytest.fixture
def collection() -> Collection:
    return Collection([_row("n3", "s2"), _row("n1", "s1"), _row("n2", "s1"), _row("x1", "s1", "fayette")])


@pytest.fixture
def notes(collection: Collection) -> type[Reader[Note]]:
    class NoteDocument:
        _get_collection: ClassVar[Any] = staticmethod(lambda: collection)
        _from_son: ClassVar[Any] = staticmethod(lambda raw: raw)

    class Notes(Reader[Note]):
        document = NoteDocument
        student_field = "student_id"

        def to_value(self, document: Any) -> Note:
            return Note(document["_id"], document["student_id"])

    return Notes


def _work(students: set[str] | None = None) -> UnitOfWork:
    return UnitOfWork(district="jcps", cause="c", students=None if students is None else frozenset(students))


N1, N2, N3 = Note("n1", "s1"), Note("n2", "s1"), Note("n3", "s2")


def test_staff_find_what_is_in_their_district(notes: type[Reader[Note]]) -> None:
    assert notes(_work()).get("n3") == N3
    assert notes(_work()).count() == 3


def test_nobody_finds_what_is_in_another_district(notes: type[Reader[Note]]) -> None:
    reader = notes(_work())

    assert reader.find("x1") is None
    assert reader.existing(["n1", "x1"]) == {"n1": N1}
    with pytest.raises(NotFoundError, match="there is no note x1"):
        reader.get("x1")


@pytest.mark.parametrize("students", [{"s1"}, {"s1", "s9"}])
def test_a_scoped_caller_sees_their_students_only_however_they_ask(
    notes: type[Reader[Note]], students: set[str]
) -> None:
    reader = notes(_work(students))

    assert reader.find("n3") is None
    assert reader.select(order_by="_id") == [N1, N2]
    assert list(reader.stream()) == [N1, N2]
    assert reader.count() == 2
    assert reader.existing(["n1", "n3"]) == {"n1": N1}
    assert reader.page(cursor=None, limit=10) == Page((N1, N2), None)


@pytest.mark.parametrize("asked", ["s2", ["s2"], {"s2", "s3"}])
def test_asking_for_somebody_elses_student_finds_nothing(notes: type[Reader[Note]], asked: Any) -> None:
    reader = notes(_work({"s1"}))

    assert reader.select(student_id=asked) == []
    assert reader.count(student_id=asked) == 0
    assert reader.page(cursor=None, limit=10, student_id=asked) == Page((), None)


def test_asking_for_some_of_ones_students_is_heard(notes: type[Reader[Note]]) -> None:
    reader = notes(_work({"s1", "s2"}))

    assert reader.select(student_id="s2") == [N3]
    assert reader.select(student_id=("s2", "s3")) == [N3]


def test_a_token_that_names_nobody_sees_nothing(notes: type[Reader[Note]]) -> None:
    assert notes(_work(set())).select() == []
    assert notes(_work(set())).find("n1") is None


def test_documents_about_no_student_are_hidden_from_scoped_callers(
    notes: type[Reader[Note]], collection: Collection
) -> None:
    class Rooms(notes):  # type: ignore[valid-type,misc]  # the fixture is a class
        student_field = None

    assert Rooms(_work()).count() == 3
    collection.asked.clear()
    scoped = Rooms(_work({"s1"}))
    with pytest.raises(NotFoundError, match="there is no note that this caller may see"):
        scoped.count()
    assert collection.asked == []
    with pytest.raises(NotFoundError, match="there is no note n1"):
        scoped.get("n1")


def test_documents_whose_id_is_the_students_are_scoped_by_it(notes: type[Reader[Note]]) -> None:
    class Students(notes):  # type: ignore[valid-type,misc]  # the fixture is a class
        student_field = "_id"

    reader = Students(_work({"n1"}))

    assert reader.find("n1") == N1
    assert reader.find("n2") is None
    assert reader.page(cursor=None, limit=5) == Page((N1,), None)
    assert reader.page(cursor="n1", limit=5) == Page((), None)


def test_every_query_holds_the_district_and_the_callers_students(notes: type[Reader[Note]]) -> None:
    reader = notes(_work({"s1"}))

    assert reader._filter(id=["n1"]) == {
        "district": "jcps",
        "_id": {"$in": ["n1"]},
        "student_id": {"$in": ["s1"]},
    }


def test_pages_follow_each_other_until_the_last(notes: type[Reader[Note]]) -> None:
    reader = notes(_work())

    first = reader.page(cursor=None, limit=2)
    last = reader.page(cursor=first.next_cursor, limit=2)

    assert (first, last) == (Page((N1, N2), "n2"), Page((N3,), None))


def test_a_page_that_is_exactly_full_is_the_last(notes: type[Reader[Note]]) -> None:
    assert notes(_work()).page(cursor=None, limit=3).next_cursor is None


def test_a_page_ignores_filters_that_were_not_given(
    notes: type[Reader[Note]], collection: Collection
) -> None:
    notes(_work()).page(cursor=None, limit=3, student_id="s1", state=None)

    assert collection.asked == [{"district": "jcps", "student_id": "s1"}]


def test_a_page_can_be_told_in_other_words() -> None:
    assert Page((1, 2), "next").map(str) == Page(("1", "2"), "next")


def test_a_selection_has_a_limit_and_an_order(notes: type[Reader[Note]]) -> None:
    assert notes(_work()).select(order_by="_id", limit=2) == [N1, N2]


def test_a_name_with_two_underscores_asks_inside_a_document(notes: type[Reader[Note]]) -> None:
    assert notes(_work())._filter(posts__school_id="sc-1") == {"district": "jcps", "posts.school_id": "sc-1"}


@pytest.mark.parametrize("method", ["find", "select", "stream", "page", "count", "existing"])
def test_a_lost_connection_may_pass(notes: type[Reader[Note]], collection: Collection, method: str) -> None:
    collection.fails = True
    reader = notes(_work())
    calls: dict[str, Callable[[], object]] = {
        "find": lambda: reader.find("n1"),
        "select": reader.select,
        "stream": lambda: list(reader.stream()),
        "page": lambda: reader.page(cursor=None, limit=1),
        "count": reader.count,
        "existing": lambda: reader.existing(["n1"]),
    }

    with pytest.raises(TransientError, match="the document store: AutoReconnect"):
        calls[method]()
