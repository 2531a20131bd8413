"""Aggregates and copies on the real store: once per cause, nothing overwritten, nobody else's seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from pymongo import UpdateOne

from chassis import mongo
from chassis.errors import ConflictError, KeyReusedError, NotFoundError, TransientError
from chassis.mongo.together import write_together
from chassis.outbox import UnitOfWork
from contracts.envelope import derived_id
from ledger.documents import EchoDocument, EffectDocument
from ledger.entrypoints import Echoes, Effect, Effects, record
from ledger.events import EFFECT_RECORDED, EffectRecorded
from stack.testing import StoreAddress

NOW = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)


@pytest.fixture(scope="module", autouse=True)
def _connected(store: StoreAddress, ledger_database: str) -> Iterator[None]:
    mongo.connect(store.mongo_url, ledger_database)
    for document in (EffectDocument, EchoDocument):
        document.ensure_indexes()
    yield
    mongo.disconnect()


def work(cause: str, *, relayed: bool = True, **more: Any) -> UnitOfWork:
    return UnitOfWork(**{"district": "jcps", "cause": cause, "now": NOW, "relayed": relayed, **more})


def raw(thing: str) -> dict[str, Any]:
    found: dict[str, Any] = EffectDocument._get_collection().find_one({"_id": thing})
    return found


class ByStudent(Effects):
    """Effects whose id is a student's."""

    student_field: ClassVar[str] = "_id"


def test_state_version_and_memory_are_one_document(thing: str) -> None:
    record(Effects(work("http:1")), thing)

    stored = raw(thing)
    [entry] = stored.pop("handled")
    [event] = entry.pop("events")
    assert stored == {
        "_id": thing,
        "district": "jcps",
        "version": 1,
        "times": 1,
        "pending": True,
        "changed_at": NOW,
        "leased_until": datetime(1970, 1, 1, tzinfo=UTC),
    }
    assert entry == {"cause": "http:1", "at": NOW, "pending": True}
    assert event["id"] == derived_id("ledger", thing, 1, EFFECT_RECORDED.type)


def test_an_event_handlers_events_go_out_with_its_work_and_not_by_the_relay(thing: str) -> None:
    ours = work("event-1", relayed=False)
    record(Effects(ours), thing)

    assert [event.type for event in ours.outgoing] == [EFFECT_RECORDED.type]
    assert raw(thing)["pending"] is False


def test_the_same_cause_again_changes_nothing_and_says_the_same(thing: str) -> None:
    first, again = work("event-1", relayed=False), work("event-1", relayed=False, now=NOW + timedelta(days=1))
    record(Effects(first), thing)
    before = raw(thing)
    record(Effects(again), thing)

    assert raw(thing) == before
    assert again.outgoing == first.outgoing


def test_a_cause_that_is_used_for_something_else_is_refused(thing: str) -> None:
    record(Effects(work("http:3", asked="this")), thing)

    with pytest.raises(KeyReusedError):
        record(Effects(work("http:3", asked="that")), thing)
    assert record(Effects(work("http:3", asked="this")), thing) == Effect(thing, 1)


def test_twenty_threads_lose_no_change(thing: str) -> None:
    def once(number: int) -> None:
        effects = Effects(work(f"call-{number}"))
        effects.attempts = 200  # type: ignore[misc]  # more rivals than a real aggregate ever has
        record(effects, thing)

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(once, range(40)))

    stored = raw(thing)
    assert (stored["times"], stored["version"], len(stored["handled"])) == (40, 40, 40)


def test_gives_up_when_others_are_faster_every_time(thing: str) -> None:
    rivals = iter(range(100))

    def decide(current: Effect | None) -> Any:
        record(Effects(work(f"rival-{next(rivals)}")), thing)
        return Effect(thing, 100), []

    with pytest.raises(ConflictError, match=thing):
        Effects(work("slow")).change(thing, decide)


