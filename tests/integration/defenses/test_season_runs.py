"""A run for many schools over HTTP: progress, an early end, drafts, and publication by school."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.integration.defenses.defenses_world import Caller, World, availability, eventually

from contracts.defenses import DEFENSE_SCHEDULED
from stack.http import answers
from stack.testing import RelayAddress, ServiceAddress

Office = Callable[..., Caller]

SCHOOLS = ("east", "west", "north")


def district(world: World, office: Caller, each: int = 2) -> None:
    """East and west share all who are from outside; north has its own people."""
    for school in SCHOOLS:
        world.school(school)
        for number in range(each):
            world.student(f"s-{school}-{number}", school_id=school)
            world.scores(f"s-{school}-{number}")
    eventually(lambda: len(office.items("/v1/readiness", status="READY", limit=500)) == each * len(SCHOOLS))
    for school in SCHOOLS:
        assert office.put(f"/v1/availability/{school}", offer(school)).status_code == 200


def offer(school: str) -> dict[str, Any]:
    offered = availability()
    own = school if school == "north" else "shared"
    for person in offered["panelists"]:
        where = school if person["role"] == "teacher" else own
        person["panelist_id"] = f"{where}-{person['panelist_id']}"
    return offered


def ended(office: Caller, season_run_id: str) -> dict[str, Any]:
    def end() -> dict[str, Any] | None:
        run: dict[str, Any] = office.get(f"/v1/season-runs/{season_run_id}").json()
        return run if run["state"] not in {"queued", "running"} else None

    found: dict[str, Any] = eventually(end, timeout_s=120)
    return found


@pytest.mark.timeout(300)
def test_a_district_is_scheduled_by_one_request_and_published_by_school(
    world: World, caller: Office, relay: Callable[..., RelayAddress]
) -> None:
    office = caller("coordinator")
    district(world, office)

    asked = office.send("POST", "/v1/season-runs", {"publish": False}, key="one")
    again = office.send("POST", "/v1/season-runs", {"publish": False}, key="one")
    season_run_id = asked.json()["season_run_id"]
    done = ended(office, season_run_id)

    assert (asked.status_code, again.json()["season_run_id"]) == (202, season_run_id)
    assert [each["school_ids"] for each in done["runs"]] == [["east", "west"], ["north"]]
    assert (done["state"], done["placed"], done["unplaced"], done["ended"]) == ("applied", 6, 0, 2)
    drafts = office.items("/v1/defenses", limit=500)
    assert {each["state"] for each in drafts} == {"draft"}
    busy = [(each["starts_at"], seat["panelist_id"]) for each in drafts for seat in each["panel"]]
    assert len(set(busy)) == len(busy)
    relay("defenses")
    one = {"reason": "West is ready.", "school_ids": ["west"]}
    assert office.send("POST", f"/v1/season-runs/{season_run_id}/publish", one).status_code == 202
    assert ended(office, season_run_id)["state"] == "applied"
    public = {each["school_id"]: each["state"] for each in office.items("/v1/defenses", limit=500)}
    assert public == {"east": "draft", "west": "scheduled", "north": "draft"}
    office.send("POST", f"/v1/season-runs/{season_run_id}/publish", {"reason": "All are."})
    assert all(each["published_at"] for each in ended(office, season_run_id)["runs"])
    heard = eventually(lambda: len(world.heard(DEFENSE_SCHEDULED)) == 6 and world.heard(DEFENSE_SCHEDULED))
    assert {event.subject for event in heard} == {each["defense_id"] for each in drafts}


def at_end(office: Caller, run_id: str) -> dict[str, Any]:
    """Wait for a run's end; its search may have to be compiled first, on a busy machine."""

    def end() -> dict[str, Any] | None:
        run: dict[str, Any] = office.get(f"/v1/schedule-runs/{run_id}").json()
        return run if run["state"] in {"applied", "failed", "cancelled"} else None

    found: dict[str, Any] = eventually(end, timeout_s=120)
    return found


def test_what_cannot_be_done_is_refused_by_name(world: World, caller: Office) -> None:
    office = caller("coordinator")
    empty = office.send("POST", "/v1/season-runs", {})
    world.school("east")
    eventually(lambda: office.send("POST", "/v1/schedule-runs", {"school_id": "east"}).status_code == 202)
    unknown = office.send("POST", "/v1/season-runs", {"school_ids": ["east", "nowhere"]})
    asked = office.send("POST", "/v1/season-runs", {"school_ids": ["east"]}, key="one").json()
    other = office.send("POST", "/v1/season-runs", {"school_ids": []}, key="one")
    ended(office, asked["season_run_id"])
    over = office.send("POST", f"/v1/season-runs/{asked['season_run_id']}/cancellation", {"stop": "keep"})
    badly = office.send("POST", f"/v1/season-runs/{asked['season_run_id']}/cancellation", {"stop": "now"})

    assert empty.status_code == 409
    assert unknown.status_code == 404
    assert unknown.json()["errors"][0]["field"] == "school_ids.1"
    assert other.status_code == 422
    assert (over.status_code, badly.status_code) == (409, 422)
    assert office.get("/v1/season-runs/none").status_code == 404
    assert caller("teacher").send("POST", "/v1/season-runs", {}).status_code == 403
    assert (
        caller("coordinator", district="other").get(f"/v1/season-runs/{asked['season_run_id']}").status_code
        == 404
    )


