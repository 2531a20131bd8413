"""Writes that travel together fail one by one, and loads that travel together share nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import bson
import pytest
from pymongo import InsertOne, UpdateOne
from pymongo.errors import AutoReconnect, BulkWriteError, DocumentTooLarge, WriteError
from pymongo.results import UpdateResult

from chassis.errors import TransientError
from chassis.mongo.collection import GroupedCollection, grouped


class Driver:
    """The driver's collection; a document may be too large for it, or not what the store allows."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {"a": {"_id": "a", "handled": []}}
        self.commands: list[int] = []
        self.error: Exception | None = None

    def find(self, query: dict[str, Any]) -> Iterator[dict[str, Any]]:
        bson.encode(query)
        return (self.rows[each] for each in query["_id"]["$in"] if each in self.rows)

    def bulk_write(self, writes: Sequence[Any], *, ordered: bool) -> None:
        self.commands.append(len(writes))
        if self.error is not None:
            raise self.error
        documents = [write._doc for write in writes]
        for document in documents:
            bson.encode(document)
        if any(document.get("large") for document in documents):
            raise DocumentTooLarge("16 MB are not enough")
        failures = []
        for place, document in enumerate(documents):
            if document.get("wrong"):
                failures.append({"index": place, "code": 121})
            elif self.rows.setdefault(document["_id"], document) is not document:
                failures.append({"index": place, "code": 11000})
        if failures:
            raise BulkWriteError({"writeErrors": failures})


@pytest.fixture
def driver() -> Driver:
    return Driver()


def _insert(document_id: str, **fields: Any) -> InsertOne[dict[str, Any]]:
    return InsertOne({"_id": document_id, **fields})


def test_a_document_is_loaded_by_its_id_or_is_none(driver: Driver) -> None:
    collection = GroupedCollection(driver)

    assert collection.load("a") == {"_id": "a", "handled": []}
    assert collection.load("b") is None


def test_two_who_load_one_document_in_one_group_share_nothing(driver: Driver) -> None:
    first, second, missing = GroupedCollection(driver)._find(["a", "a", "b"])

    assert first == second == {"_id": "a", "handled": []}
    assert first is not None
    assert second is not None
    assert first["handled"] is not second["handled"]
    assert missing is None


def test_a_rival_who_was_faster_is_no_error(driver: Driver) -> None:
    collection = GroupedCollection(driver)

    assert collection.write(_insert("b"))
    assert not collection.write(_insert("b"))
    assert collection.write_many([_insert("c"), _insert("a"), _insert("d")]) == {1}
    assert sorted(driver.rows) == ["a", "b", "c", "d"]


def test_no_writes_are_no_command(driver: Driver) -> None:
    assert GroupedCollection(driver).write_many([]) == set()
    assert driver.commands == []


def test_a_write_that_the_store_refuses_is_its_writers_error_alone(driver: Driver) -> None:
    written, refused, rival = GroupedCollection(driver)._write(
        [_insert("b"), _insert("c", wrong=True), _insert("a")]
    )

    assert (written, rival) == (True, False)
    assert isinstance(refused, BulkWriteError)
    with pytest.raises(BulkWriteError):
        GroupedCollection(driver).write_many([_insert("e"), _insert("d", wrong=True)])


@pytest.mark.parametrize(
    "fields",
    [{"large": True}, {"text": "\ud800"}, {"number": 2**70}, {"thing": object()}],
    ids=["too large", "no UTF-8", "too great a number", "no BSON"],
)
def test_one_document_that_the_driver_refuses_does_not_hold_up_the_others(
    driver: Driver, fields: dict[str, Any]
) -> None:
    written, refused, rival = GroupedCollection(driver)._write(
        [_insert("b"), _insert("c", **fields), _insert("a")]
    )

    assert (written, rival) == (True, False)
    assert isinstance(refused, Exception)
    assert driver.commands == [3, 1, 1, 1]
    with pytest.raises(type(refused)):
        GroupedCollection(driver).write(_insert("d", **fields))


