"""Availability and family windows over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.integration.defenses.defenses_world import DAYS, Caller, World, availability, eventually

Office = Callable[..., Caller]


@pytest.fixture
def office(world: World, caller: Office) -> Caller:
    """The coordinator of a district with the school east and its student s-1."""
    world.school()
    world.student("s-1")
    found = caller("coordinator")
    eventually(lambda: found.items("/v1/readiness"))
    eventually(lambda: found.put("/v1/availability/east", availability()).status_code == 200)
    return found


def test_a_school_publishes_its_availability_and_reads_it_back(office: Caller) -> None:
    offered = availability(teachers=2, outsiders=1, rooms=1)

    answer = office.put("/v1/availability/east", offered)

    assert answer.status_code == 200, answer.text
    published = office.get("/v1/availability/east").json()
    assert published.pop("published_at")
    assert published == {"school_id": "east", "edition": 2, **offered}


def test_of_two_coordinators_who_publish_at_once_the_second_reads_first(office: Caller) -> None:
    first = office.put("/v1/availability/east", {**availability(rooms=1), "edition": 1})
    second = office.put("/v1/availability/east", {**availability(rooms=3), "edition": 1})

    assert (first.status_code, first.json()["edition"]) == (200, 2)
    assert second.status_code == 409
    assert "the availability is at edition 2, not 1" in second.json()["detail"]
    assert len(office.get("/v1/availability/east").json()["rooms"]) == 1


def test_a_family_that_needs_an_interpreter_is_given_a_time_at_which_one_is_there(
    office: Caller, world: World
) -> None:
    world.scores("s-1")
    last = [[DAYS[1], "10:00", "10:30"]]
    offered = {**availability(), "interpreters": [{"language": "so", "at_once": 1, "available": last}]}
    assert office.put("/v1/availability/east", offered).json()["interpreters"] == offered["interpreters"]
    windows = {"windows": [[day, "08:30", "10:30"] for day in DAYS]}
    told = office.put("/v1/family-windows/s-1", {**windows, "interpreter": "so"})
    again = office.put("/v1/family-windows/s-1", windows)
    eventually(lambda: office.items("/v1/readiness", status="READY"))

    run = office.ended(office.run())

    assert (told.json()["interpreter"], again.json()["interpreter"]) == ("so", "so")
    assert (run["placed"], run["unplaced"]) == (1, [])
    [defense] = office.items("/v1/defenses", student_id="s-1")
    assert (defense["interpreter"], defense["starts_at"]) == ("so", "2027-04-06T14:00:00+00:00")


def test_every_fault_of_an_availability_is_named_by_its_field(office: Caller) -> None:
    offered: dict[str, Any] = availability(teachers=1, outsiders=1, rooms=1)
    offered["time_zone"] = "Kentucky"
    offered["days"][0]["starts_at"] = ["08:30", "08:40", "23:45"]
    offered["panelists"][0]["role"] = "principal"
    offered["panelists"][1]["available"] = [[DAYS[0], "08:30", "10:00"], [DAYS[0], "09:30", "10:30"]]

    answer = office.put("/v1/availability/east", offered)

    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert {each["field"]: each["reason"] for each in answer.json()["errors"]} == {
        "time_zone": "it is no IANA time zone, such as America/Kentucky/Louisville",
        "days.0.starts_at.1": "it starts within the 30 minutes of the slot at 08:30",
        "days.0.starts_at.2": "its slot does not end before midnight",
        "panelists.0.role": "it is none of teacher, administrator, outside",
        "panelists.1.available.1": "it overlaps the window at panelists.1.available.0",
    }


def test_wrong_family_windows_are_named_by_their_field(office: Caller) -> None:
    def wrong(body: dict[str, Any]) -> list[str]:
        answer = office.put("/v1/family-windows/s-1", body)
        assert answer.status_code == 422, answer.text
        return [each["field"] for each in answer.json()["errors"]]

    assert wrong({}) == ["windows"]
    assert wrong({"windows": []}) == ["windows"]
    assert wrong({"windows": [["2027-04-05", "09:00", "08:00"]]}) == ["windows.0"]
    assert wrong({"windows": [["2027-04-05", "08:00"]]}) == ["windows.0"]
    assert wrong({"windows": [["2027-04-05", "late", "later"]]}) == ["windows.0"]
    assert wrong({"windows": [["2027-04-05", 8, 9]]}) == ["windows.0"]


def test_families_speak_for_their_own_students_only(office: Caller, caller: Office) -> None:
    body = {"windows": [["2027-04-05", "08:30", "09:30"]]}
    family = caller("guardian", ["s-1"])

    assert family.put("/v1/family-windows/s-1", body).status_code == 200
    assert family.get("/v1/family-windows/s-1").json()["windows"] == body["windows"]
    assert family.put("/v1/family-windows/s-2", body).status_code == 404
    assert caller("guardian", ["s-2"]).put("/v1/family-windows/s-1", body).status_code == 404
    assert caller("student", ["s-1"]).put("/v1/family-windows/s-1", body).status_code == 403


def test_unknown_schools_and_other_districts_are_refused(office: Caller, caller: Office) -> None:
    stranger = caller("district_admin", district="other")

    assert office.put("/v1/availability/west", availability()).status_code == 404
    assert stranger.put("/v1/availability/east", availability()).status_code == 404
    assert stranger.get("/v1/availability/east").status_code == 404
    assert (
        office.put("/v1/family-windows/nobody", {"windows": [["2027-04-05", "08:30", "09:30"]]}).status_code
        == 404
    )
    refused = office.send("POST", "/v1/schedule-runs", {"school_id": "west"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (404, "school_id")
    assert office.get("/v1/schedule-runs/nothing").status_code == 404
    assert office.get("/v1/defenses/nothing").status_code == 404
    assert (
        caller("guardian", ["s-1"]).send("POST", "/v1/schedule-runs", {"school_id": "east"}).status_code
        == 403
    )
