"""Second reads, leads, reviews, doubt, and what the office does, over HTTP and the broker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.integration.scoring.scoring_district import NOON, Caller, District, eventually

from contracts.scoring import (
    ARTIFACT_SCORED,
    ARTIFACT_UNSCORABLE,
    REVIEW_DECIDED,
    SAFEGUARDING_RAISED,
    SCORE_QUARANTINED,
    SCORER_PAUSED,
    ScorerPaused,
)

Office = Callable[..., Caller]
GOOD = {"message": 4, "audience": 3, "organisation": 3, "craft": 3}
POOR = {"message": 1, "audience": 2, "organisation": 2, "craft": 2}
SCORERS = ("t-west", "t-north", "t-south")


@pytest.fixture
def artifact(district: District, caller: Office) -> str:
    district.student("s-1", "east")
    for each in SCORERS:
        district.staff(each, "west")
    district.staff("lead", "west", role="counselor")
    district.artifact("a-1", "s-1", "east")
    assert eventually(lambda: caller("office", "coordinator").tasks(state="queued"))
    return district.id("a-1")


def read(scorer: Caller, levels: dict[str, int]) -> str:
    task = eventually(scorer.claim)
    answer = scorer.read(task["task_id"], levels)
    assert answer.status_code == 201, answer.text
    assert answer.json()["state"] == "read"
    found: str = task["task_id"]
    return found


def history(artifact: str, who: Caller) -> Any:
    answer = who.get(f"/v1/scoring/artifacts/{artifact}/history")
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("kind", ["twice"], indirect=True)
def test_two_who_disagree_are_followed_by_a_lead_who_knows_of_neither(
    district: District, caller: Office, artifact: str
) -> None:
    first = caller("t-west", "scorer")
    task_id = read(first, GOOD)
    assert district.heard() == []
    shown = caller("t-north", "scorer")
    second = eventually(shown.claim)
    before = {name for name, value in second.items() if value is not None}
    assert shown.read(task_id, POOR).status_code == 201

    lead = caller("lead", "scorer")
    third = eventually(lead.claim)
    assert {name for name, value in third.items() if value is not None} == before
    assert (third["state"], third["levels"]) == ("open", [])
    assert lead.read(task_id, GOOD).status_code == 201

    [event] = eventually(district.heard)
    scored = ARTIFACT_SCORED.load(event.data)
    assert (scored.mean_level, scored.readers) == (3.25, 3)
    told = history(artifact, caller("office", "coordinator"))
    assert [each["stage"] for each in told["reads"]] == ["first", "second", "adjudication"]
    family = history(artifact, caller("g-1", "guardian", ["s-1"]))
    assert not any("scorer_id" in each for each in family["reads"])
    assert not any("by" in each for each in family["entries"])
    assert first.get(f"/v1/scoring/artifacts/{artifact}/history").status_code == 403


def test_a_review_by_two_others_raises_the_score_once(
    district: District, caller: Office, artifact: str
) -> None:
    read(caller("t-west", "scorer"), POOR)
    guardian = caller("g-1", "guardian", ["s-1"])
    body = {"artifact_id": artifact, "reason": "We see it otherwise."}
    assert eventually(district.heard)

    assert caller("g-2", "guardian", ["s-2"]).post("/v1/scoring/reviews", body).status_code == 404
    assert guardian.post("/v1/scoring/reviews", body).status_code == 201
    assert guardian.post("/v1/scoring/reviews", body).status_code == 409
    assert caller("t-west", "scorer").claim() is None
    for each in ("t-north", "t-south"):
        read(caller(each, "scorer"), GOOD)

    [event] = eventually(lambda: district.heard(REVIEW_DECIDED))
    assert REVIEW_DECIDED.load(event.data).replaced
    [score] = guardian.items("/v1/scoring/scores", student_id=district.id("s-1"))
    assert (score["mean_level"], score["review"]["replaced"]) == (3.25, True)


def test_a_stopped_scorers_score_is_doubted_hidden_and_given_anew(
    district: District, caller: Office, artifact: str
) -> None:
    read(caller("t-west", "scorer"), GOOD)
    guardian = caller("g-1", "guardian", ["s-1"])
    assert eventually(district.heard)
    paused = ScorerPaused(
        scorer_id=district.id("t-west"),
        skill_id="effective-communicator",
        band="K-5",
        reads_since=NOON,
        reason="seeds",
        paused_at=NOON,
    )

    district.tell(SCORER_PAUSED, district.id("standing"), paused)

    assert eventually(lambda: district.heard(SCORE_QUARANTINED))
    assert guardian.items("/v1/scoring/scores", student_id=district.id("s-1")) == []
    read(caller("t-north", "scorer"), POOR)
    assert eventually(lambda: len(district.heard()) == 2)
    told = history(artifact, caller("office", "coordinator"))
    assert [each["void"] for each in told["reads"]] == ["scorer_stopped", None]


def test_what_a_scorer_finds_and_what_the_office_does_about_it(
    district: District, caller: Office, artifact: str
) -> None:
    scorer, office = caller("t-west", "scorer"), caller("office", "coordinator")
    path = f"/v1/scoring/tasks/{eventually(scorer.claim)['task_id']}"

    assert scorer.post(f"{path}/unscorable", {"code": "boring"}).status_code == 422
    assert scorer.post(f"{path}/unscorable", {"code": "blank"}).status_code == 204
    assert eventually(lambda: district.heard(ARTIFACT_UNSCORABLE))
    again = {"to": "queued", "reason": "It opens with another program."}
    assert scorer.post(f"{path}/moves", again).status_code == 403
    assert office.post(f"{path}/moves", again).json()["state"] == "queued"
    refused = office.post(f"{path}/moves", again)
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        "a task that is queued cannot be queued again",
    )
    assert scorer.claim() is None
    other = caller("t-north", "scorer")
    eventually(other.claim)
    assert other.post(f"{path}/safeguarding", {"reason": "Please look after her."}).status_code == 204
    [event] = eventually(lambda: district.heard(SAFEGUARDING_RAISED))
    assert "Please" not in str(event.data)
    withdrawn = office.post(f"{path}/moves", {"to": "withdrawn", "reason": "Asked by the family."})
    assert withdrawn.json()["state"] == "withdrawn"
    assert caller("t-south", "scorer").claim() is None


def test_a_scorer_gives_back_whom_they_know(district: District, caller: Office, artifact: str) -> None:
    scorer = caller("t-west", "scorer")
    task = eventually(scorer.claim)

    assert (
        scorer.post(f"/v1/scoring/tasks/{task['task_id']}/return", {"reason": "My niece."}).status_code == 204
    )
    desk = scorer.post(
        f"/v1/scoring/scorers/{district.id('t-west')}/conflicts", {"student_ids": [district.id("s-1")]}
    )

    assert desk.json()["student_ids"] == [district.id("s-1")]
    assert scorer.post(f"/v1/scoring/scorers/{district.id('t-north')}/conflicts", {}).status_code == 403
    assert scorer.claim() is None
    assert eventually(caller("t-north", "scorer").claim)["task_id"] == task["task_id"]
