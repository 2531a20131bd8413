"""A student's backpack: the artifacts, what scorers said about them, and whether the student is ready."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from artifacts.domain.artifacts import Artifact
from artifacts.domain.people import Student


@dataclass(frozen=True, kw_only=True)
class CriterionScore:
    """The outcome on one criterion; `level` is on the rubric's scale."""

    criterion_id: str
    level: float
    feedback: str


@dataclass(frozen=True, kw_only=True)
class Score:
    """What scorers said about an artifact; `mean_level` is on the rubric's scale."""

    artifact_id: str
    student_id: str
    skill_id: str
    rubric_id: str
    rubric_version: str
    criteria: tuple[CriterionScore, ...]
    mean_level: float
    scored_at: datetime


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """The decision about a student and a transition, with the clause tree that explains it."""

    student_id: str
    transition: str
    status: str
    rule_version: str
    explanation: dict[str, Any]
    decided_at: datetime


@dataclass(frozen=True, kw_only=True)
class ScoredArtifact:
    """An artifact with its score, None until it has one."""

    artifact: Artifact
    score: Score | None


@dataclass(frozen=True, kw_only=True)
class Backpack:
    """Everything that a student has collected, in the order of uploading."""

    student: Student
    artifacts: tuple[ScoredArtifact, ...]
    readiness: tuple[Readiness, ...]


def pack(
    student: Student,
    *,
    artifacts: Iterable[Artifact],
    scores: Iterable[Score],
    readiness: Iterable[Readiness],
) -> Backpack:
    """Put a student's backpack together."""
    by_artifact = {score.artifact_id: score for score in scores}
    return Backpack(
        student=student,
        artifacts=tuple(
            ScoredArtifact(artifact=each, score=by_artifact.get(each.artifact_id)) for each in artifacts
        ),
        readiness=tuple(readiness),
    )