class Refusing:
    """A driver's collection that refuses a statement for many, and in a bulk one document."""

    def __init__(self, wrong: str) -> None:
        self.wrong = wrong
        self.written: list[str] = []

    def update_many(self, query: dict[str, Any], stages: list[dict[str, Any]]) -> None:
        bson.encode({"stages": stages})
        raise WriteError(f"{self.wrong} is too large", 17419)

    def bulk_write(self, writes: Sequence[UpdateOne], *, ordered: bool) -> None:
        ids = [write._filter["_id"] for write in writes]
        for write in writes:
            bson.encode({"change": write._doc})
        self.written += [each for each in ids if each != self.wrong]
        if self.wrong in ids:
            raise BulkWriteError({"writeErrors": [{"index": ids.index(self.wrong), "code": 17419}]})


def _update(document_id: str, **fields: Any) -> UpdateOne:
    return UpdateOne({"_id": document_id, "version": 1}, {"$set": {"version": 2, **fields}}, upsert=True)


def test_changes_that_the_store_refuses_together_are_made_one_by_one() -> None:
    driver = Refusing("b")

    with pytest.raises(BulkWriteError):
        GroupedCollection(driver).write_many([_update(each, state="sent") for each in "abc"])

    assert driver.written == ["a", "c"]


def test_a_change_that_cannot_be_encoded_does_not_hold_up_the_others() -> None:
    driver = Refusing("nobody")
    changes = [_update("a", text="\ud800"), *(_update(each, state="sent") for each in "bc")]

    with pytest.raises(UnicodeEncodeError):
        GroupedCollection(driver).write_many(changes)

    assert driver.written == ["b", "c"]


class Matching:
    """A driver's collection that says of each statement how many documents it was for."""

    def __init__(self) -> None:
        self.statements: list[tuple[list[str], int]] = []
        self.alone: list[str] = []

    def update_many(self, query: dict[str, Any], stages: list[dict[str, Any]]) -> Any:
        ids = query["_id"]["$in"]
        self.statements.append((ids, len(stages)))
        return UpdateResult({"n": len(ids), "nModified": len(ids)}, acknowledged=True)

    def bulk_write(self, writes: Sequence[UpdateOne], *, ordered: bool) -> None:
        self.alone += [write._filter["_id"] for write in writes]


def test_changes_of_one_version_that_take_the_same_away_are_one_statement() -> None:
    driver = Matching()
    ended = {"$set": {"version": 2}, "$unset": {"lease": ""}}
    older = UpdateOne({"_id": "f", "version": 7}, {"$set": {"version": 8}}, upsert=True)

    failed = GroupedCollection(driver).write_many(
        [
            _update("a", state="sent"),
            UpdateOne({"_id": "b", "version": 1}, ended, upsert=True),
            _update("c", state="failed"),
            UpdateOne({"_id": "d", "version": 1}, ended, upsert=True),
            older,
        ]
    )

    assert failed == set()
    assert driver.statements == [(["a", "c"], 1), (["b", "d"], 2)]
    assert driver.alone == ["f"]


def test_the_second_of_two_changes_to_one_document_goes_by_itself() -> None:
    driver = Matching()

    GroupedCollection(driver).write_many([_update("a", n=1), _update("b", n=2), _update("a", n=3)])

    assert driver.statements == [(["a", "b"], 1)]
    assert driver.alone == ["a"]


def test_a_statement_is_for_so_many_documents_at_most() -> None:
    driver = Matching()

    GroupedCollection(driver).write_many([_update(f"{number:02}") for number in range(67)])

    assert [len(ids) for ids, _ in driver.statements] == [66]
    assert driver.alone == ["66"]


def test_one_id_that_the_driver_refuses_does_not_hold_up_the_others(driver: Driver) -> None:
    found, _ = GroupedCollection(driver)._find(["a", "\ud800"])

    assert found == {"_id": "a", "handled": []}


def test_a_lost_connection_may_pass_for_all(driver: Driver) -> None:
    driver.error = AutoReconnect("reset")

    with pytest.raises(TransientError):
        GroupedCollection(driver).write(_insert("b"))
    with pytest.raises(TransientError):
        GroupedCollection(driver)._write([_insert("b"), _insert("c")])
    assert driver.commands == [1, 2]


def test_a_collection_has_one_grouping_in_a_process(driver: Driver) -> None:
    assert grouped(driver) is grouped(driver)
    assert grouped(driver) is not grouped(Driver())
