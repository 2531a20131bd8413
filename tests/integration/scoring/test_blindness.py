"""A scorer learns of no route, no error and no log whose a task is, from where, or what others gave it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from tests.integration.scoring.scoring_district import Caller, District, eventually

from chassis.auth import PUBLIC, Role
from scoring.entrypoints import ScoringService
from stack import testing

Office = Callable[..., Caller]

FIRST = {"message": 1, "audience": 1, "organisation": 1, "craft": 1}
SCHOOL = "school-of-the-student"
TASKS, TASK = "/v1/scoring/tasks", "/v1/scoring/tasks/<task_id>"
AREA = {"skill_id": "effective-communicator", "band": "K-5", "purpose": "practice"}
REASON = {"reason": "x"}
#: What is sent to each route that a scorer may call; the body is None for a GET. The last one ends the lease.
SENT: list[tuple[str, str, dict[str, Any] | None]] = [
    ("GET", "/livez", None),
    ("GET", "/readyz", None),
    ("GET", "/metrics", None),
    ("GET", "/openapi.json", None),
    ("GET", "/v1/rubrics", None),
    ("GET", "/v1/scoring/quality", None),
    ("GET", "/v1/scoring/calibrations", None),
    ("POST", "/v1/scoring/calibrations", AREA),
    ("POST", "/v1/scoring/scorers/<scorer_id>/conflicts", {"school_ids": ["elsewhere"]}),
    ("POST", "/v1/scoring/claims", {}),
    ("GET", TASKS, None),
    ("GET", TASK, None),
    ("POST", f"{TASK}/unscorable", {"code": "no_such_code"}),
    ("POST", f"{TASK}/reads", {"levels": [{"criterion_id": "message", "level": 9}]}),
    ("POST", f"{TASK}/safeguarding", {}),
    ("POST", f"{TASK}/return", REASON),
]
#: To a task that is another scorer's.
AT_ANOTHERS: list[tuple[str, str, dict[str, Any] | None]] = [
    ("GET", TASK, None),
    ("POST", f"{TASK}/unscorable", {"code": "blank"}),
    ("POST", f"{TASK}/reads", {"levels": [{"criterion_id": "message", "level": 3}]}),
    ("POST", f"{TASK}/safeguarding", REASON),
    ("POST", f"{TASK}/return", REASON),
]


def test_the_walk_goes_to_every_route_that_a_scorer_may_call() -> None:
    visible = {
        (route.method, route.path)
        for _, route in ScoringService.routes()
        if route.permission is PUBLIC or Role.SCORER in route.permission.roles
    }

    assert {(method, path) for method, path, _ in SENT} == visible


@pytest.mark.parametrize("kind", ["twice"], indirect=True)
def test_nothing_tells_a_second_reader_whose_it_is_or_that_somebody_has_read_it(
    district: District, caller: Office, scoring: testing.ServiceAddress
) -> None:
    district.student("s-1", SCHOOL, "t-own")
    for staff_id in ("t-first", "t-second"):
        district.staff(staff_id, "west")
    district.artifact("a-1", "s-1", SCHOOL)
    first, second = caller("t-first", "scorer"), caller("t-second", "scorer")
    read = eventually(first.claim)
    assert first.read(read["task_id"], FIRST).status_code == 201
    district.student("s-2", SCHOOL)
    district.artifact("a-2", "s-2", SCHOOL)
    others = eventually(first.claim)
    task = eventually(second.claim)
    assert task["task_id"] == read["task_id"]

    answers = [
        (path, _sent(second, method, path, body, task["task_id"], district)) for method, path, body in SENT
    ]
    answers += [
        (path, _sent(second, method, path, body, others["task_id"], district))
        for method, path, body in AT_ANOTHERS
    ]

    hidden = [*map(district.id, ("s-1", "s-2", "t-own", "t-first")), SCHOOL, "Núñez", "queued2", "leased2"]
    leaks = [
        (path, each)
        for path, answer in answers
        for each in hidden
        if each in answer.text or each in str(answer.headers)
    ]
    # What the service can do at all, its description may name.
    assert [leak for leak in leaks if leak[0] != "/openapi.json"] == []
    assert {answer.status_code for _, answer in answers[-len(AT_ANOTHERS) :]} == {403}
    # A first reader of the same artifact is shown the same, but for the times.
    shown = {name: value for name, value in task.items() if not name.endswith("_at")}
    assert shown == {name: value for name, value in read.items() if not name.endswith("_at")}
    assert [each for each in hidden if each in scoring.log.read_text()] == []


def _sent(
    who: Caller, method: str, path: str, body: dict[str, Any] | None, task_id: str, district: District
) -> requests.Response:
    path = path.replace("<task_id>", task_id).replace("<scorer_id>", district.id("t-second"))
    return who.get(path) if body is None else who.send(method, path, body)
