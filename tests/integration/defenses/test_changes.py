"""A schedule that lives, over HTTP: drafts, moves, two coordinators at once, repairs and a death in one."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.integration.defenses.defenses_world import Caller, World, availability, eventually

from contracts.defenses import DEFENSE_CANCELLED, DEFENSE_MOVED, DEFENSE_RESEATED, DEFENSE_SCHEDULED
from stack.http import answers
from stack.testing import RelayAddress, ServiceAddress

Office = Callable[..., Caller]


def season(world: World, office: Caller, count: int, *, publish: bool = True, **offer: int) -> str:
    """Schedule so many ready students; return the run's id."""
    world.school()
    for number in range(count):
        world.student(f"s-{number}")
        world.scores(f"s-{number}")
    eventually(lambda: len(_readiness(office)) == count)
    assert office.put("/v1/availability/east", availability(**offer)).status_code == 200
    answer = office.send("POST", "/v1/schedule-runs", {"school_id": "east", "publish": publish})
    # The solver of a fresh checkout compiles itself first.
    run = eventually(lambda: _at_its_end(office, answer.json()["run_id"]), timeout_s=90)
    assert (run["failure"], run["unplaced"], run["placed"]) == ("", [], count)
    found: str = run["run_id"]
    return found


def _at_its_end(office: Caller, run_id: str) -> dict[str, Any] | None:
    run: dict[str, Any] = office.get(f"/v1/schedule-runs/{run_id}").json()
    return run if run["state"] in {"applied", "failed"} else None


def _readiness(office: Caller) -> list[dict[str, Any]]:
    return [each for each in office.items("/v1/readiness", limit=500) if each["status"].startswith("READY")]


def placed(office: Caller, student_id: str) -> dict[str, Any]:
    [found] = office.items("/v1/defenses", student_id=student_id)
    return found


def free_times(office: Caller) -> list[str]:
    taken = {each["starts_at"] for each in office.items("/v1/defenses", limit=500)}
    hours = ("12:30", "13:00", "13:30", "14:00")
    return [at for hour in hours if (at := f"2027-04-05T{hour}:00+00:00") not in taken]


def change(office: Caller, defense: dict[str, Any], what: str, body: dict[str, Any], key: str = "") -> Any:
    method = "PUT" if what in {"place", "lock"} else "POST"
    body = {"edition": defense["edition"], "reason": "It is better so.", **body}
    return office.send(method, f"/v1/defenses/{defense['defense_id']}/{what}", body, key=key)


def test_drafts_are_hidden_from_families_until_the_run_is_published(
    world: World, caller: Office, relay: Callable[..., RelayAddress]
) -> None:
    office, family = caller("coordinator"), caller("guardian", ["s-0"])
    run_id = season(world, office, 2, publish=False)
    draft = placed(office, "s-0")
    hidden = (family.items("/v1/defenses"), family.get(f"/v1/defenses/{draft['defense_id']}").status_code)

    first = office.send("POST", f"/v1/schedule-runs/{run_id}/publish", {})
    again = office.send("POST", f"/v1/schedule-runs/{run_id}/publish", {})

    assert (draft["state"], draft["revision"], hidden) == ("draft", 0, ([], 404))
    assert (first.json()["published"], again.json()["published"]) == (2, 0)
    assert [(each["state"], each["revision"]) for each in family.items("/v1/defenses")] == [("scheduled", 1)]
    relay("defenses")
    assert eventually(lambda: len(world.heard(DEFENSE_SCHEDULED)) == 2)


