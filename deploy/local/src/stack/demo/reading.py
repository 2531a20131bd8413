"""The middle of a season: scorers take what waits and read it, blind, until every artifact has its score."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from stack.demo.context import Season
from stack.demo.portal import PAUSE_S, Caller, MissingError, RefusedError, concurrently, few

#: The roles that read by default.
_READERS = ("teacher", "counselor")
_FEEDBACK = {
    1: "This is a start; show what you did and why.",
    2: "You are on the way; give one example more.",
    3: "Clear and well supported.",
    4: "Outstanding: this could teach others.",
}


def score_artifacts(season: Season) -> None:
    """Let every scorer take and read what waits until each artifact has its score.

    Raises:
        MissingError: if no score comes for a while; says which artifacts lack one.
    """
    criteria: dict[tuple[str, str], list[str]] = {}
    staff = season.expected.district.staff
    readers = {season.staff_ids[each.sourced_id] for each in staff if each.role in _READERS}
    known: set[str] = set()
    stall_s = season.patience.scores
    with season.teller.bar("Scorers read", len(season.artifacts)) as advance:
        deadline = time.monotonic() + stall_s
        while set(season.artifacts) - known:
            concurrently(
                lambda staff_id: _read_what_waits(season, Caller(staff_id, "scorer"), criteria),
                sorted(readers),
                done=lambda _: None,
            )
            scored = season.artifacts.keys() & {
                each["artifact_id"] for each in season.portal.items("/v1/scoring/tasks", state="released")
            }
            if scored - known:
                advance(len(scored - known))
                deadline = time.monotonic() + stall_s
            known |= scored
            unscored = set(season.artifacts) - known
            if unscored and time.monotonic() > deadline:
                raise MissingError(f"for {stall_s:.0f} s no score came for {few(unscored)}")
            if unscored:
                time.sleep(PAUSE_S)


def _read_what_waits(season: Season, scorer: Caller, criteria: dict[tuple[str, str], list[str]]) -> None:
    """Read what a scorer has open, then one task after the other until nothing waits for them."""
    for held in season.portal.items("/v1/scoring/tasks", who=scorer, state="open"):
        _read(season, scorer, held, criteria)
    opened = False
    while task := _claim(season, scorer):
        evidence = season.artifacts.get(task["artifact_id"])
        if not opened and evidence is not None:
            if season.portal.content(task["content_url"], who=scorer) != evidence.content():
                raise RefusedError(f"artifact {task['artifact_id']} is not what its student handed in")
            opened = True
        _read(season, scorer, task, criteria)


def _claim(season: Season, scorer: Caller) -> dict[str, Any] | None:
    """Take the next task; a call that is repeated while the service is away gives the same one."""
    key, path = f"claim:{uuid4().hex}", "/v1/scoring/claims"
    # Until scoring has heard of them, nobody is a scorer.
    answer = season.portal.post(path, {}, key=key, who=scorer, wait_for=HTTPStatus.FORBIDDEN)
    task: dict[str, Any] | None = answer["task"]
    return task


def _read(
    season: Season,
    scorer: Caller,
    task: dict[str, Any],
    criteria: dict[tuple[str, str], list[str]],
) -> None:
    """Give the levels that an artifact is worth; give back what somebody else uploaded on this stack."""
    path = f"/v1/scoring/tasks/{task['task_id']}"
    evidence = season.artifacts.get(task["artifact_id"])
    if evidence is None:
        reason = {"reason": "not of this season"}
        season.portal.post(f"{path}/return", reason, key=f"{task['task_id']}:return", who=scorer)
        return
    levels = evidence.levels(_criteria_of(season, scorer, task, criteria))
    body = {
        "levels": [
            {"criterion_id": criterion_id, "level": level, "feedback": _FEEDBACK[level]}
            for criterion_id, level in levels.items()
        ]
    }
    season.portal.post(f"{path}/reads", body, key=f"{evidence.key}:read", who=scorer)


def _criteria_of(
    season: Season, scorer: Caller, task: dict[str, Any], known: dict[tuple[str, str], list[str]]
) -> list[str]:
    """Return the criteria of a task's rubric, which is fetched once."""
    version = (task["rubric_id"], task["rubric_version"])
    if version not in known:
        rubric = season.portal.get(f"/v1/scoring/tasks/{task['task_id']}", who=scorer)["rubric"]
        known[version] = [each["criterion_id"] for each in rubric["criteria"]]
    return known[version]
