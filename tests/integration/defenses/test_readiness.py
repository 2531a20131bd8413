"""Roster and scores from the broker, in any order, to decisions over HTTP and to readiness.changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from tests.integration.defenses.defenses_world import SKILLS, Caller, World, eventually

from contracts.defenses import (
    OPPORTUNITY_MISSED,
    OPPORTUNITY_SETTLED,
    READINESS_CHANGED,
    READINESS_CHANGED_V2,
    ReadinessChanged,
)
from stack.testing import RelayAddress

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
    assert {clause["id"] for clause in ready["explanation"]["clauses"]} == {*SKILLS, "compensation"}
    assert ready["status"] == "READY_TO_DEFEND"
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


@pytest.fixture
def fast_policy(fast_policy: Path) -> Path:
    """A district that raises gaps all the year, by the packaged rule otherwise."""
    [rule] = json.loads((files("defenses") / "policy" / "readiness.json").read_text())
    rule["opportunity"] = {"first": "01-01", "last": "12-31"}
    (fast_policy / "jcps" / "readiness.json").write_text(json.dumps([rule]))
    return fast_policy


WAIVER = {"kind": "waiver", "approved_by": "p-1", "reason": "Came in May.", "ends_on": "2099-06-30"}


def test_a_waiver_lets_a_student_defend_until_it_is_taken_back(
    world: World, caller: Office, relay: Callable[..., RelayAddress]
) -> None:
    relay("defenses")
    office = caller("coordinator")
    world.student("s-1")
    eventually(lambda: office.items("/v1/readiness"))
    path = "/v1/readiness/s-1/exceptions/late-transfer"

    granted = office.put(path, WAIVER)
    assert granted.status_code == 200, granted.text
    assert (granted.json()["status"], granted.json()["exceptions"][0]["recorded_by"]) == (
        "WAIVED",
        "somebody",
    )
    assert [each["status"] for each in office.items("/v1/readiness", status="READY")] == ["WAIVED"]
    assert office.items("/v1/opportunity-gaps") == []

    revoked = office.send("POST", f"{path}/revocation", {})
    assert (revoked.status_code, revoked.json()["status"]) == (200, "INSUFFICIENT_EVIDENCE")
    said = eventually(lambda: _statuses(world, 3))
    assert said == ["INSUFFICIENT_EVIDENCE", "WAIVED", "INSUFFICIENT_EVIDENCE"]
    assert caller("guardian", ["s-1"]).put(path, WAIVER).status_code == 403
    assert office.put("/v1/readiness/nobody/exceptions/x", WAIVER).status_code == 404
    wrong = office.put(path, {**WAIVER, "ends_on": "2020-01-01"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "ends_on")


def _statuses(world: World, count: int) -> list[str]:
    """Return what version 2 said, once it has said so much."""
    events = {event.id: event for event in world.heard(READINESS_CHANGED_V2)}
    said = [event.data["status"] for event in events.values()]
    return said if len(said) >= count else []


def test_a_decision_can_be_made_again(world: World, caller: Office) -> None:
    office = caller("coordinator")
    world.student("s-1")
    world.scores("s-1")
    [ready] = eventually(lambda: office.items("/v1/readiness", status="READY_TO_DEFEND"))

    again = office.get("/v1/readiness/s-1/replay").json()

    assert again == {
        "same": True,
        **{name: ready[name] for name in ("status", "rule_version", "as_of", "input_hash", "explanation")},
    }
    assert office.get("/v1/readiness/nobody/replay").status_code == 404
    events = {event.id: event for event in world.heard(READINESS_CHANGED_V2)}
    for event in events.values():
        told = {name: event.data[name] for name in ("rule_version", "snapshot")}
        answer = office.send("POST", "/v1/readiness/replays", told)
        assert answer.status_code == 200, answer.text
        assert {name: event.data[name] for name in answer.json()} == answer.json()


def test_every_decision_about_a_student_stays_on_record_and_can_be_made_again(
    world: World, caller: Office
) -> None:
    family = caller("guardian", ["s-1"])
    world.student("s-1")
    eventually(lambda: family.get("/v1/readiness/s-1").status_code == 200)
    world.scores("s-1")
    eventually(lambda: family.get("/v1/readiness/s-1").json()["status"] == "READY_TO_DEFEND")

    past = family.get("/v1/readiness/s-1/decisions").json()["decisions"]

    assert [each["status"] for each in past] == ["INSUFFICIENT_EVIDENCE", "READY_TO_DEFEND"]
    for each in past:
        again = family.get("/v1/readiness/s-1/replay", input_hash=each["input_hash"]).json()
        assert (again["same"], again["status"], again["as_of"]) == (True, each["status"], each["as_of"])
    assert family.get("/v1/readiness/s-1/replay", input_hash="0" * 64).status_code == 404
    assert family.get("/v1/readiness/s-1/replay", input_hash="x").status_code == 422


def test_gaps_are_listed_against_the_school_until_the_evidence_is_there(world: World, caller: Office) -> None:
    office = caller("coordinator")
    world.student("s-1")
    [owed] = eventually(lambda: office.items("/v1/opportunity-gaps", school_id="east", skill_id=SKILLS[0]))

    assert {gap["skill_id"] for gap in owed["gaps"]} == set(SKILLS)
    assert office.items("/v1/opportunity-gaps", school_id="west") == []

    world.scores("s-1")
    assert eventually(lambda: office.items("/v1/opportunity-gaps") == [])
    [missed] = {event.id: event for event in world.heard(OPPORTUNITY_MISSED)}.values()
    assert (missed.subject, missed.data["school_id"], len(missed.data["gaps"])) == ("s-1", "east", 5)
    settled = {event.id: event for event in world.heard(OPPORTUNITY_SETTLED)}.values()
    assert sorted(skill for event in settled for skill in event.data["skill_ids"]) == sorted(SKILLS)


def test_a_dry_run_shows_who_would_change_and_changes_nobody(world: World, caller: Office) -> None:
    office = caller("coordinator")
    for school in ("east", "west"):
        world.school(school)
    world.student("s-1")
    world.scores("s-1", level=2.0)
    world.student("s-2", school_id="west")
    eventually(lambda: office.items("/v1/readiness", status="NOT_YET"))
    eventually(lambda: office.items("/v1/readiness", school_id="west"))
    [rule] = json.loads((files("defenses") / "policy" / "readiness.json").read_text())
    lenient = {**rule, "version": "trial", "mean_at_least": 2}

    def trial(query: str = "", **body: Any) -> dict[str, Any]:
        answer = office.send("POST", f"/v1/readiness/dry-runs{query}", {"rule": lenient, **body})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    east = eventually(lambda: _if_there(trial))
    assert (east["next_cursor"], len(east["items"])) == ("east", 1)
    [tried] = east["items"]
    assert tried["counts"] == [{"before": "NOT_YET", "after": "READY_TO_DEFEND", "students": 1}]
    assert [change["student_id"] for change in tried["changes"]] == ["s-1"]
    west = trial(f"?cursor={east['next_cursor']}")
    assert (west["items"][0]["students"], west["items"][0]["changes"], west["next_cursor"]) == (1, [], None)
    assert trial(school_id="east")["items"] == [tried]
    assert trial("?limit=2")["items"] == [tried, *west["items"]]
    assert office.get("/v1/readiness/s-1").json()["status"] == "NOT_YET"
    wrong = office.send("POST", "/v1/readiness/dry-runs", {"rule": {**lenient, "skills": []}})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "rule.skills")
    unknown = office.send("POST", "/v1/readiness/dry-runs", {"rule": lenient, "school_id": "north"})
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (404, "school_id")
    assert caller("teacher").send("POST", "/v1/readiness/dry-runs", {"rule": lenient}).status_code == 403


def _if_there(trial: Callable[[], dict[str, Any]]) -> dict[str, Any] | None:
    """Return a page of a district whose both schools have arrived."""
    found = trial()
    return found if found["items"] and found["next_cursor"] else None


def test_a_summary_counts_statuses_and_failing_clauses(world: World, caller: Office) -> None:
    office = caller("teacher")
    world.school()
    for student, level in (("s-1", 3.0), ("s-2", 1.0)):
        world.student(student)
        world.scores(student, level=level)
    eventually(lambda: office.items("/v1/readiness", status="NOT_YET"))
    eventually(lambda: office.items("/v1/readiness", status="READY_TO_DEFEND"))

    [grade] = eventually(lambda: office.items("/v1/readiness-summary", school_id="east", grade="5"))

    assert grade["statuses"] == {"READY_TO_DEFEND": 1, "NOT_YET": 1}
    assert {skill["skill_id"] for skill in grade["skills"]} == set(SKILLS)
    assert grade["skills"][0]["failing"] == [
        {"clause": "criterion-floor", "students": 1},
        {"clause": "mean", "students": 1},
    ]
    found = office.items("/v1/readiness", grade="5", skill_id=SKILLS[0], status="NOT_YET")
    assert [each["student_id"] for each in found] == ["s-2"]
    assert office.items("/v1/readiness-summary", school_id="west") == []
    assert caller("guardian", ["s-1"]).get("/v1/readiness-summary").status_code == 403