def test_many_changes_are_one_write_and_a_rival_costs_only_its_own(thing: str) -> None:
    things = [f"{thing}-{number}" for number in range(5)]
    ours = work("bundle", relayed=False)
    met: list[str] = []

    def decide_for(each: str) -> Any:
        def decide(current: Effect | None) -> Any:
            if each == things[2] and not met:
                met.append(each)
                record(Effects(work("rival")), each)
            times = 1 if current is None else current.times + 1
            return Effect(each, times), [EFFECT_RECORDED.says(EffectRecorded(thing_id=each, times=times))]

        return each, decide

    written = Effects(ours).change_many([decide_for(each) for each in things])

    assert written == 5
    assert [raw(each)["times"] for each in things] == [1, 1, 2, 1, 1]
    assert len(ours.outgoing) == 5
    assert Effects(ours).change_many([decide_for(each) for each in things]) == 0


class Rivalled:
    """A collection in which others write just before a statement."""

    def __init__(self, meanwhile: Any) -> None:
        self._collection = EffectDocument._get_collection()
        self._meanwhile = meanwhile

    def update_many(self, *statement: Any) -> Any:
        self._meanwhile()
        return self._collection.update_many(*statement)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._collection, name)


def _changes(things: list[str], *, times: int) -> list[UpdateOne]:
    return [
        UpdateOne(
            {"_id": each, "version": 1},
            {"$set": {"version": 2, "times": times + place, "changed_at": NOW, "note": "$times"}},
            upsert=True,
        )
        for place, each in enumerate(things)
    ]


def test_changes_to_many_are_one_statement_and_a_rival_costs_only_its_own(thing: str) -> None:
    things = [f"{thing}-{number}" for number in range(4)]
    for each in things:
        record(Effects(work("first")), each)

    outcomes = write_together(
        Rivalled(lambda: record(Effects(work("rival")), things[1])), _changes([*things, "nobody"], times=7)
    )

    assert outcomes == [True, False, True, True, False]
    assert [raw(each)["times"] for each in things] == [7, 2, 9, 10]
    # What looks like an expression is a value.
    assert raw(things[0])["note"] == "$times"


def _others(thing: str) -> None:
    for cause in ("rival-1", "rival-2"):
        record(Effects(work(cause)), thing)


def test_a_rival_that_has_gone_further_was_first(thing: str) -> None:
    things = [f"{thing}-{number}" for number in range(2)]
    for each in things:
        record(Effects(work("first")), each)

    outcomes = write_together(Rivalled(lambda: _others(things[1])), _changes(things, times=7))

    assert outcomes == [True, False]
    assert [raw(each)["times"] for each in things] == [7, 3]


def test_where_nobody_can_say_who_was_first_it_is_an_error_that_may_pass(thing: str) -> None:
    things = [f"{thing}-{number}" for number in range(3)]
    for each in things:
        record(Effects(work("first")), each)

    class Overtaken(Rivalled):
        def find(self, query: dict[str, Any]) -> Any:
            # What we wrote is written on before we look.
            record(Effects(work("after")), things[0])
            return self._collection.find(query)

    first, second, third = write_together(Overtaken(lambda: _others(things[1])), _changes(things, times=7))

    assert isinstance(first, TransientError)
    assert isinstance(second, TransientError)
    assert third is True


def test_a_change_takes_fields_away_together_with_others(thing: str) -> None:
    things = [f"{thing}-{number}" for number in range(3)]
    for each in things:
        record(Effects(work("first")), each)
    ended = [
        UpdateOne(
            {"_id": each, "version": 1},
            {"$set": {"version": 2, "times": place}, "$unset": {"changed_at": "", "pending": ""}},
            upsert=True,
        )
        for place, each in enumerate(things[:2])
    ]

    assert write_together(EffectDocument._get_collection(), ended) == [True, True]

    kept = [{"times", "changed_at", "pending"} & raw(each).keys() for each in things]
    assert kept == [{"times"}, {"times"}, {"times", "changed_at", "pending"}]


