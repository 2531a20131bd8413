"""State, inbox and outbox are one write: a repeated cause, a conflict and a narrow caller change nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from mongoengine import IntField, StringField, ValidationError
from pymongo import InsertOne, UpdateOne
from pymongo.errors import AutoReconnect, BulkWriteError

from chassis.errors import ConflictError, NotFoundError, TransientError
from chassis.mongo import AggregateDocument, AggregateRepository, Decide
from chassis.outbox import UnitOfWork
from contracts.artifacts import STUDENT_WITHDRAWN, StudentWithdrawn
from contracts.base import ContractViolationError, Fact
from contracts.envelope import derived_id, parse

NOON = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
GONE = STUDENT_WITHDRAWN.says(StudentWithdrawn(student_id="s1", school_id="sc1"))


@dataclass(frozen=True)
class Account:
    student_id: str
    total: int
    note: str | None = None


class Store:
    """One collection in memory, with the little of bulk writes that a repository uses."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self.meanwhile: Callable[[], None] = lambda: None
        self.error: Exception | None = None

    def find(self, query: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for row in self.rows.values():
            if all(self._holds(row.get(name), wanted) for name, wanted in query.items()):
                yield dict(row)

    def find_one(self, query: dict[str, Any]) -> dict[str, Any] | None:
        return next(self.find(query), None)

    def bulk_write(self, writes: Sequence[Any], *, ordered: bool) -> None:
        assert not ordered
        self.meanwhile()
        if self.error:
            raise self.error
        failures = [
            {"index": place, "code": 11000} for place, write in enumerate(writes) if not self._write(write)
        ]
        if failures:
            raise BulkWriteError({"writeErrors": failures})

    def rival(self, aggregate_id: str, total: int) -> None:
        """Write as another process does."""
        fresh = {"_id": aggregate_id, "district": "jcps", "student_id": "s1", "version": 0, "handled": []}
        row = self.rows.setdefault(aggregate_id, fresh)
        row |= {"total": total, "version": row["version"] + 1, "changed_at": NOON, "pending": False}

    def once(self, happens: Callable[[], None]) -> None:
        """Let something happen just before the next write, and only then."""

        def meanwhile() -> None:
            self.meanwhile = lambda: None
            happens()

        self.meanwhile = meanwhile

    def _write(self, write: Any) -> bool:
        if isinstance(write, InsertOne):
            document: dict[str, Any] = write._doc
            return self.rows.setdefault(document["_id"], document) is document
        assert isinstance(write, UpdateOne)
        row = self.rows.get(write._filter["_id"])
        if row is None or row["version"] != write._filter["version"]:
            return False
        update: Any = write._doc
        row.update(update["$set"])
        for name in update.get("$unset", {}):
            row.pop(name, None)
        return True

    @staticmethod
    def _holds(value: Any, wanted: Any) -> bool:
        return value in wanted["$in"] if isinstance(wanted, dict) else bool(value == wanted)


STORE = Store()


class AccountDocument(AggregateDocument):
    """An account, stored in memory."""

    meta: ClassVar[dict[str, Any]] = {"collection": "accounts"}
    student_id = StringField(required=True)
    total = IntField(required=True)
    note = StringField()

    @classmethod
    def _get_collection(cls) -> Store:
        return STORE


class Accounts(AggregateRepository[Account]):
    document = AccountDocument
    student_field = "student_id"

    def to_value(self, document: Any) -> Account:
        return Account(document.student_id, document.total, document.note)

    def to_fields(self, value: Account) -> dict[str, Any]:
        return {"student_id": value.student_id, "total": value.total, "note": value.note}


@pytest.fixture(autouse=True)
def store() -> Store:
    """Give the empty store."""
    STORE.__init__()  # type: ignore[misc]  # documents find their collection by name, so it is one object
    return STORE


@dataclass
class Adding:
    """Adds to an account, and remembers what it was asked about."""

    amount: int = 1
    facts: tuple[Fact, ...] = (GONE,)
    seen: list[Account | None] = field(default_factory=list)

    def __call__(self, current: Account | None) -> tuple[Account, Sequence[Fact]]:
        self.seen.append(current)
        total = self.amount + (current.total if current else 0)
        return (replace(current, total=total) if current else Account("s1", total)), self.facts


def _work(cause: str, **about: Any) -> UnitOfWork:
    return UnitOfWork(**{"district": "jcps", "cause": cause, "now": NOON, "relayed": False, **about})


def test_a_new_aggregate_is_stored_with_its_cause_and_its_events(store: Store) -> None:
    work = _work("e-1", traceparent="00-1-2-01")

    assert Accounts(work).change("a1", Adding()) == Account("s1", 1)

    [event] = work.outgoing
    assert event.id == derived_id("artifacts", "a1", 1, STUDENT_WITHDRAWN.type)
    assert (parse(event.body).time, parse(event.body).traceparent) == (NOON, "00-1-2-01")
    stored = store.rows["a1"]
    assert (stored["version"], stored["district"], stored["pending"]) == (1, "jcps", False)
    assert stored["handled"] == [
        {
            "cause": "e-1",
            "at": NOON,
            "events": [
                {
                    "id": event.id,
                    "type": event.type,
                    "exchange": "artifacts.events",
                    "body": event.body.decode(),
                }
            ],
        }
    ]


def test_a_repeated_cause_changes_nothing_and_says_the_same_bytes_again() -> None:
    first, again = _work("e-1"), _work("e-1", now=NOON + timedelta(hours=1))
    Accounts(first).change("a1", Adding())
    asked = Adding()

    assert Accounts(again).change("a1", asked) == Account("s1", 1)

    assert asked.seen == []
    assert again.outgoing == first.outgoing


def test_each_cause_counts_once_and_versions_rise_by_one(store: Store) -> None:
    for cause in ("e-1", "e-2", "e-2", "e-3", "e-1"):
        Accounts(_work(cause)).change("a1", Adding())

    assert (store.rows["a1"]["version"], store.rows["a1"]["total"]) == (3, 3)
    assert [entry["cause"] for entry in store.rows["a1"]["handled"]] == ["e-1", "e-2", "e-3"]


def test_calls_and_timers_leave_their_events_to_the_relay(store: Store) -> None:
    work = _work("key-1", relayed=True)

    Accounts(work).change("a1", Adding())

    assert work.outgoing == []
    assert store.rows["a1"]["pending"]
    assert store.rows["a1"]["handled"][0]["pending"]


def test_what_is_pending_stays_so_when_a_handler_writes_after_a_call(store: Store) -> None:
    Accounts(_work("key-1", relayed=True)).change("a1", Adding())

    Accounts(_work("e-1")).change("a1", Adding())

    assert store.rows["a1"]["pending"]
    assert [entry.get("pending", False) for entry in store.rows["a1"]["handled"]] == [True, False]


def test_a_call_that_says_nothing_gives_the_relay_no_work(store: Store) -> None:
    Accounts(_work("key-1", relayed=True)).change("a1", Adding(facts=()))

    assert not store.rows["a1"]["pending"]


def test_old_causes_are_forgotten_unless_their_events_wait(store: Store) -> None:
    Accounts(_work("old", now=NOON - timedelta(days=31))).change("a1", Adding())
    Accounts(_work("waiting", now=NOON - timedelta(days=31), relayed=True)).change("a1", Adding())
    Accounts(_work("kept", now=NOON - timedelta(days=30))).change("a1", Adding())

    Accounts(_work("new")).change("a1", Adding())

    assert [entry["cause"] for entry in store.rows["a1"]["handled"]] == ["waiting", "kept", "new"]


def test_a_decision_to_change_nothing_writes_nothing(store: Store) -> None:
    assert Accounts(_work("e-1")).change("a1", lambda _: None) is None
    Accounts(_work("e-2")).change("a1", Adding())
    assert Accounts(_work("e-3")).change("a1", lambda _: None) == Account("s1", 1)

    assert store.rows["a1"]["version"] == 1


def test_after_a_conflict_it_is_decided_again_on_what_others_wrote(store: Store) -> None:
    Accounts(_work("e-1")).change("a1", Adding())
    store.once(lambda: store.rival("a1", total=11))
    adding = Adding()

    assert Accounts(_work("e-3")).change("a1", adding) == Account("s1", 12)

    assert adding.seen == [Account("s1", 1), Account("s1", 11)]
    assert store.rows["a1"]["version"] == 3


def test_who_creates_second_changes_what_the_first_created(store: Store) -> None:
    store.once(lambda: store.rival("a1", total=10))

    assert Accounts(_work("e-2")).change("a1", Adding()) == Account("s1", 11)


def test_who_always_loses_gives_up_for_now(store: Store) -> None:
    Accounts(_work("e-1")).change("a1", Adding())

    def meanwhile() -> None:
        store.rows["a1"]["version"] += 1

    store.meanwhile = meanwhile
    work = _work("e-2")

    with pytest.raises(ConflictError, match="account a1 was changed by others 8 times"):
        Accounts(work).change("a1", Adding())
    assert work.outgoing == []


def test_a_field_that_is_gone_is_gone_in_the_store(store: Store) -> None:
    Accounts(_work("e-1")).change("a1", lambda _: (Account("s1", 1, "first"), []))
    assert store.rows["a1"]["note"] == "first"

    Accounts(_work("e-2")).change("a1", lambda _: (Account("s1", 1), []))

    assert "note" not in store.rows["a1"]


def test_a_field_that_is_kept_is_kept_in_the_store(store: Store) -> None:
    for cause in ("e-1", "e-2"):
        Accounts(_work(cause)).change("a1", lambda _: (Account("s1", 1, "same"), []))

    assert (store.rows["a1"]["note"], store.rows["a1"]["version"]) == ("same", 2)


def test_the_relays_lease_is_left_alone(store: Store) -> None:
    Accounts(_work("key-1", relayed=True)).change("a1", Adding())
    store.rows["a1"] |= {"leased_by": "relay-1", "leased_until": NOON}

    Accounts(_work("key-2", relayed=True)).change("a1", Adding())

    assert (store.rows["a1"]["leased_by"], store.rows["a1"]["leased_until"]) == ("relay-1", NOON)


def test_an_event_waits_for_the_relay_even_if_the_relay_ended_its_last_work_meanwhile(store: Store) -> None:
    Accounts(_work("key-1", relayed=True)).change("a1", Adding())
    # No version counts what the relay changes, so this is no conflict.
    store.once(lambda: store.rows["a1"].update(pending=False, handled=[]))

    Accounts(_work("key-2", relayed=True)).change("a1", Adding())

    assert store.rows["a1"]["pending"] is True
    assert [entry["cause"] for entry in store.rows["a1"]["handled"]][-1] == "key-2"


def test_a_scoped_caller_cannot_write_about_somebody_else(store: Store) -> None:
    scoped = Accounts(_work("key-1", students=frozenset({"s2"})))

    with pytest.raises(NotFoundError, match="there is no account a1"):
        scoped.change("a1", Adding())
    assert store.rows == {}


def test_a_scoped_caller_writes_about_their_own_students() -> None:
    scoped = Accounts(_work("key-1", students=frozenset({"s1"})))

    assert scoped.change("a1", Adding()) == Account("s1", 1)


def test_an_aggregate_whose_id_is_the_students_is_written_by_them_alone(store: Store) -> None:
    class OwnAccounts(Accounts):
        student_field = "_id"

    with pytest.raises(NotFoundError):
        OwnAccounts(_work("key-1", students=frozenset({"s2"}))).change("s1", Adding())
    OwnAccounts(_work("key-2", students=frozenset({"s1"}))).change("s1", Adding())

    assert list(store.rows) == ["s1"]


def test_an_event_that_breaks_its_contract_leaves_no_trace(store: Store) -> None:
    wrong = STUDENT_WITHDRAWN.says(StudentWithdrawn(student_id="", school_id="sc1"))

    with pytest.raises(ContractViolationError):
        Accounts(_work("e-1")).change("a1", Adding(facts=(wrong,)))
    assert store.rows == {}


def test_a_document_that_is_not_whole_is_not_stored(store: Store) -> None:
    with pytest.raises(ValidationError):
        Accounts(_work("e-1")).change("a1", lambda _: (Account("", None), []))  # type: ignore[arg-type]  # the fault
    assert store.rows == {}


def test_many_changes_are_one_write_and_each_cause_counts_once(store: Store) -> None:
    Accounts(_work("e-1")).change("a1", Adding(10))
    work = _work("e-2")
    changes: list[tuple[str, Decide[Account]]] = [
        ("a1", Adding()),
        ("a2", Adding()),
        ("a3", lambda _: None),
    ]

    assert Accounts(work).change_many(changes) == 2
    assert Accounts(_work("e-2")).change_many(changes) == 0

    assert {each: row["total"] for each, row in store.rows.items()} == {"a1": 11, "a2": 1}
    assert [parse(event.body).subject for event in work.outgoing] == ["a1", "a2"]


def test_one_conflict_among_many_is_decided_again_alone(store: Store) -> None:
    Accounts(_work("e-1")).change_many([("a1", Adding()), ("a2", Adding())])
    store.once(lambda: store.rival("a2", total=11))
    one, other, work = Adding(), Adding(), _work("e-3")

    assert Accounts(work).change_many([("a1", one), ("a2", other)]) == 2

    assert {each: row["total"] for each, row in store.rows.items()} == {"a1": 2, "a2": 12}
    assert (len(one.seen), len(other.seen)) == (1, 2)
    assert [parse(event.body).subject for event in work.outgoing] == ["a1", "a2"]


def test_no_changes_are_no_write() -> None:
    assert Accounts(_work("e-1")).change_many([]) == 0


def test_a_lost_connection_may_pass(store: Store) -> None:
    store.error = AutoReconnect("reset")
    work = _work("e-1")

    with pytest.raises(TransientError, match="the document store: AutoReconnect"):
        Accounts(work).change("a1", Adding())
    assert work.outgoing == []


@pytest.mark.parametrize(
    ("details", "raised"),
    [
        ({"writeErrors": [{"index": 0, "code": 121}]}, BulkWriteError),
        ({"writeConcernErrors": [{"code": 64}]}, TransientError),
    ],
)
def test_another_failure_of_a_write_is_no_conflict(
    store: Store, details: dict[str, Any], raised: type[Exception]
) -> None:
    store.error = BulkWriteError(details)

    with pytest.raises(raised):
        Accounts(_work("e-1")).change("a1", Adding())
