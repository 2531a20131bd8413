"""Students leave, move and defend again: their defenses follow, over events and HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.integration.defenses.defenses_world import Caller, World, availability, eventually
from tests.integration.defenses.test_changes import placed, season

from contracts.defenses import DEFENSE_CANCELLED, DEFENSE_SCHEDULED, DefenseCancelled, DefenseScheduled
from stack.testing import RelayAddress, ServiceAddress

Office = Callable[..., Caller]
INDICATORS = tuple(f"key-indicator-{number}" for number in range(1, 6))


def state_of(office: Caller, student_id: str, *states: str) -> dict[str, Any]:
    """Wait until a student's defense is in one of these states, and return it."""

    def reached() -> dict[str, Any] | None:
        found = placed(office, student_id)
        return found if found["state"] in states else None

    found: dict[str, Any] = eventually(reached)
    return found


def cancellations(world: World) -> list[DefenseCancelled]:
    return [DEFENSE_CANCELLED.load(each.data) for each in world.heard(DEFENSE_CANCELLED)]


def scheduled(world: World, defense_id: str, *, revision: int) -> DefenseScheduled | None:
    told = [DEFENSE_SCHEDULED.load(each.data) for each in world.heard(DEFENSE_SCHEDULED)]
    return next((each for each in told if (each.defense_id, each.revision) == (defense_id, revision)), None)


def test_the_defense_of_a_student_who_leaves_is_called_off_by_the_event(
    world: World, caller: Office, relay: Callable[..., RelayAddress]
) -> None:
    office = caller("coordinator")
    season(world, office, 2)

    world.withdrawal("s-0", version=2)
    world.withdrawal("s-0", version=2)

    assert state_of(office, "s-0", "cancelled")["revision"] == 2
    assert placed(office, "s-1")["state"] == "scheduled"
    [told] = eventually(lambda: cancellations(world))
    assert (told.student_id, told.cause, told.to_be_rescheduled) == ("s-0", "student_left", False)


def test_a_student_who_moves_is_placed_at_the_new_school_with_the_record_that_they_had(
    world: World, caller: Office, relay: Callable[..., RelayAddress]
) -> None:
    office = caller("coordinator")
    season(world, office, 2)
    before = placed(office, "s-0")
    world.school("west")
    west = availability()
    west["panelists"] = [{**each, "panelist_id": f"w-{each['panelist_id']}"} for each in west["panelists"]]
    eventually(lambda: office.put("/v1/availability/west", west).status_code == 200)

    world.student("s-0", school_id="west", version=2)
    world.student("s-0", school_id="west", version=2)

    def at_west() -> dict[str, Any] | None:
        found = placed(office, "s-0")
        return found if (found["school_id"], found["state"]) == ("west", "scheduled") else None

    after = eventually(at_west)
    assert (after["defense_id"], after["revision"]) == (before["defense_id"], 3)
    assert all(seat["panelist_id"].startswith("w-") for seat in after["panel"])
    assert office.get("/v1/readiness/s-0").json()["school_id"] == "west"
    relay("defenses")
    [told] = eventually(lambda: cancellations(world))
    assert (told.school_id, told.cause, told.to_be_rescheduled) == ("east", "student_moved", True)
    last = eventually(lambda: scheduled(world, after["defense_id"], revision=3))
    assert last.school_id == "west"


def test_a_not_yet_is_followed_by_a_redefense_before_other_people(
    world: World, caller: Office, defenses: ServiceAddress
) -> None:
    office = caller("coordinator")
    season(world, office, 1, teachers=6, outsiders=4)
    first = placed(office, "s-0")
    opened = office.send(
        "POST", "/v1/hearings", {"defense_id": first["defense_id"], "form": "in_person"}
    ).json()
    people = [seat["panelist_id"] for seat in first["panel"]]
    for each in people:
        marks = [{"indicator_id": one, "level": 1, "note": "Not yet."} for one in INDICATORS]
        panelist = Caller(defenses.url, defenses.token(each, "panelist", None, "jcps"))
        sheet = panelist.put(f"/v1/hearings/{opened['hearing_id']}/sheet", {"round": 1, "marks": marks})
        assert sheet.status_code == 200, sheet.text

    run = office.ended(office.run())
    again = office.ended(office.run())

    assert (run["placed"], run["unplaced"], again["placed"]) == (1, [], 0)
    both = sorted(office.items("/v1/defenses", student_id="s-0"), key=lambda each: each["attempt"])
    assert [each["attempt"] for each in both] == [1, 2]
    assert both[0] == first
    assert not {seat["panelist_id"] for seat in both[1]["panel"]} & set(people)
    heard = office.send("POST", "/v1/hearings", {"defense_id": both[1]["defense_id"], "form": "in_person"})
    assert (heard.status_code, heard.json()["attempt"]) == (201, 2)


def test_a_key_that_came_with_another_request_is_refused_and_what_was_not_given_up_not_resumed(
    world: World, caller: Office
) -> None:
    office = caller("coordinator")
    season(world, office, 2)
    run, repair = "/v1/schedule-runs", "/v1/repairs"
    day = {"kind": "day_lost", "school_id": "east", "day": "2027-04-05"}
    office.send("POST", run, {"school_id": "east", "publish": False}, key="one")
    shown = office.send("POST", repair, {"disturbance": day, "reason": "Snow."}, key="two")

    again = office.send("POST", repair, {"disturbance": day, "reason": "Snow."}, key="two")
    other_run = office.send("POST", run, {"school_id": "east", "publish": True}, key="one")
    other_day = {"disturbance": {**day, "day": "2027-04-06"}, "reason": "Snow."}
    other_repair = office.send("POST", repair, other_day, key="two")
    resumed = office.send("POST", f"{run}/{office.run()}/resumption", {})

    assert (again.json()["repair_id"], again.json()["steps"]) == (
        shown.json()["repair_id"],
        shown.json()["steps"],
    )
    assert {each.json()["errors"][0]["field"] for each in (other_run, other_repair)} == {"Idempotency-Key"}
    assert resumed.status_code == 409
