"""Milestones over HTTP, from the plan to the journey, and their repositories against the real store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

import pytest
from tests.integration.defenses.defenses_world import Caller, World, eventually
from tests.unit.defenses import defenses_examples as examples
from tests.unit.defenses import milestone_examples as small

from chassis import mongo
from chassis.mongo import AggregateRepository
from chassis.outbox import UnitOfWork
from contracts.base import Contract
from contracts.defenses.milestones import (
    MILESTONE_CANCELLED,
    MILESTONE_LAPSED,
    MILESTONE_MISSED,
    MILESTONE_MOVED,
    MILESTONE_PLANNED,
    MILESTONE_RECORDED,
)
from defenses import documents
from defenses.domain.defenses import school_year
from defenses.domain.milestones.milestones import Overdue
from defenses.domain.milestones.school_events import Refusal
from defenses.domain.milestones.students import RosterStudent
from defenses.entrypoints.milestone_desk import StoredDesk
from defenses.entrypoints.policies import read_policies
from defenses.repository import (
    Candidates,
    Milestones,
    MilestoneSweeps,
    RosterStudents,
    SchoolEvents,
    districts_with_unapplied_events,
)
from defenses.use_cases.milestones.desk import milestone_id
from defenses.use_cases.milestones.sweeping import sweep_school
from stack.testing import RelayAddress

Office = Callable[..., Caller]
Value = TypeVar("Value")

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)
#: In this school year whatever day it is: the policies of these tests put today into its midst.
SOON = NOW + 6 * HOUR


@pytest.fixture
def connected(mongo_url: str, database: str) -> Iterator[None]:
    mongo.connect(mongo_url, database)
    mongo.create_indexes(documents)
    yield
    mongo.disconnect()


def work(cause: str = "test", *students: str) -> UnitOfWork:
    return UnitOfWork(district="jcps", cause=cause, students=frozenset(students) if students else None)


def store(repository: AggregateRepository[Value], aggregate_id: str, value: Value) -> None:
    repository.change(aggregate_id, lambda _: (value, ()))


@pytest.mark.usefixtures("connected")
def test_an_event_comes_back_as_it_was_written() -> None:
    asked = small.event(left_out=(Refusal("s-9", "the student is at another school"),))
    held = replace(asked, state="held", revision=2, missed=("s-2",), is_applied=True, reason="Snow.")

    store(SchoolEvents(work("one")), "e-1", asked)
    assert SchoolEvents(work()).get("e-1") == asked
    assert districts_with_unapplied_events() == ["jcps"]
    store(SchoolEvents(work("two")), "e-1", held)

    assert SchoolEvents(work()).get("e-1") == held
    assert districts_with_unapplied_events() == []


@pytest.mark.usefixtures("connected")
def test_a_milestone_comes_back_as_it_was_written_and_is_counted() -> None:
    late = small.milestone("s-1").lapsed()
    kept = small.milestone("s-2").told(small.event())
    kept = replace(kept, state="held").recorded(small.record(levels=(("innovator", 3.5),)))
    planned = small.milestone("s-3").told(small.event())
    left = small.milestone("s-4").told(small.event()).followed(small.gone("s-4"), now=small.NOW)
    for each in (late, kept, planned, left):
        store(Milestones(work(each.student_id)), each.milestone_id, each)

    found = Milestones(work())

    assert [found.get(each.milestone_id) for each in (late, kept, planned, left)] == [
        late,
        kept,
        planned,
        left,
    ]
    assert found.settled("east", small.YEAR) == {late.milestone_id, kept.milestone_id}
    assert found.overdue("east") == found.overdue(None) == [Overdue("east", "4", "due", 1)]
    assert found.overdue("west") == []
    assert found.open("east", small.YEAR) == {
        each.student_id: each.milestone_id for each in (late, planned, left)
    }
    assert Milestones(work("family", "s-2")).select(school_id="east") == [kept]


@pytest.mark.usefixtures("connected")
def test_the_roster_of_a_school_is_read_without_its_evidence() -> None:
    here = examples.ready_candidate("s-1", teacher_ids=("t-1",))
    left = examples.ready_candidate("s-2").withdrawn(version=2)
    for each in (here, left):
        store(Candidates(work(each.student_id)), each.student_id, each)

    found = RosterStudents(work())

    east = RosterStudent(student_id="s-1", version=1, school_id="east", grade="5", teacher_ids=("t-1",))
    assert found.select(school_id="east") == [east]
    assert found.find("s-1") == east
    assert found.existing(["s-2", "s-3"]) == {
        "s-2": RosterStudent(student_id="s-2", version=2, school_id=None)
    }


@pytest.mark.usefixtures("connected")
def test_the_hour_of_the_last_sweep_comes_back() -> None:
    store(MilestoneSweeps(work()), "sweep", small.EVENING)

    assert MilestoneSweeps(work()).find("sweep") == small.EVENING


@pytest.mark.usefixtures("connected")
def test_a_sweep_cancels_what_was_planned_for_whoever_left_once() -> None:
    policies = read_policies(SimpleNamespace(policy_dir=""))
    this_year = school_year(NOW.date(), starts=(7, 1))
    ids = {each: milestone_id(each, this_year) for each in ("s-1", "s-2", "s-3")}
    event = small.event(school_year=this_year, slot=small.slot(starts_at=SOON, ends_at=SOON + HOUR))
    for each, one_id in ids.items():
        planned_one = replace(small.milestone(each, school_year=this_year), milestone_id=one_id).told(event)
        store(Milestones(work(each)), one_id, planned_one)
        store(Candidates(work(each)), each, examples.ready_candidate(each))
    for each, after in {
        "s-1": examples.ready_candidate("s-1").withdrawn(version=2),
        "s-2": examples.ready_candidate("s-2").enrolled(examples.enrollment(school_id="west"), version=2),
    }.items():
        store(Candidates(work(f"{each}:2")), each, after)

    def sweep(turn: str) -> int:
        return sweep_school(
            examples.EAST,
            turn,
            desks=lambda stage: StoredDesk(work(stage), policies),
            still_ours=lambda: None,
        )

    assert (sweep("noon"), sweep("noon"), sweep("one")) == (2, 0, 0)
    causes = {each: Milestones(work()).get(one_id).cause for each, one_id in ids.items()}
    assert causes == {"s-1": "withdrawn", "s-2": "school_changed", "s-3": ""}


@pytest.fixture
def year(fast_policy: Path) -> None:
    """A school year with today in its midst, in which the milestones of grade 9 were due two days ago."""
    folder = fast_policy / "jcps"
    season = (folder / "season.json").read_text()
    assert '"07-01"' in season
    (folder / "season.json").write_text(season.replace('"07-01"', f'"{NOW - timedelta(days=100):%m-%d}"'))
    later, earlier = NOW + timedelta(days=100), NOW - timedelta(days=2)
    (folder / "milestones.json").write_text(
        f"""[{{"version": "1", "effective": "2020-07-01",
              "bands": [{{"grades": ["3", "4"], "forms": ["talk", "show"], "due": "{later:%m-%d}"}},
                        {{"grades": ["9"], "forms": ["talk"], "due": "{earlier:%m-%d}"}}],
              "forms": {{"talk": {{"names": {{"en": "Talk"}}, "has_levels": true}},
                         "show": {{"names": {{"en": "Show"}}, "has_levels": false}}}},
              "skills": ["innovator"], "lowest_level": 1, "highest_level": 4}}]"""
    )


@pytest.fixture
def office(year: None, world: World, caller: Office, relay: Callable[..., RelayAddress]) -> Caller:
    """The coordinator of a district with the school east: four of grade 4, one of 3, 5 and 9 each."""
    grades = {**{f"s-{number}": "4" for number in range(4)}, "third": "3", "fifth": "5", "ninth": "9"}
    for student_id, grade in grades.items():
        world.student(student_id, grade=grade, teachers=["t-1"])
    relay("defenses")
    found = caller("coordinator")
    for student_id in grades:
        assert eventually(partial(_is_known, found, student_id))
    # Last, because a district without schools is not swept: the first sweep finds all students.
    world.school()
    assert eventually(lambda: post(found, student_ids=["nobody"]).status_code == 422)
    return found


def _is_known(office: Caller, student_id: str) -> bool:
    return office.get(f"/v1/journey/{student_id}").status_code == 200


def post(office: Caller, *, key: str = "", **changes: Any) -> Any:
    body = {
        "school_id": "east",
        "form": "show",
        "starts_at": SOON.isoformat(),
        "ends_at": (SOON + HOUR).isoformat(),
        "place": "Gymnasium",
        **changes,
    }
    return office.send("POST", "/v1/milestone-events", body, key=key)


def planned(office: Caller, **changes: Any) -> dict[str, Any]:
    """Plan an event, and wait until its students' milestones follow it."""
    answer = post(office, **changes)
    assert answer.status_code == 202, answer.text
    return applied(office, answer.json()["event_id"])


