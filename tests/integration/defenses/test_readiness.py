"""Roster and scores from the broker, in any order, to decisions over HTTP and to readiness.changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.integration.defenses.defenses_world import SKILLS, Caller, World, eventually

from contracts.defenses import READINESS_CHANGED, ReadinessChanged

Office = Callable[..., Caller]


@pytest.mark.parametrize("roster_first", [True, False])
def test_a_student_becomes_ready_whatever_comes_first(
    world: World, caller: Office, *, roster_first: bool
) -> None:
    office = caller("coordinator")
    if roster_first:
        world.student("s-1", teachers=["t-1"], guardians=["g-1"])
    world.scores("s-1")
    world.scores("s-1")
    if not roster_first:
        world.student("s-1", teachers=["t-1"], guardians=["g-1"])

    [ready] = eventually(lambda: office.items("/v1/readiness", school_id="east", status="READY"))

    assert (ready["student_id"], ready["transition"], ready["rule_version"]) == ("s-1", "5", "2026.1")
    assert ready["explanation"]["met"]
    assert {clause["id"] for clause in ready["explanation"]["clauses"]} == {*SKILLS}
    assert office.get("/v1/readiness/s-1").json() == ready
    said = _said(world, "READY")
    assert [each.status for each in said].count("READY") == 1
    assert len({(each.status, each.previous_status) for each in said}) == len(said)
    assert said[-1].explanation == ready["explanation"]


def _said(world: World, until: str) -> list[ReadinessChanged]:
    """Return what was said about readiness, once the last of it is this status."""

    def said() -> list[ReadinessChanged]:
        # A repeated cause says the same again, under the same id.
        events = {event.id: event for event in world.heard(READINESS_CHANGED)}
        found = [READINESS_CHANGED.load(event.data) for event in events.values()]
        return found if found and found[-1].status == until else []

    found: list[ReadinessChanged] = eventually(said)
    return found


def test_older_roster_news_changes_nothing(world: World, caller: Office) -> None:
    office = caller("coordinator")
    world.student("s-1", grade="8", version=3)
    world.student("s-1", grade="5", version=2)
    world.withdrawal("s-1", version=1)
    world.student("s-2", grade="5")

    eventually(lambda: len(office.items("/v1/readiness")) == 2)

    found = {each["student_id"]: each["transition"] for each in office.items("/v1/readiness")}
    assert found == {"s-1": "8", "s-2": "5"}


def test_a_student_who_left_is_not_listed(world: World, caller: Office) -> None:
    office = caller("coordinator")
    world.student("s-1")
    eventually(lambda: office.items("/v1/readiness"))

    world.withdrawal("s-1", version=2)

    assert eventually(lambda: office.items("/v1/readiness") == [])
    assert office.get("/v1/readiness/s-1").status_code == 404


def test_families_see_their_own_and_other_districts_nothing(world: World, caller: Office) -> None:
    office = caller("coordinator")
    for student in ("s-1", "s-2"):
        world.student(student)
    eventually(lambda: len(office.items("/v1/readiness")) == 2)
    family, stranger = caller("guardian", ["s-1"]), caller("coordinator", district="other")

    assert [each["student_id"] for each in family.items("/v1/readiness")] == ["s-1"]
    assert family.get("/v1/readiness/s-1").status_code == 200
    assert family.get("/v1/readiness/s-2").status_code == 404
    assert stranger.items("/v1/readiness") == []
    assert stranger.get("/v1/readiness/s-1").status_code == 404
    assert caller("scorer").get("/v1/readiness").status_code == 403


def test_decisions_come_in_pages(world: World, caller: Office) -> None:
    office = caller("coordinator")
    for number in range(5):
        world.student(f"s-{number}")
    eventually(lambda: len(office.items("/v1/readiness")) == 5)

    first = office.get("/v1/readiness", limit=3).json()
    second = office.get("/v1/readiness", limit=3, cursor=first["next_cursor"]).json()

    assert [each["student_id"] for each in first["items"] + second["items"]] == [f"s-{n}" for n in range(5)]
    assert second["next_cursor"] is None
