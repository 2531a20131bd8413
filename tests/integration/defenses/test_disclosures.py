"""Who has read a student's record is on record, and the family may see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.integration.defenses.defenses_world import Caller, World, eventually

from chassis import mongo
from chassis.auth import Principal, Role
from chassis.disclosures import Disclosures
from chassis.outbox import UnitOfWork
from defenses import documents

Office = Callable[..., Caller]
TEACHER = Principal("t-1", "jcps", Role.TEACHER)


@pytest.fixture
def own_store(mongo_url: str, database: str) -> Iterator[None]:
    mongo.connect(mongo_url, database)
    mongo.create_indexes(documents)
    yield
    mongo.disconnect()


def kept(student_id: str, **work: Any) -> list[tuple[str, str, tuple[str, ...]]]:
    found = Disclosures(UnitOfWork("jcps", "test", **work)).of_student(student_id, cursor=None, limit=50)
    return [(each.seen_by, each.what, each.record_ids) for each in found.items]


def test_every_reading_by_anybody_but_the_family_is_kept_and_the_family_may_see_it(
    world: World, caller: Office
) -> None:
    for student in ("s-1", "s-2"):
        world.student(student)
        world.scores(student)
    office = caller("portal")
    teacher, guardian = caller("teacher"), caller("guardian", ["s-1"])
    assert eventually(lambda: len(office.items("/v1/readiness", status="READY")) == 2)

    for reader in (teacher, guardian):
        assert len(reader.items("/v1/readiness", status="READY")) == (2 if reader is teacher else 1)
        for path in ("/v1/readiness/s-1", "/v1/readiness/s-1/replay", "/v1/journey/s-1"):
            assert reader.get(path).status_code == 200
    for path in ("/v1/hearings", "/v1/outcomes", "/v1/milestones", "/v1/opportunity-gaps", "/v1/redefenses"):
        assert office.items(path) == []

    # The office has looked again and again until both were ready.
    seen = [
        (each["what"], each["record_ids"])
        for each in guardian.items("/v1/journey/s-1/disclosures", limit=500)
        if each["role"] != "portal"
    ]
    assert seen == [(what, []) for what in ("readiness", "readiness", "readiness", "journey")]
    assert guardian.items("/v1/journey/s-2/disclosures") == []
    assert teacher.get("/v1/journey/s-1/disclosures").status_code == 403


def test_an_answer_about_many_students_tells_each_of_them_their_own_part(own_store: None) -> None:
    work = UnitOfWork("jcps", "test")

    Disclosures(work).note(TEACHER, "hearings", [("s-1", "h-1"), ("s-2", "h-2"), ("s-1", "h-3")])
    Disclosures(UnitOfWork("jcps", "test")).note(TEACHER, "journey", [("s-1", None)])
    Disclosures(work).note(TEACHER, "hearings", [])

    assert kept("s-1") == [("t-1", "hearings", ("h-1", "h-3")), ("t-1", "journey", ())]
    assert kept("s-2", students=frozenset({"s-2"})) == [("t-1", "hearings", ("h-2",))]
    assert kept("s-1", students=frozenset({"s-2"})) == []
    assert Disclosures(UnitOfWork("elsewhere", "t")).of_student("s-1", cursor=None, limit=9).items == ()


def test_the_same_reading_twice_is_kept_twice_and_comes_in_pages(own_store: None) -> None:
    for _ in range(3):
        Disclosures(UnitOfWork("jcps", "same-key")).note(TEACHER, "journey", [("s-1", None)])
    found = Disclosures(UnitOfWork("jcps", "test"))

    first = found.of_student("s-1", cursor=None, limit=2)
    rest = found.of_student("s-1", cursor=first.next_cursor, limit=2)

    assert (len(first.items), len(rest.items), rest.next_cursor) == (2, 1, None)
    times = [each.seen_at for each in (*first.items, *rest.items)]
    assert times == sorted(times)
