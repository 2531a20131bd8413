"""Scorers qualify by papers that look like any task, and seeds that they miss stop them."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import pytest
import requests
from tests.integration.scoring.scoring_district import District, eventually

from stack import testing

Send = Callable[..., requests.Response]

SKILL, BAND = "effective-communicator", "K-5"
KNOWN = {"message": 3, "audience": 3, "organisation": 2, "craft": 2}
OFF = {**KNOWN, "message": 1}
AREA = {"skill_id": SKILL, "band": BAND}


@pytest.fixture
def send(scoring: testing.ServiceAddress, district: District) -> Send:
    """Send one request as somebody of the district."""

    def sent(
        method: str, path: str, *, subject: str = "office", role: str = "coordinator", **request: Any
    ) -> requests.Response:
        token = scoring.token(district.id(subject), role, None, district.name)
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid4().hex}
        with requests.Session() as session:
            session.trust_env = False
            return session.request(method, f"{scoring.url}{path}", headers=headers, timeout=20, **request)

    return sent


@pytest.fixture
def district_with_papers(district: District, send: Send) -> District:
    """Return a district of ten qualifying papers and ten seeds from east, and a scorer in west."""
    district.staff("t-west", "west")
    for number in range(20):
        district.student(f"s-{number}", "east")
        district.artifact(f"p-{number}", f"s-{number}", "east")
    for number in range(20):
        _set_paper(send, district.id(f"p-{number}"), "qualification" if number < 10 else "seed")
    return district


def _set_paper(send: Send, artifact_id: str, purpose: str) -> None:
    """Make an artifact a paper, once its task has come."""
    body = {"purpose": purpose, "levels": _levels(KNOWN), "rationale": "a clear case"}
    assert eventually(lambda: _if_ok(send("PUT", f"/v1/scoring/papers/{artifact_id}", json=body)))


def _levels(levels: dict[str, int]) -> list[dict[str, Any]]:
    return [{"criterion_id": name, "level": level} for name, level in levels.items()]


def _if_ok(answer: requests.Response) -> Any:
    return answer.json() if answer.status_code in {200, 201} else None


def _claim(send: Send) -> Any:
    answer = send("POST", "/v1/scoring/claims", subject="t-west", role="scorer", json=AREA)
    assert answer.status_code in {200, 201}, answer.text
    return answer.json()["task"]


def _read(send: Send, task: dict[str, Any], levels: dict[str, int]) -> None:
    answer = send(
        "POST",
        f"/v1/scoring/tasks/{task['task_id']}/reads",
        subject="t-west",
        role="scorer",
        json={"levels": _levels(levels)},
    )
    assert answer.status_code == 201, answer.text


def _standing(send: Send) -> dict[str, Any]:
    items = send("GET", "/v1/scoring/calibrations", subject="t-west", role="scorer").json()["items"]
    return items[0] if items else {}


def test_a_set_is_read_like_any_tasks_and_qualifies(district_with_papers: District, send: Send) -> None:
    opened = send(
        "POST",
        "/v1/scoring/calibrations",
        subject="t-west",
        role="scorer",
        json={**AREA, "purpose": "qualification"},
    )
    assert opened.status_code == 201, opened.text
    shown = []
    for number in range(10):
        task = _claim(send)
        shown.append(task)
        _read(send, task, KNOWN)
        _wait_until_heard(send, number + 1)

    found = eventually(lambda: _standing(send) if _standing(send)["state"] == "qualified" else None)

    assert (found["open_set"], found["failed"], found["practice"]) == (None, 0, [])
    assert len({each["artifact_id"] for each in shown}) == 10
    assert "qualification" not in json.dumps(shown)


def _wait_until_heard(send: Send, reads: int) -> None:
    """Wait until so many papers of the open set have been marked, or the set is closed."""

    def is_heard() -> bool:
        open_set = _standing(send)["open_set"]
        return open_set is None or open_set["read"] == reads

    assert eventually(is_heard)


def _wait_until_counted(send: Send, reads: int) -> None:
    """Wait until so many reads have been heard."""
    assert eventually(lambda: _standing(send).get("reads") == reads)


def test_missed_seeds_stop_a_scorer(district_with_papers: District, send: Send) -> None:
    # Within twenty reads there are two seeds in their turn, which is known once the reads before were heard.
    for number in range(20):
        answer = send("POST", "/v1/scoring/claims", subject="t-west", role="scorer", json=AREA)
        assert "seed" not in answer.text
        if answer.status_code == HTTPStatus.FORBIDDEN or answer.json()["task"] is None:
            break
        _read(send, answer.json()["task"], OFF)
        _wait_until_counted(send, number + 1)

    assert _standing(send)["state"] == "paused"
    refused = send("POST", "/v1/scoring/claims", subject="t-west", role="scorer", json=AREA)
    assert refused.status_code == 403
    assert "seed" not in refused.text


def test_scorers_see_neither_papers_nor_anybody_elses_calibration(district: District, send: Send) -> None:
    for role in ("scorer", "teacher", "portal"):
        assert send("GET", "/v1/scoring/papers", role=role).status_code == 403
    other = {"scorer_id": district.id("t-east")}
    refused = send("GET", "/v1/scoring/calibrations", subject="t-west", role="scorer", params=other)
    assert refused.status_code == 403
    nobody = send("POST", "/v1/scoring/calibrations/nobody/stop")
    assert nobody.status_code == 404


def test_who_may_see_whose_an_artifact_is_does_not_score(send: Send) -> None:
    for role in ("teacher", "coordinator", "portal"):
        refused = send("POST", "/v1/scoring/claims", subject="t-west", role=role, json={})
        assert refused.status_code == 403


def test_a_set_needs_papers(send: Send) -> None:
    answer = send(
        "POST",
        "/v1/scoring/calibrations",
        subject="t-west",
        role="scorer",
        json={**AREA, "purpose": "practice"},
    )

    assert answer.status_code == 409
    assert answer.json()["detail"] == "the set takes 10 papers, and 0 are left for you"