@pytest.mark.timeout(400)
def test_a_search_shows_how_far_it_is_and_is_ended_with_the_best_schedule_so_far(
    service: Callable[..., ServiceAddress], fast_policy: Path, vhost: str
) -> None:
    (fast_policy / "jcps" / "season.json").write_text(
        """[{"version": "1", "effective": "2020-07-01", "year_starts": "07-01",
             "search": {"seconds": 600, "workers": 1, "gap": 0},
             "weights": {"unscheduled": 1000, "block": 1, "over_target": 3, "move": 2}}]"""
    )
    address = service("defenses", POLICY_DIR=str(fast_policy), PLANNER_LEASE_S="2")
    office, world = Caller(address.url, address.token("office", "coordinator")), World(vhost)
    # So many that no proof ends the search.
    district(world, office, each=14)
    run_id = office.run("east")

    progress = eventually(lambda: office.get(f"/v1/schedule-runs/{run_id}").json()["progress"], timeout_s=90)
    stopped = office.send("POST", f"/v1/schedule-runs/{run_id}/cancellation", {"stop": "keep"})
    done = at_end(office, run_id)
    discarded = office.run("west")
    eventually(lambda: office.get(f"/v1/schedule-runs/{discarded}").json()["progress"], timeout_s=90)
    office.send("POST", f"/v1/schedule-runs/{discarded}/cancellation", {"stop": "discard"})
    cancelled = at_end(office, discarded)

    assert progress["students"] == 14
    assert stopped.status_code == 202
    assert (done["state"], done["placed"] + len(done["unplaced"])) == ("applied", 14)
    assert done["seconds"] < 300
    assert len(office.items("/v1/defenses", school_id="east", limit=500)) == done["placed"] > 0
    assert (cancelled["state"], cancelled["failure"]) == ("cancelled", "")
    assert office.items("/v1/defenses", school_id="west") == []
    world.close()


#: The service, but that what takes seconds for a large area takes until a file is there.
SLOW = """
import eventlet
eventlet.monkey_patch()
import sys
from pathlib import Path
from chassis.runner import run
from defenses import clients
from defenses.domain.scheduling.joint import JointSeason
from defenses.entrypoints import DefensesService
from defenses.use_cases import searching
folder, sleep = Path(sys.argv[1]), eventlet.patcher.original("time").sleep
def held(name, work):
    def slow(*arguments):
        (folder / f"{name}-begun").touch()
        while not (folder / f"{name}-may-end").exists():
            sleep(0.01)
        return work(*arguments)
    return slow
JointSeason.instance = held("building", JointSeason.instance)
clients.instance_to_wire = held("writing", clients.instance_to_wire)
searching.plan = held("checking", searching.plan)
run(DefensesService)
"""


@pytest.mark.timeout(300)
def test_requests_are_answered_while_a_large_area_is_built_written_and_checked(
    service: Callable[..., ServiceAddress], fast_policy: Path, vhost: str, tmp_path: Path
) -> None:
    first = service("defenses", POLICY_DIR=str(fast_policy), PLANNER_LEASE_S="2")
    office, world = Caller(first.url, first.token("office", "coordinator")), World(vhost)
    district(world, office)
    first.process.terminate()
    first.process.wait()
    with subprocess.Popen(
        [sys.executable, "-c", SLOW, str(tmp_path)],
        env={**os.environ, **first.environment},
        stdout=subprocess.DEVNULL,
    ) as slow:
        eventually(lambda: answers(f"{first.url}/readyz"))
        asked = office.send("POST", "/v1/season-runs", {"school_ids": ["east", "west"], "publish": False})
        season_run_id = asked.json()["season_run_id"]
        meanwhile = []
        for name in ("building", "writing", "checking"):
            assert eventually((tmp_path / f"{name}-begun").exists, timeout_s=120)
            meanwhile.append(office.get(f"/v1/season-runs/{season_run_id}").json()["state"])
            (tmp_path / f"{name}-may-end").touch()
        done = ended(office, season_run_id)
        slow.terminate()

    assert meanwhile == ["running"] * 3
    assert (done["state"], done["placed"]) == ("applied", 4)
    world.close()
