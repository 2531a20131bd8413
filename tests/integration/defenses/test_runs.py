"""A run, from the request over HTTP to defense.scheduled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from tests.integration.defenses.defenses_world import Caller, World, availability, eventually

from contracts.defenses import DEFENSE_SCHEDULED
from stack.http import answers
from stack.testing import RelayAddress, ServiceAddress

Office = Callable[..., Caller]


def ready_students(world: World, office: Caller, count: int) -> list[str]:
    """Enroll students who are ready, and wait until the service knows it."""
    students = [f"s-{number}" for number in range(count)]
    world.school()
    for student in students:
        world.student(student)
        world.scores(student)
    eventually(lambda: len(office.items("/v1/readiness", status="READY", limit=500)) == count)
    return students


def test_a_run_gives_every_ready_student_a_time_a_room_and_a_panel(
    world: World, caller: Office, relay: Callable[..., RelayAddress]
) -> None:
    office = caller("coordinator")
    students = ready_students(world, office, 6)
    world.student("s-later")
    office.put("/v1/family-windows/s-0", {"windows": [["2027-04-06", "09:30", "10:00"]]})
    office.put("/v1/family-windows/s-1", {"windows": [["2027-04-07", "09:30", "10:00"]]})
    assert office.put("/v1/availability/east", availability()).status_code == 200

    run = office.ended(office.run())

    assert (run["state"], run["placed"]) == ("applied", 5)
    assert run["unplaced"] == [
        {
            "student_id": "s-1",
            "reason": "not_in_family_windows",
            "detail": "None of the school's times lies within the family's windows.",
        }
    ]
    defenses = office.items("/v1/defenses", school_id="east")
    assert {each["student_id"] for each in defenses} == {*students} - {"s-1"}
    assert all(len(each["panel"]) == 3 for each in defenses)
    [first] = office.items("/v1/defenses", student_id="s-0")
    assert datetime.fromisoformat(first["starts_at"]) == datetime(2027, 4, 6, 13, 30, tzinfo=UTC)
    assert office.get(f"/v1/defenses/{first['defense_id']}").json() == first
    relay("defenses")
    heard = eventually(lambda: len(world.heard(DEFENSE_SCHEDULED)) == 5 and world.heard(DEFENSE_SCHEDULED))
    assert {event.subject for event in heard} == {each["defense_id"] for each in defenses}
    told = DEFENSE_SCHEDULED.load(next(e.data for e in heard if e.subject == first["defense_id"]))
    assert (told.student_id, told.transition, told.revision, told.room) == ("s-0", "5", 1, first["room"])
    assert [(seat.panelist_id, seat.role) for seat in told.panel] == [
        (seat["panelist_id"], seat["role"]) for seat in first["panel"]
    ]


def test_the_same_request_is_the_same_run_and_a_later_run_leaves_what_stands(
    world: World, caller: Office
) -> None:
    office = caller("coordinator")
    ready_students(world, office, 2)
    office.put("/v1/availability/east", availability())
    first = office.run(key="one")
    again = office.run(key="one")
    before = office.ended(first) and office.items("/v1/defenses")
    world.student("s-new", guardians=["g-1"])
    world.scores("s-new")
    eventually(lambda: len(office.items("/v1/readiness", status="READY")) == 3)

    second = office.ended(office.run())

    assert (first, len(before)) == (again, 2)
    assert (second["placed"], second["unplaced"]) == (1, [])
    after = office.items("/v1/defenses")
    assert len(after) == 3
    assert all(each in after for each in before)
    busy = [(each["starts_at"], seat["panelist_id"]) for each in after for seat in each["panel"]]
    assert len(set(busy)) == len(busy)


def test_a_school_without_availability_lists_everybody(world: World, caller: Office) -> None:
    office = caller("coordinator")
    ready_students(world, office, 1)

    run = office.ended(office.run())

    assert (run["state"], run["placed"]) == ("applied", 0)
    assert [(each["student_id"], each["reason"]) for each in run["unplaced"]] == [("s-0", "no_availability")]


def test_who_teaches_a_student_or_has_left_does_not_judge_them(world: World, caller: Office) -> None:
    office = caller("coordinator")
    world.staff("t-1", active=False)
    ready_students(world, office, 1)
    world.student("s-0", teachers=["t-0"], version=2)
    office.put("/v1/availability/east", availability(teachers=3, outsiders=2))
    world.student("s-last")
    eventually(lambda: len(office.items("/v1/readiness")) == 2)

    office.ended(office.run())

    [defense] = office.items("/v1/defenses", student_id="s-0")
    assert {seat["panelist_id"] for seat in defense["panel"]} == {"t-2", "x-0", "x-1"}


def test_families_see_the_defense_of_their_own(world: World, caller: Office) -> None:
    office = caller("coordinator")
    ready_students(world, office, 2)
    office.put("/v1/availability/east", availability())
    office.ended(office.run())

    assert [each["student_id"] for each in caller("guardian", ["s-1"]).items("/v1/defenses")] == ["s-1"]
    assert caller("guardian", ["s-1"]).items("/v1/defenses", student_id="s-0") == []
    assert caller("coordinator", district="other").items("/v1/defenses") == []


def test_a_kill_while_planning_loses_and_doubles_nothing(
    service: Callable[..., ServiceAddress],
    fast_policy: Path,
    vhost: str,
    relay: Callable[..., RelayAddress],
) -> None:
    settings = {"POLICY_DIR": str(fast_policy), "PLANNER_LEASE_S": "2"}
    first = service("defenses", **settings)
    world = World(vhost)
    office = Caller(first.url, first.token("office", "coordinator"))
    students = ready_students(world, office, 12)
    office.put("/v1/availability/east", availability(teachers=6, outsiders=6, rooms=3))
    run_id = office.run()
    states = [_state_when(office, run_id, "solving", "applying", "applied")]
    first.process.kill()
    first.process.wait()

    second = service("defenses", **settings)
    office = Caller(second.url, second.token("office", "coordinator"))
    run = office.ended(run_id)
    again = office.ended(office.run())

    assert states != ["queued"]
    assert (run["state"], run["placed"], run["unplaced"]) == ("applied", 12, [])
    assert (again["placed"], again["unplaced"]) == (0, [])
    defenses = office.items("/v1/defenses", limit=500)
    assert sorted(each["student_id"] for each in defenses) == sorted(students)
    relay("defenses")
    eventually(lambda: len(world.heard(DEFENSE_SCHEDULED)) >= 12)
    heard = world.heard(DEFENSE_SCHEDULED)
    assert len({event.id for event in heard}) == 12
    assert {event.subject for event in heard} == {each["defense_id"] for each in defenses}
    world.close()


#: The service, but that it kills itself as kill -9 would, once five defenses are written.
DYING = """
import eventlet
eventlet.monkey_patch()
import os, signal
from chassis.runner import run
from defenses.entrypoints import DefensesService
from defenses.repository import Defenses
from defenses.use_cases import planning
planning._BATCH = 1
change_many = Defenses.change_many
def dying(self, changes):
    change_many(self, changes)
    if self.count() >= 5:
        os.kill(os.getpid(), signal.SIGKILL)