def applied(office: Caller, event_id: str) -> dict[str, Any]:
    def done() -> dict[str, Any] | None:
        event: dict[str, Any] = office.get(f"/v1/milestone-events/{event_id}").json()
        return event if event["is_applied"] else None

    found: dict[str, Any] = eventually(done)
    return found


def heard(world: World, contract: Contract[Any], number: int) -> list[Any]:
    """Wait for so many events of a contract; a repeated one has the id of the first."""

    def said() -> list[Any]:
        events = {event.id: contract.load(event.data) for event in world.heard(contract)}
        return list(events.values()) if len(events) >= number else []

    found: list[Any] = eventually(said)
    assert len(found) == number
    return found


def test_a_grade_is_planned_moved_and_cancelled_and_each_family_hears_of_it_once(
    office: Caller, world: World
) -> None:
    event = planned(office, grades=["4"], key="plan-4")
    path = f"/v1/milestone-events/{event['event_id']}"
    assert event["student_ids"] == [f"s-{number}" for number in range(4)]
    assert len(office.items("/v1/milestones", school_id="east", grade="4", state="planned")) == 4
    again = post(office, grades=["4"], key="plan-4")
    assert (again.status_code, again.json()["event_id"]) == (202, event["event_id"])

    there = {"starts_at": (SOON + HOUR).isoformat(), "ends_at": (SOON + 2 * HOUR).isoformat()}
    moved = {**there, "revision": 1, "place": "Library", "reason": "The hall is closed."}
    assert office.put(path, moved).status_code == 202
    stale = office.put(path, {**moved, "place": "Garden"})
    assert (stale.status_code, stale.json()["errors"][0]["field"]) == (409, "revision")
    applied(office, event["event_id"])
    early = office.put(f"{path}/attendance", {"revision": 2, "missed": []})
    assert (early.status_code, early.json()["errors"][0]["field"]) == (422, "event_id")
    assert office.put(f"{path}/cancellation", {"revision": 2, "reason": "Snow."}).status_code == 202
    applied(office, event["event_id"])

    assert {each.revision for each in heard(world, MILESTONE_PLANNED, 4)} == {1}
    assert {
        (each.revision, each.place, each.previous_place) for each in heard(world, MILESTONE_MOVED, 4)
    } == {(2, "Library", "Gymnasium")}
    assert {(each.revision, each.cause) for each in heard(world, MILESTONE_CANCELLED, 4)} == {
        (3, "event_cancelled")
    }
    assert office.items("/v1/milestones", school_id="east", state="planned") == []