def test_a_move_is_made_once_told_once_and_refused_to_who_saw_an_older_edition(
    world: World, caller: Office, relay: Callable[..., RelayAddress]
) -> None:
    office = caller("coordinator")
    season(world, office, 1)
    seen, to = placed(office, "s-0"), {"starts_at": free_times(office)[0]}

    moved = change(office, seen, "place", to, key="once")
    again = change(office, seen, "place", to, key="once")
    stale = change(office, seen, "cancellation", {"reschedule": True})
    unfit = change(office, moved.json(), "place", {"room_id": "r-9", "panelist_ids": ["t-0", "t-0", "z"]})
    wrong = change(office, moved.json(), "place", {"edition": 0, "reason": ""})

    assert (moved.status_code, moved.json()) == (200, again.json())
    assert moved.json() == {
        **seen,
        "starts_at": to["starts_at"],
        "ends_at": moved.json()["ends_at"],
        "revision": 2,
        "edition": 2,
    }
    assert (stale.status_code, stale.json()["errors"][0]["field"]) == (409, "edition")
    assert "somebody moved it at" in stale.json()["detail"]
    assert unfit.status_code == 422
    assert {"room_id", "panel", "panel.2"} <= {each["field"] for each in unfit.json()["errors"]}
    assert {each["field"] for each in wrong.json()["errors"]} == {"edition", "reason"}
    [entry] = office.get(f"/v1/defenses/{seen['defense_id']}/history").json()["history"]
    assert (entry["kind"], entry["note"]["by"], entry["before"]["starts_at"]) == (
        "moved",
        "somebody",
        seen["starts_at"],
    )
    relay("defenses")
    heard = eventually(lambda: world.heard(DEFENSE_MOVED))
    assert [DEFENSE_MOVED.load(each.data).revision for each in heard] == [2]
    assert caller("teacher").send("PUT", f"/v1/defenses/{seen['defense_id']}/place", {}).status_code == 403


def test_two_coordinators_at_once_never_take_one_room_or_person_twice(world: World, caller: Office) -> None:
    office = caller("coordinator")
    season(world, office, 4, rooms=1, teachers=8, outsiders=8)
    target = free_times(office)[0] if free_times(office) else "2027-04-06T12:30:00+00:00"
    seen = [placed(office, f"s-{number}") for number in range(4)]

    with ThreadPoolExecutor(4) as pool:
        answers_ = list(
            pool.map(lambda each: change(caller("coordinator"), each, "place", {"starts_at": target}), seen)
        )

    after = office.items("/v1/defenses")
    busy = [(each["starts_at"], each["room_id"]) for each in after]
    people = [(each["starts_at"], seat["panelist_id"]) for each in after for seat in each["panel"]]
    assert {each.status_code for each in answers_} <= {200, 422}
    assert len(set(busy)) == len(busy)
    assert len(set(people)) == len(people)


def test_a_lost_panelist_is_shown_first_and_then_mended_with_each_change_told_once(
    world: World, caller: Office, relay: Callable[..., RelayAddress]
) -> None:
    office = caller("coordinator")
    season(world, office, 6, teachers=5, outsiders=5)
    before = {each["defense_id"]: each for each in office.items("/v1/defenses")}
    ill = next(iter(before.values()))["panel"][0]["panelist_id"]
    hit = {one for one, each in before.items() if ill in {seat["panelist_id"] for seat in each["panel"]}}
    disturbance = {"kind": "panelist_lost", "panelist_id": ill}

    shown = office.send("POST", "/v1/repairs", {"disturbance": disturbance, "reason": "Ill."}).json()
    untouched = {each["defense_id"]: each for each in office.items("/v1/defenses")}
    made = office.send("POST", f"/v1/repairs/{shown['repair_id']}/application", {}).json()
    again = office.send("POST", f"/v1/repairs/{shown['repair_id']}/application", {}).json()

    assert untouched == before
    assert (shown["state"], made["state"], again["state"]) == ("proposed", "applied", "applied")
    assert office.get(f"/v1/repairs/{shown['repair_id']}").json() == again
    assert made["steps"] == again["steps"] == shown["steps"]
    assert {each["defense_id"] for each in shown["steps"]} == hit
    after = {each["defense_id"]: each for each in office.items("/v1/defenses")}
    assert {one for one in before if after[one] != before[one]} == hit
    assert all(ill not in {seat["panelist_id"] for seat in each["panel"]} for each in after.values())
    told = {each["who"] for each in shown["told"] if each["kind"] == "family"}
    assert told == {one["student_id"] for one in after.values() if one["revision"] == 2}
    relay("defenses")
    kinds = (DEFENSE_MOVED, DEFENSE_RESEATED, DEFENSE_CANCELLED)
    eventually(lambda: sum(len(world.heard(each)) for each in kinds) >= len(hit))
    assert sorted(event.subject for each in kinds for event in world.heard(each)) == sorted(hit)


