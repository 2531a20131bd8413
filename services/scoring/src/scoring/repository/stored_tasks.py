"""Tasks as documents and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from enum import StrEnum
from hashlib import blake2b
from typing import Any

from scoring.domain.rubrics import CriterionLevel
from scoring.domain.tasks import (
    CriterionMean,
    Entry,
    Lease,
    Pool,
    Purpose,
    Read,
    Review,
    Score,
    Stage,
    State,
    Step,
    Submission,
    Task,
)

_SUBMISSION = (
    "artifact_id",
    "student_id",
    "school_id",
    "grade",
    "skill_id",
    "title",
    "reflection",
    "media_type",
    "sha256",
    "assignment_id",
)
_RANGE = 2**64


def lane_of(district: str, pool: Pool, area: tuple[str, str], *, late: bool) -> str:
    """Return the name of one part of the queue: what is in it waits for the same people."""
    return "|".join((district, str(pool), *area, "late" if late else "in time"))


def slot_of(district: str, scorer_id: str, slot: int) -> str:
    """Return the name of one place on a scorer's desk."""
    return f"{district}|{scorer_id}|{slot}"


def task_fields(value: Task, district: str) -> dict[str, Any]:
    """Return the document fields of a task."""
    lease = value.lease
    area = (value.submission.skill_id, value.band)
    waits = value.pool is not None and value.lease is None
    return {
        **{name: getattr(value.submission, name) for name in _SUBMISSION},
        "rubric_id": value.rubric_id,
        "rubric_version": value.rubric_version,
        "band": value.band,
        "purpose": str(value.purpose),
        "state": str(value.state),
        "opened_at": value.opened_at,
        "lane": lane_of(district, value.pool, area, late=bool(value.steps)) if waits and value.pool else None,
        "place": _place(value) if waits else None,
        "scorer_id": lease.scorer_id if lease else None,
        "slot": slot_of(district, lease.scorer_id, lease.slot) if lease else None,
        "lease": _plain(asdict(lease)) if lease else None,
        "readers": sorted({each.scorer_id for each in value.reads}),
        "reads": [_plain(asdict(each)) for each in value.reads],
        "history": [_plain(asdict(each)) for each in value.history],
        "nominated": value.nominated,
        "disputed": value.disputed,
        "second_because": list(value.second_because),
        "declined": list(value.declined),
        "stage_since": value.stage_since,
        "due_at": value.due_at,
        "next_step_at": value.next_step_at,
        "steps": [str(each) for each in value.steps],
        "wakes": True if value.wake_at else None,
        "wake_at": value.wake_at,
        "release_at": value.release_at,
        "held": _plain(asdict(value.held)) if value.held else None,
        "score": _plain(asdict(value.score)) if value.score else None,
        "scored": True if value.score else None,
        "review": _plain(asdict(value.review)) if value.review else None,
    }


def task_of(raw: Mapping[str, Any]) -> Task:
    """Return the task of a stored document; what is None there is left out."""
    seen = {name: raw.get(name) for name in _SUBMISSION}
    return Task(
        task_id=raw["_id"],
        submission=Submission(
            **{**seen, "reflection": raw.get("reflection", ""), "sha256": raw.get("sha256", "")}
        ),
        rubric_id=raw["rubric_id"],
        rubric_version=raw["rubric_version"],
        band=raw["band"],
        purpose=Purpose(raw["purpose"]),
        state=State(raw["state"]),
        opened_at=raw["opened_at"],
        lease=_lease(raw["lease"]) if raw.get("lease") else None,
        reads=tuple(_read(each) for each in raw.get("reads", ())),
        history=tuple(Entry(**{**each, "state": State(each["state"])}) for each in raw.get("history", ())),
        nominated=raw.get("nominated", False),
        disputed=raw.get("disputed", False),
        second_because=tuple(raw.get("second_because", ())),
        declined=tuple(raw.get("declined", ())),
        stage_since=raw.get("stage_since"),
        due_at=raw.get("due_at"),
        next_step_at=raw.get("next_step_at"),
        steps=tuple(Step(each) for each in raw.get("steps", ())),
        release_at=raw.get("release_at"),
        held=_score(raw["held"]) if raw.get("held") else None,
        score=_score(raw["score"]) if raw.get("score") else None,
        review=Review(**raw["review"]) if raw.get("review") else None,
    )


def _place(task: Task) -> float:
    """Return where in its lane a task lies, from 0 to 1: at random, and elsewhere for each read of it."""
    text = f"{task.task_id}\x1f{len(task.reads)}"
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) / _RANGE


def _plain(value: Any) -> Any:
    """Return a value with strings for its words, as the store takes it."""
    if isinstance(value, StrEnum):
        return str(value)
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value


def _lease(stored: Mapping[str, Any]) -> Lease:
    return Lease(**{**stored, "stage": Stage(stored["stage"])})


def _read(stored: Mapping[str, Any]) -> Read:
    levels = tuple(CriterionLevel(**each) for each in stored["levels"])
    return Read(**{**stored, "stage": Stage(stored["stage"]), "levels": levels})


def _score(stored: Mapping[str, Any]) -> Score:
    return Score(**{**stored, "criteria": tuple(CriterionMean(**each) for each in stored["criteria"])})