def test_a_milestone_is_held_missed_recorded_and_seen_on_the_journey(
    office: Caller, caller: Office, world: World
) -> None:
    begin = datetime.now(UTC) + timedelta(seconds=2)
    event = planned(office, form="talk", student_ids=["s-0", "s-1"], starts_at=begin.isoformat())
    attended = {"revision": 1, "missed": ["s-1"]}
    path = f"/v1/milestone-events/{event['event_id']}/attendance"
    teacher = caller("teacher")

    assert eventually(lambda: teacher.put(path, attended).status_code == 202)
    applied(office, event["event_id"])
    [held] = office.items("/v1/milestones", student_id="s-0")
    [missed] = office.items("/v1/milestones", student_id="s-1")
    assert (held["state"], missed["state"]) == ("held", "missed")
    assert [each.student_id for each in heard(world, MILESTONE_MISSED, 1)] == ["s-1"]

    def record(milestone: dict[str, Any], level: float) -> Any:
        body = {"reflection": "I spoke up.", "levels": [{"skill_id": "innovator", "level": level}]}
        return teacher.put(f"/v1/milestones/{milestone['milestone_id']}/record", body)

    wrong, never = record(held, 9), record(missed, 3)
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "levels.0.level")
    assert (never.status_code, never.json()["errors"][0]["field"]) == (409, "state")
    assert record(held, 3.5).status_code == 200
    assert [(each.student_id, each.levels[0].level) for each in heard(world, MILESTONE_RECORDED, 1)] == [
        ("s-0", 3.5)
    ]

    journey = caller("guardian", ["s-0"]).get("/v1/journey/s-0").json()
    assert journey["milestones"] == {"due": 1, "done": 1}
    [now] = [each for each in journey["years"] if each["standing"] == "now"]
    assert now["milestone"]["records"][0]["reflection"] == "I spoke up."
    assert [each["grade"] for each in journey["years"] if each["defense_due"]] == ["5", "8", "12"]

    again = planned(office, form="talk", student_ids=["s-1"])
    assert again["left_out"] == []
    assert office.items("/v1/milestones", student_id="s-1")[0]["revision"] == 3


def test_what_is_planned_for_a_student_who_leaves_or_moves_is_called_off_when_the_roster_says_so(
    office: Caller, world: World
) -> None:
    planned(office, grades=["4"])
    # The sweep of this hour is over, and the next one is not waited for.
    heard(world, MILESTONE_LAPSED, 1)

    world.withdrawal("s-0", version=2)
    world.student("s-1", grade="4", school_id="west", version=2)

    cancelled = heard(world, MILESTONE_CANCELLED, 2)
    assert sorted((each.student_id, each.cause) for each in cancelled) == [
        ("s-0", "withdrawn"),
        ("s-1", "school_changed"),
    ]
    [moved] = office.items("/v1/milestones", student_id="s-1")
    assert (moved["school_id"], moved["state"]) == ("west", "cancelled")
    assert office.get("/v1/journey/s-1").json()["years"][4]["school_ids"] == ["west"]