def test_two_defenses_trade_places_and_bad_disturbances_are_named(world: World, caller: Office) -> None:
    office = caller("coordinator")
    season(world, office, 2)
    one, other = placed(office, "s-0"), placed(office, "s-1")
    swapped = {
        name: {"defense_id": each["defense_id"], "edition": 1}
        for name, each in (("first", one), ("second", other))
    }

    made = office.send("POST", "/v1/swaps", {**swapped, "reason": "The families asked."})
    twice = office.send("POST", "/v1/swaps", {**swapped, "second": swapped["first"], "reason": "So."})
    lacking = office.send("POST", "/v1/repairs", {"disturbance": {"kind": "room_lost"}, "reason": "So."})
    nobody = office.send(
        "POST", "/v1/repairs", {"disturbance": {"kind": "panelist_lost", "panelist_id": "z"}, "reason": "So."}
    )

    assert (made.status_code, made.json()["state"]) == (200, "applied")
    places = [(each["starts_at"], each["room_id"]) for each in (one, other)]
    now = [(each["starts_at"], each["room_id"]) for each in (placed(office, "s-1"), placed(office, "s-0"))]
    assert now == places
    assert twice.json()["errors"][0]["field"] == "second.defense_id"
    assert {each["field"] for each in lacking.json()["errors"]} == {
        "disturbance.school_id",
        "disturbance.room_id",
    }
    assert (nobody.status_code, nobody.json()["errors"][0]["field"]) == (422, "panelist_id")


def test_calendars_are_private_replaced_and_revoked(world: World, caller: Office) -> None:
    office = caller("coordinator")
    season(world, office, 2)
    east = {"kind": "school", "school_id": "east"}

    given = office.send("POST", "/v1/calendar-feeds", east)
    shown = caller("student", []).get(given.json()["path"])
    replaced = office.send("POST", "/v1/calendar-feeds", east).json()
    gone = office.get(given.json()["path"])
    working = office.get(replaced["path"])
    revoked = office.send("POST", f"/v1/calendar-feeds/{replaced['feed_id']}/revocation", {})
    others = caller("panelist").send("POST", "/v1/calendar-feeds", {"kind": "panelist", "about_id": "t-0"})
    own = caller("panelist").send("POST", "/v1/calendar-feeds", {"kind": "panelist", "about_id": "somebody"})
    lacking = office.send("POST", "/v1/calendar-feeds", {"kind": "room", "school_id": "east"})

    assert given.status_code == 201
    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert shown.text.count("BEGIN:VEVENT") == 2
    assert "s-0" not in shown.text
    assert (gone.status_code, working.status_code) == (404, 200)
    assert (revoked.json()["path"], office.get(replaced["path"]).status_code) == (None, 404)
    assert office.get(replaced["path"].replace("/jcps/", "/other/")).status_code == 404
    assert (others.status_code, own.status_code) == (403, 201)
    assert [each["field"] for each in lacking.json()["errors"]] == ["about_id"]


