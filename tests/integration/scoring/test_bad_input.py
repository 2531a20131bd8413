"""What is wrong with what a scorer or the office sends is said in a problem document, and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import requests
from tests.integration.scoring.scoring_district import Caller, District, eventually

Office = Callable[..., Caller]
Body = dict[str, Any]

LEVELS = {"message": 4, "audience": 3, "organisation": 3, "craft": 2}


class Wrong(NamedTuple):
    """What somebody sends, and what they are told: the status, and the field if one is to blame."""

    what: str
    who: str
    path: str
    body: Body
    status: int
    field: str = ""
    method: str = "POST"


def given(**changes: Any) -> Body:
    """Return a read of LEVELS with some of them changed; None leaves one out."""
    levels = {**LEVELS, **changes}
    return {
        "levels": [
            {"criterion_id": name, "level": level} for name, level in levels.items() if level is not None
        ]
    }


def twice() -> Body:
    """Return a read that names a criterion twice."""
    body = given()
    return {"levels": [*body["levels"], body["levels"][0]]}


READS, TASK = "/v1/scoring/tasks/{task}/reads", "/v1/scoring/tasks/{task}"
PAPER, CALIBRATIONS = "/v1/scoring/papers/{artifact}", "/v1/scoring/calibrations"
REVIEW = {"artifact_id": "{artifact}", "reason": "We see it otherwise."}
TABLE = [
    Wrong("a level outside the rubric", "holder", READS, given(craft=5), 422, "levels.3.level"),
    Wrong("a level below the rubric", "holder", READS, given(message=0), 422, "levels.0.level"),
    Wrong("half a level", "holder", READS, given(craft=2.5), 422, "levels.3.level"),
    Wrong("a level in words", "holder", READS, given(craft="two"), 422, "levels.3.level"),
    Wrong("a criterion missing", "holder", READS, given(craft=None), 422, "levels"),
    Wrong("a criterion twice", "holder", READS, twice(), 422, "levels.4.criterion_id"),
    Wrong("a criterion of another rubric", "holder", READS, given(rhyme=3), 422, "levels.4.criterion_id"),
    Wrong("no levels", "holder", READS, {"levels": []}, 422, "levels"),
    Wrong("levels that are no list", "holder", READS, {"levels": 3}, 422, "levels"),
    Wrong("a field that nobody knows", "holder", READS, {**given(), "school": "east"}, 422, "school"),
    Wrong("a read without a lease", "other", READS, given(), 403),
    Wrong("a scorer of another district", "stranger", READS, given(), 404),
    Wrong("a read by the office", "office", READS, given(), 403),
    Wrong("a read of no task", "holder", "/v1/scoring/tasks/none/reads", given(), 404),
    Wrong("a code that the district lacks", "holder", f"{TASK}/unscorable", {"code": "boring"}, 422, "code"),
    Wrong("another's task unscorable", "other", f"{TASK}/unscorable", {"code": "blank"}, 403),
    Wrong("a worry without words", "holder", f"{TASK}/safeguarding", {"reason": ""}, 422, "reason"),
    Wrong("another's task given back", "other", f"{TASK}/return", {"reason": "Mine."}, 403),
    Wrong("a state that is none", "office", f"{TASK}/moves", {"to": "lost", "reason": "x"}, 422, "to"),
    Wrong(
        "a move that is not allowed", "office", f"{TASK}/moves", {"to": "queued", "reason": "Again."}, 409
    ),
    Wrong("a claim of a number", "holder", "/v1/scoring/claims", {"skill_id": 7}, 422, "skill_id"),
    Wrong("a claim by nobody on the staff", "unknown", "/v1/scoring/claims", {}, 403),
    Wrong("a review of what is not released", "family", "/v1/scoring/reviews", REVIEW, 409),
    Wrong("a review of another's child", "neighbour", "/v1/scoring/reviews", REVIEW, 404),
    Wrong("a paper of wrong levels", "office", PAPER, {**given(craft=9), "purpose": "seed"}, 422,
          "levels.3.level", "PUT"),
    Wrong("a paper for no purpose", "office", PAPER, {**given(), "purpose": "fun"}, 422, "purpose", "PUT"),
    Wrong("a set for no purpose", "holder", CALIBRATIONS,
          {"skill_id": "effective-communicator", "band": "K-5", "purpose": "seed"}, 422, "purpose"),
    Wrong("a stop of nobody", "office", f"{CALIBRATIONS}/none/stop", {}, 404),
]  # fmt: skip


@pytest.fixture
def people(district: District, caller: Office) -> dict[str, Caller]:
    district.student("s-1", "east")
    for staff_id in ("t-west", "t-north"):
        district.staff(staff_id, "west")
    return {
        "holder": caller("t-west", "scorer"),
        "other": caller("t-north", "scorer"),
        "stranger": caller("t-west", "scorer", of="other"),
        "unknown": caller("t-gone", "scorer"),
        "office": caller("office", "coordinator"),
        "family": caller("g-1", "guardian", ["s-1"]),
        "neighbour": caller("g-2", "guardian", ["s-2"]),
    }


def told(answer: requests.Response) -> tuple[Any, ...]:
    """Return the status, the media type, the fields that are to blame, and whether a reason is given."""
    problem = answer.json()
    fields = tuple(each["field"] for each in problem.get("errors", ()))
    return answer.status_code, answer.headers["Content-Type"], fields, bool(problem["detail"])


def test_every_wrong_request_is_a_problem_document_that_names_the_field(
    district: District, people: dict[str, Caller]
) -> None:
    district.artifact("a-1", "s-1", "east")
    task = eventually(people["holder"].claim)
    names = {"task": task["task_id"], "artifact": district.id("a-1")}

    def send(case: Wrong) -> requests.Response:
        body = {
            name: value.format(**names) if isinstance(value, str) else value
            for name, value in case.body.items()
        }
        return people[case.who].send(case.method, case.path.format(**names), body)

    found = {case.what: told(send(case)) for case in TABLE}

    assert found == {
        case.what: (case.status, "application/problem+json", (case.field,) * bool(case.field), True)
        for case in TABLE
    }
    # Nothing of all that has changed the task: its holder reads it.
    [shown] = people["office"].tasks(state="leased")
    assert shown["task_id"] == task["task_id"]
    assert people["holder"].read(task["task_id"], LEVELS).status_code == 201


def test_one_key_is_not_used_for_two_reads(district: District, people: dict[str, Caller]) -> None:
    district.artifact("a-1", "s-1", "east")
    task = eventually(people["holder"].claim)
    first = people["holder"].read(task["task_id"], LEVELS, key="one")

    again = people["holder"].read(task["task_id"], {**LEVELS, "craft": 4}, key="one")

    assert (first.status_code, again.status_code) == (201, 422)
    assert told(again)[1] == "application/problem+json"


@pytest.mark.parametrize("kind", ["brief"], indirect=True)
def test_a_read_after_its_lease_is_a_conflict(district: District, people: dict[str, Caller]) -> None:
    district.artifact("a-1", "s-1", "east")
    task = eventually(people["holder"].claim)
    assert eventually(lambda: people["office"].tasks(state="queued"))

    late = people["holder"].read(task["task_id"], LEVELS)

    assert told(late) == (409, "application/problem+json", (), True)
