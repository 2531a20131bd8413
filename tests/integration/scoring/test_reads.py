"""Scorers read what is theirs, once, and the score goes out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.integration.scoring.scoring_district import Caller, District, eventually

from contracts.scoring import ARTIFACT_SCORED

Office = Callable[..., Caller]

LEVELS = {"message": 4, "audience": 3, "organisation": 3, "craft": 2}


@pytest.fixture
def task_id(district: District, caller: Office) -> str:
    district.student("s-1", "east")
    district.staff("t-west", "west")
    district.artifact("a-1", "s-1", "east")
    task = eventually(caller("t-west", "scorer").claim)
    found: str = task["task_id"]
    return found


def test_a_read_scores_the_artifact_and_the_score_goes_out(
    district: District, caller: Office, task_id: str
) -> None:
    scorer = caller("t-west", "scorer")

    answer = scorer.read(task_id, LEVELS)

    assert answer.status_code == 201, answer.text
    [event] = eventually(district.heard)
    scored = ARTIFACT_SCORED.load(event.data)
    assert (event.subject, event.district) == (task_id, district.name)
    assert (scored.artifact_id, scored.student_id, scored.school_id) == (
        district.id("a-1"),
        district.id("s-1"),
        "east",
    )
    assert {each.criterion_id: each.level for each in scored.criteria} == LEVELS
    assert scored.mean_level == 3.0
    assert [each["mean_level"] for each in _scores(district, caller("office", "coordinator"))] == [3.0]


def test_the_same_read_again_is_harmless_and_another_one_is_a_conflict(
    district: District, caller: Office, task_id: str
) -> None:
    scorer = caller("t-west", "scorer")
    first = scorer.read(task_id, LEVELS, key="one")

    again = scorer.read(task_id, LEVELS, key="one")
    in_another_call = scorer.read(task_id, LEVELS)
    another = scorer.read(task_id, {**LEVELS, "craft": 4})

    assert first.status_code == again.status_code == in_another_call.status_code == 201
    # The store keeps milliseconds, so only what was said of them is compared.
    assert again.json()["levels"] == in_another_call.json()["levels"] == first.json()["levels"]
    assert another.status_code == 409
    assert len(eventually(district.heard)) == 1


def test_says_which_level_does_not_fit(caller: Office, task_id: str) -> None:
    answer = caller("t-west", "scorer").read(task_id, {**LEVELS, "craft": 5})

    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "levels.3.level", "reason": "level 5 is none of 1, 2, 3, 4"}]


def test_refuses_whoever_has_not_opened_the_task(district: District, caller: Office, task_id: str) -> None:
    stranger = caller("t-north", "scorer")

    assert stranger.read(task_id, LEVELS).status_code == 403
    assert stranger.get(f"/v1/scoring/tasks/{task_id}").status_code == 403
    assert stranger.tasks() == []
    assert stranger.get("/v1/scoring/tasks", scorer_id=district.id("t-west")).status_code == 403
    assert caller("portal", "portal").read(task_id, LEVELS).status_code == 403
    assert caller("t-west", "scorer").read("nothing", LEVELS).status_code == 404
    assert caller("t-west", "scorer", of="other").read(task_id, LEVELS).status_code == 404


def test_shows_a_task_blind_with_its_rubric(caller: Office, task_id: str) -> None:
    task = caller("t-west", "scorer").get(f"/v1/scoring/tasks/{task_id}").json()

    assert "s-1." not in str(task)
    assert "east" not in str(task)
    assert not {"purpose", "scorer_id", "nominated", "late", "opened_at", "due_at"} & set(task)
    assert task["state"] == "open"
    assert [each["criterion_id"] for each in task["rubric"]["criteria"]] == list(LEVELS)
    assert [each["level"] for each in task["rubric"]["criteria"][0]["descriptors"]] == [1, 2, 3, 4]
    assert task["levels"] == []


def test_families_see_the_scores_of_their_own_children(
    district: District, caller: Office, task_id: str
) -> None:
    caller("t-west", "scorer").read(task_id, LEVELS)

    [own] = _scores(district, caller("g-1", "guardian", ["s-1"]))

    assert own["artifact_id"] == district.id("a-1")
    assert own["criteria"][0] == {"criterion_id": "message", "level": 4.0, "feedback": "Clear."}
    assert _scores(district, caller("g-2", "guardian", ["s-2"])) == []
    assert (
        caller("t-west", "scorer").get("/v1/scoring/scores", student_id=district.id("s-1")).status_code == 403
    )


def test_lists_the_rubrics_of_a_skill_and_grade(caller: Office) -> None:
    student = caller("s-1", "student", ["s-1"])

    [rubric] = student.items("/v1/rubrics", skill_id="emerging-innovator", grade="8")

    assert (rubric["rubric_id"], rubric["version"]) == ("emerging-innovator-6-8", "2026.1")
    first = student.get("/v1/rubrics", limit="10").json()
    rest = student.get("/v1/rubrics", limit="10", cursor=first["next_cursor"]).json()
    assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (10, 5, None)
    assert student.get("/v1/rubrics", version="1999").status_code == 404


def _scores(district: District, caller: Caller) -> list[dict[str, Any]]:
    return caller.items("/v1/scoring/scores", student_id=district.id("s-1"))