def test_what_is_not_changed_is_left_alone(thing: str) -> None:
    things = [f"{thing}-{number}" for number in range(3)]
    Effects(work("first")).change_many([(each, lambda _: (Effect("", 1), [])) for each in things])

    def prepare(found: Mapping[str, Effect]) -> list[tuple[str, Any]]:
        assert found.keys() == set(things)
        return [(each, lambda _: (Effect("", 5), [])) for each in things[:2]]

    written = Effects(work("timer", repeats=False)).change_all([*things, "nobody"], prepare)

    assert written == 2
    assert [(raw(each)["times"], raw(each)["version"]) for each in things] == [(5, 2), (5, 2), (1, 1)]


def test_a_view_reads_what_the_document_would(thing: str) -> None:
    class Viewing(Effects):
        views: ClassVar[bool] = True

    record(Effects(work("first")), thing)

    assert Viewing(work("look")).find(thing) == Effects(work("look")).find(thing)


def test_nothing_is_remembered_longer_than_a_parked_message_may_wait(thing: str) -> None:
    record(Effects(work("old", relayed=False)), thing)
    record(Effects(work("pending")), thing)
    late = NOW + Effects.replay_horizon + timedelta(seconds=1)
    record(Effects(work("new", now=late)), thing)

    assert [entry["cause"] for entry in raw(thing)["handled"]] == ["pending", "new"]


def test_no_change_writes_nothing(thing: str) -> None:
    assert Effects(work("one")).change(thing, lambda _current: None) is None
    assert raw(thing) is None


def test_another_districts_aggregate_is_neither_seen_nor_overwritten(thing: str) -> None:
    record(Effects(work("one")), thing)
    elsewhere = Effects(work("two", district="fayette"))

    assert elsewhere.find(thing) is None
    with pytest.raises(ConflictError):
        record(elsewhere, thing)
    assert raw(thing)["district"] == "jcps"


def test_a_family_sees_and_changes_only_its_own(thing: str) -> None:
    record(Effects(work("one")), thing)
    record(Effects(work("one")), f"{thing}-other")
    family = ByStudent(work("two", students=frozenset({thing})))

    assert [each.thing_id for each in family.select()] == [thing]
    assert family.find(f"{thing}-other") is None
    assert family.select(id=[thing, f"{thing}-other"]) == [Effect(thing, 1)]
    with pytest.raises(NotFoundError):
        record(family, f"{thing}-new")
    with pytest.raises(NotFoundError):
        Effects(work("three", students=frozenset({thing}))).select()


def test_a_copy_takes_what_is_newer_and_ignores_what_is_older(thing: str) -> None:
    echoes = Echoes(work("any"))

    assert [echoes.apply(thing, version, {"times": version}) for version in (2, 1, 2, 3)] == [
        True,
        False,
        False,
        True,
    ]
    assert echoes.get(thing) == Effect(thing, 3)


def test_pages_have_neither_gaps_nor_doubles(thing: str) -> None:
    effects = Effects(work("page", district=thing))
    for number in range(7):
        record(effects, f"{thing}-{number}")

    seen: list[str] = []
    page = effects.page(cursor=None, limit=3)
    while True:
        seen += [each.thing_id for each in page.items]
        if page.next_cursor is None:
            break
        page = effects.page(cursor=page.next_cursor, limit=3)

    assert seen == [f"{thing}-{number}" for number in range(7)]
    assert effects.count() == 7
    assert sorted(effects.existing([f"{thing}-1", f"{thing}-9"])) == [f"{thing}-1"]
    assert [each.thing_id for each in effects.stream(times=1)] != []


def test_rivals_that_write_the_first_copy_leave_the_newest(thing: str) -> None:
    def write(number: int) -> None:
        Echoes(work("any")).apply(f"{thing}-{number // 5}", number % 5 + 1, {"times": number % 5 + 1})

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(write, range(200)))

    assert [Echoes(work("any")).get(f"{thing}-{number}").times for number in range(40)] == [5] * 40


def test_a_timer_that_says_nothing_is_not_remembered(thing: str) -> None:
    record(Effects(work("http:1")), thing)

    Effects(work("timer:7", repeats=False)).change(thing, lambda _current: (Effect(thing, 7), []))

    assert (raw(thing)["times"], [entry["cause"] for entry in raw(thing)["handled"]]) == (7, ["http:1"])
