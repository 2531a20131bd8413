"""Scorers claim what they may read, each alone, in whatever order the events arrive."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tests.integration.scoring.scoring_district import Caller, District, eventually

from contracts.scoring import READ_GIVEN

Office = Callable[..., Caller]
LEVELS = {"message": 4, "audience": 3, "organisation": 3, "craft": 2}


def test_gives_an_artifact_to_the_staff_of_another_school_and_to_nobody_else(
    district: District, caller: Office
) -> None:
    district.student("s-1", "east", "t-own")
    for staff_id, school_id in (("t-east", "east"), ("t-own", "west"), ("t-west", "west")):
        district.staff(staff_id, school_id)
    district.artifact("a-1", "s-1", "east", times=3)
    office = caller("office", "coordinator")
    assert eventually(lambda: office.tasks(state="queued"))

    assert caller("t-east", "scorer").claim() is None
    assert caller("t-own", "scorer").claim() is None
    task = eventually(caller("t-west", "scorer").claim)

    timeless = {name: value for name, value in task.items() if not name.endswith("_at")}
    del timeless["rubric"]
    assert timeless == {
        "task_id": task["task_id"],
        "artifact_id": district.id("a-1"),
        "content_url": f"/v1/artifacts/{district.id('a-1')}/content",
        "skill_id": "effective-communicator",
        "grade": "5",
        "title": "Letter to the city",
        "reflection": "I rewrote the opening.",
        "media_type": "text/plain",
        "state": "open",
        "rubric_id": "effective-communicator-k-5",
        "rubric_version": "2026.1",
        "levels": [],
    }
    [seen] = office.tasks(state="leased")
    assert (seen["scorer_id"], seen["task_id"]) == (district.id("t-west"), task["task_id"])
    assert caller("stranger", "scorer").post("/v1/scoring/claims", {}).status_code == 403


def test_the_same_claim_again_gives_the_same_task(district: District, caller: Office) -> None:
    district.student("s-1", "east")
    district.staff("t-west", "west")
    for number in range(3):
        district.artifact(f"a-{number}", "s-1", "east")
    scorer = caller("t-west", "scorer")

    first = eventually(lambda: scorer.claim(key="one"))

    assert scorer.claim(key="one")["task_id"] == first["task_id"]
    assert eventually(lambda: scorer.claim(key="two"))["task_id"] != first["task_id"]


def test_nobody_reads_for_a_student_who_has_left_until_they_come_back(
    district: District, caller: Office
) -> None:
    district.staff("t-west", "west")
    district.withdrawal("s-1", "east", version=2)
    # Older than the withdrawal, and late.
    district.student("s-1", "east", version=1)
    district.artifact("a-1", "s-1", "east")
    assert eventually(lambda: caller("office", "coordinator").tasks(state="queued"))
    assert caller("t-west", "scorer").claim() is None

    district.student("s-1", "east", version=3)

    assert eventually(caller("t-west", "scorer").claim)


def test_many_scorers_at_once_never_get_the_same_task_and_none_has_too_many(
    district: District, caller: Office
) -> None:
    scorers = [f"t-{number}" for number in range(12)]
    for scorer_id in scorers:
        district.staff(scorer_id, "west")
    for number in range(40):
        district.student(f"s-{number}", "east")
        district.artifact(f"a-{number}", f"s-{number}", "east")
    office = caller("office", "coordinator")
    assert eventually(lambda: len(office.tasks(state="queued", limit="100")) == 40)
    assert all(eventually(caller(each, "scorer").claim) for each in scorers)

    def claim(scorer_id: str) -> tuple[int, Any]:
        answer = caller(scorer_id, "scorer").post("/v1/scoring/claims", {})
        return answer.status_code, answer.json().get("task")

    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(claim, scorers * 8))

    assert {status for status, _ in answers} <= {200, 409}
    leased = office.tasks(state="leased", limit="100")
    assert len(leased) == 40
    for scorer_id in scorers:
        own = [each for each in leased if each["scorer_id"] == district.id(scorer_id)]
        assert len(own) <= 5
        assert len(caller(scorer_id, "scorer").tasks(state="open")) == len(own)
    given = [task["task_id"] for _, task in answers if task]
    assert len(given) == len(set(given)) == 28


@pytest.mark.parametrize("kind", ["brief"], indirect=True)
def test_a_lease_ends_by_itself_and_its_holder_comes_too_late(district: District, caller: Office) -> None:
    district.student("s-1", "east")
    district.staff("t-west", "west")
    district.artifact("a-1", "s-1", "east")
    scorer, office = caller("t-west", "scorer"), caller("office", "coordinator")
    task = eventually(scorer.claim)

    assert eventually(lambda: office.tasks(state="queued"))

    late = scorer.read(task["task_id"], LEVELS)
    assert (late.status_code, late.json()["detail"]) == (409, "the time to read this task is over")
    assert scorer.get(f"/v1/scoring/tasks/{task['task_id']}").status_code == 409
    assert district.heard(READ_GIVEN) == []