Defenses.change_many = dying
run(DefensesService)
"""


def test_a_kill_in_the_middle_of_applying_loses_and_doubles_nothing(
    service: Callable[..., ServiceAddress],
    fast_policy: Path,
    vhost: str,
    relay: Callable[..., RelayAddress],
) -> None:
    settings = {"POLICY_DIR": str(fast_policy), "PLANNER_LEASE_S": "2"}
    first = service("defenses", **settings)
    world = World(vhost)
    office = Caller(first.url, first.token("office", "coordinator"))
    students = ready_students(world, office, 8)
    office.put("/v1/availability/east", availability(teachers=6, outsiders=6, rooms=3))
    first.process.kill()
    first.process.wait()
    with subprocess.Popen(
        [sys.executable, "-c", DYING], env={**os.environ, **first.environment}, stdout=subprocess.DEVNULL
    ) as dying:
        eventually(lambda: answers(f"{first.url}/readyz"))
        run_id = office.run()
        died = dying.wait(timeout=60)

    second = service("defenses", **settings)
    office = Caller(second.url, second.token("office", "coordinator"))
    left_behind = len(office.items("/v1/defenses"))
    run = office.ended(run_id)

    assert died == -signal.SIGKILL
    assert left_behind >= 5
    assert (run["state"], run["placed"], run["unplaced"]) == ("applied", 8, [])
    defenses = office.items("/v1/defenses")
    assert sorted(each["student_id"] for each in defenses) == students
    relay("defenses")
    eventually(lambda: len(world.heard(DEFENSE_SCHEDULED)) >= 8)
    assert sorted(event.subject for event in world.heard(DEFENSE_SCHEDULED)) == sorted(
        each["defense_id"] for each in defenses
    )
    world.close()


def _state_when(office: Caller, run_id: str, *states: str) -> str:
    def state() -> str:
        found: str = office.get(f"/v1/schedule-runs/{run_id}").json()["state"]
        return found if found in states else ""

    found: str = eventually(state)
    return found