def test_the_sweep_finds_what_is_overdue_and_the_school_sees_it(office: Caller, world: World) -> None:
    [lapsed] = heard(world, MILESTONE_LAPSED, 1)

    assert (lapsed.student_id, lapsed.school_id, lapsed.state) == ("ninth", "east", "due")
    assert office.get("/v1/milestones/overdue", school_id="east").json() == {
        "count": 1,
        "groups": [{"school_id": "east", "grade": "9", "state": "due", "count": 1}],
    }
    [listed] = office.items("/v1/milestones", school_id="east", overdue="true")
    assert (listed["student_id"], listed["plan"]) == ("ninth", None)
    assert office.get("/v1/milestones/overdue", school_id="west").json() == {"count": 0, "groups": []}


def test_wrong_plans_are_refused_with_field_and_reason(office: Caller) -> None:
    def wrong(status: int = 422, **changes: Any) -> dict[str, str]:
        answer = post(office, **changes)
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
        return {each["field"]: each["reason"] for each in answer.json()["errors"]}

    planned(office, student_ids=["s-3"])
    west = wrong(404, school_id="west", grades=["4"])
    assert west == {"school_id": "there is no school west"}
    assert wrong(starts_at=NOW.isoformat(), grades=["4"]) == {"starts_at": "it is in the past"}
    assert wrong(grades=["4", "5"]) == {"grades.1": "grade 5 has no milestone"}
    assert wrong(form="play", grades=["4"]) == {"form": "it is none of talk, show"}
    assert wrong(student_ids=["s-0", "s-3", "fifth"]) == {
        "student_ids.1": f"the student's milestone of {_year()} is planned",
        "student_ids.2": "grade 5 has no milestone",
    }
    assert (
        wrong()
        == wrong(grades=["4"], student_ids=["s-0"])
        == {"student_ids": "Give one of grades, teacher_ids, student_ids."}
    )
    assert wrong(grades=["13"]) == {"grades.0": "Must be one of: K, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12."}
    assert set(wrong(grades=["4"], starts_at="tomorrow", place="")) == {"starts_at", "place"}


def test_families_see_their_own_and_plan_nothing(office: Caller, caller: Office) -> None:
    event = planned(office, student_ids=["s-0", "s-1"])
    family, student = caller("guardian", ["s-0"]), caller("student", ["s-1"])
    stranger = caller("district_admin", district="other")

    assert [each["student_id"] for each in family.items("/v1/milestones", school_id="east")] == ["s-0"]
    [own] = student.items("/v1/milestones")
    assert student.get(f"/v1/milestones/{own['milestone_id']}").status_code == 200
    assert family.get(f"/v1/milestones/{own['milestone_id']}").status_code == 404
    assert (family.get("/v1/journey/s-0").status_code, family.get("/v1/journey/s-1").status_code) == (
        200,
        404,
    )
    assert post(family, student_ids=["s-0"]).status_code == 403
    assert family.get(f"/v1/milestone-events/{event['event_id']}").status_code == 403
    assert family.get("/v1/milestones/overdue").status_code == 403
    assert caller("panelist").get("/v1/journey/s-0").status_code == 403
    assert stranger.get("/v1/journey/s-0").status_code == 404
    assert stranger.items("/v1/milestones") == []
    body = {"revision": 1, "reason": "Snow."}
    assert stranger.put(f"/v1/milestone-events/{event['event_id']}/cancellation", body).status_code == 404


def test_a_school_event_of_six_hundred_students_is_written_in_batches(office: Caller, world: World) -> None:
    many = [f"m-{number:03}" for number in range(600)]
    for student_id in many:
        world.student(student_id, grade="3")
    # Refused in any case, because one of them has no milestone: a question and not a plan.
    assert eventually(lambda: _only_fifth(post(office, student_ids=[*many, "fifth"])))

    event = planned(office, student_ids=many)

    assert (len(event["student_ids"]), event["left_out"]) == (600, [])
    assert len({each.student_id for each in heard(world, MILESTONE_PLANNED, 600)}) == 600


def _only_fifth(answer: Any) -> bool:
    """Whether everybody else is known by now."""
    return [each["field"] for each in answer.json()["errors"]] == ["student_ids.600"]


def _year() -> str:
    first = (NOW - timedelta(days=100)).year
    return f"{first}-{(first + 1) % 100:02}"