def test_a_family_accepts_or_chooses_among_what_is_free(world: World, caller: Office) -> None:
    office, family = caller("coordinator"), caller("guardian", ["s-0"])
    season(world, office, 2)
    mine, theirs = placed(office, "s-0"), placed(office, "s-1")
    path = f"/v1/defenses/{mine['defense_id']}"

    accepted = family.put(f"{path}/acceptance", {"edition": 1}).json()
    offered = family.get(f"{path}/offers").json()["offers"]
    chosen = family.send("POST", f"{path}/choice", {"edition": 2, "starts_at": offered[0]["starts_at"]})
    stale = family.send("POST", f"{path}/choice", {"edition": 2, "starts_at": offered[1]["starts_at"]})
    stranger = family.get(f"/v1/defenses/{theirs['defense_id']}/offers")

    assert accepted["accepted_at"] is not None
    assert len(offered) == 5
    assert mine["starts_at"] not in {each["starts_at"] for each in offered}
    assert (chosen.status_code, chosen.json()["starts_at"]) == (200, offered[0]["starts_at"])
    assert chosen.json()["accepted_at"] is not None
    assert (stale.status_code, stale.json()["errors"][0]["field"]) == (409, "edition")
    assert stranger.status_code == 404
    report = office.get("/v1/fairness", school_id="east").json()
    assert (report["defenses"], sum(each["here"] for each in report["panelists"])) == (2, 6)


#: The service, but that it kills itself as kill -9 would, once a repair has begun and one defense is written.
DYING = """
import eventlet
eventlet.monkey_patch()
import os, signal
from chassis.runner import run
from defenses.entrypoints import DefensesService
from defenses.repository import Defenses
change_many = Defenses.change_many
def dying(self, changes):
    change_many(self, changes[:1])
    os.kill(os.getpid(), signal.SIGKILL)
Defenses.change_many = dying
run(DefensesService)
"""


def test_a_kill_in_the_middle_of_a_repair_loses_and_doubles_nothing(
    service: Callable[..., ServiceAddress],
    fast_policy: Path,
    vhost: str,
    relay: Callable[..., RelayAddress],
) -> None:
    settings = {"POLICY_DIR": str(fast_policy), "PLANNER_LEASE_S": "2"}
    first = service("defenses", **settings)
    world = World(vhost)
    office = Caller(first.url, first.token("office", "coordinator"))
    season(world, office, 4, teachers=6, outsiders=6)
    snow = {"kind": "day_lost", "school_id": "east", "day": office.items("/v1/defenses")[0]["starts_at"][:10]}
    shown = office.send("POST", "/v1/repairs", {"disturbance": snow, "reason": "Snow."}).json()
    first.process.kill()
    first.process.wait()
    with subprocess.Popen(
        [sys.executable, "-c", DYING], env={**os.environ, **first.environment}, stdout=subprocess.DEVNULL
    ) as dying:
        eventually(lambda: answers(f"{first.url}/readyz"))
        with contextlib.suppress(OSError):
            office.send("POST", f"/v1/repairs/{shown['repair_id']}/application", {})
        died = dying.wait(timeout=60)

    second = service("defenses", **settings)
    office = Caller(second.url, second.token("office", "coordinator"))
    made = eventually(lambda: _repair_in(office, shown["repair_id"], "applied"))

    assert died == -signal.SIGKILL
    assert made, office.get(f"/v1/repairs/{shown['repair_id']}").text
    moved = {each["defense_id"]: each["after"] for each in shown["steps"] if each["after"]}
    after = {each["defense_id"]: each for each in office.items("/v1/defenses")}
    assert {one: after[one]["starts_at"] for one in moved} == {
        one: each["starts_at"] for one, each in moved.items()
    }
    relay("defenses")
    eventually(lambda: len(world.heard(DEFENSE_MOVED)) >= len(moved))
    assert sorted(event.subject for event in world.heard(DEFENSE_MOVED)) == sorted(moved)
    world.close()


def _repair_in(office: Caller, repair_id: str, state: str) -> bool:
    return bool(office.get(f"/v1/repairs/{repair_id}").json()["state"] == state)
