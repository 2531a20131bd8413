"""Keep what other services say about a student's artifacts, for the backpack."""

from __future__ import annotations

from typing import Protocol

from artifacts.domain.backpack import CriterionScore, Readiness, Score
from contracts.defenses import ReadinessChanged
from contracts.scoring import ArtifactScored


class Scores(Protocol):
    """Copies of scores; a newer one that is here already stays."""

    def keep(self, score: Score, /) -> None: ...


class Decisions(Protocol):
    """Copies of decisions; a newer one that is here already stays."""

    def keep(self, readiness: Readiness, /) -> None: ...


def keep_score(event: ArtifactScored, *, scores: Scores) -> None:
    """Keep an artifact's score."""
    criteria = tuple(
        CriterionScore(criterion_id=each.criterion_id, level=each.level, feedback=each.feedback)
        for each in event.criteria
    )
    scores.keep(
        Score(
            artifact_id=event.artifact_id,
            student_id=event.student_id,
            skill_id=event.skill_id,
            rubric_id=event.rubric_id,
            rubric_version=event.rubric_version,
            criteria=criteria,
            mean_level=event.mean_level,
            scored_at=event.scored_at,
        )
    )


def keep_readiness(event: ReadinessChanged, *, decisions: Decisions) -> None:
    """Keep the decision about a student and a transition."""
    decisions.keep(
        Readiness(
            student_id=event.student_id,
            transition=event.transition,
            status=event.status,
            rule_version=event.rule_version,
            explanation=event.explanation,
            decided_at=event.decided_at,
        )
    )
