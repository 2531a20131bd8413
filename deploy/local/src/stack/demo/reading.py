"""The middle of a season: scorers read what is assigned to them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from stack.demo.context import Season
from stack.demo.portal import PAUSE_S, Caller, MissingError, RefusedError, concurrently, few

_FEEDBACK = {
    1: "This is a start; show what you did and why.",
    2: "You are on the way; give one example more.",
    3: "Clear and well supported.",
    4: "Outstanding: this could teach others.",
}


def score_artifacts(season: Season) -> None:
    """Let every scorer read their tasks until each artifact has its score.

    Raises:
        MissingError: if no score comes for a while; says which artifacts lack one.
    """
    criteria: dict[tuple[str, str], list[str]] = {}
    known: set[str] = set()
    stall_s = season.patience.scores
    with season.teller.bar("Scorers read", len(season.artifacts)) as advance:
        deadline = time.monotonic() + stall_s
        while unscored := set(season.artifacts) - known:
            concurrently(
                lambda staff_id: _read_own(season, Caller(staff_id, "scorer"), criteria, advance),
                sorted(season.staff_ids.values()),
                done=lambda _: None,
            )
            scored = {
                each["artifact_id"] for each in season.portal.items("/v1/scoring/tasks", state="scored")
            }
            if scored - known:
                deadline = time.monotonic() + stall_s
            known |= scored
            if unscored - known and time.monotonic() > deadline:
                raise MissingError(f"for {stall_s:.0f} s no score came for {few(unscored - known)}")
            if unscored - known:
                time.sleep(PAUSE_S)


def _read_own(
    season: Season,
    scorer: Caller,
    criteria: dict[tuple[str, str], list[str]],
    advance: Callable[[int], None],
) -> None:
    """Read everything that is assigned to one scorer now, and open the first artifact of it."""
    opened = False
    for task in season.portal.items("/v1/scoring/tasks", who=scorer, state="assigned"):
        evidence = season.artifacts.get(task["artifact_id"])
        # What somebody else uploaded on this stack is not ours to score.
        if evidence is not None:
            if not opened and season.portal.content(task["content_url"], who=scorer) != evidence.content():
                raise RefusedError(f"artifact {task['artifact_id']} is not what its student handed in")
            opened = True
            levels = evidence.levels(_criteria_of(season, scorer, task, criteria))
            body = {
                "levels": [
                    {"criterion_id": criterion_id, "level": level, "feedback": _FEEDBACK[level]}
                    for criterion_id, level in levels.items()
                ]
            }
            path = f"/v1/scoring/tasks/{task['task_id']}/reads"
            season.portal.post(path, body, key=f"{evidence.key}:read", who=scorer)
            advance(1)


def _criteria_of(
    season: Season, scorer: Caller, task: dict[str, Any], known: dict[tuple[str, str], list[str]]
) -> list[str]:
    """Return the criteria of a task's rubric, which is fetched once."""
    version = (task["rubric_id"], task["rubric_version"])
    if version not in known:
        rubric = season.portal.get(f"/v1/scoring/tasks/{task['task_id']}", who=scorer)["rubric"]
        known[version] = [each["criterion_id"] for each in rubric["criteria"]]
    return known[version]
