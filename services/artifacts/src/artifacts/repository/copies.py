"""Copies of what scoring and defenses say about a student's artifacts."""

from __future__ import annotations

from typing import Any

from artifacts.documents import ReadinessCopy, ScoreCopy
from artifacts.domain.backpack import CriterionScore, Readiness, Score
from chassis.mongo import ReplicaRepository


class ScoreCopies(ReplicaRepository[Score]):
    """Scores by artifact."""

    document = ScoreCopy
    student_field = "student_id"

    def to_value(self, document: Any) -> Score:
        return Score(
            artifact_id=document.id,
            student_id=document.student_id,
            skill_id=document.skill_id,
            rubric_id=document.rubric_id,
            rubric_version=document.rubric_version,
            criteria=tuple(CriterionScore(**each) for each in document.criteria),
            mean_level=document.mean_level,
            scored_at=document.scored_at,
        )

    def keep(self, score: Score) -> None:
        """Keep a score, unless a newer one is here."""
        self.apply(
            score.artifact_id,
            self.work.subject_version,
            {
                "student_id": score.student_id,
                "skill_id": score.skill_id,
                "rubric_id": score.rubric_id,
                "rubric_version": score.rubric_version,
                "criteria": [
                    {"criterion_id": each.criterion_id, "level": each.level, "feedback": each.feedback}
                    for each in score.criteria
                ],
                "mean_level": score.mean_level,
                "scored_at": score.scored_at,
            },
        )

    def of_student(self, student_id: str) -> list[Score]:
        """Return the scores of a student's artifacts."""
        return self.select(student_id=student_id)


class ReadinessCopies(ReplicaRepository[Readiness]):
    """Readiness by student and transition."""

    document = ReadinessCopy
    student_field = "student_id"

    def to_value(self, document: Any) -> Readiness:
        return Readiness(
            student_id=document.student_id,
            transition=document.transition,
            status=document.status,
            rule_version=document.rule_version,
            explanation=dict(document.explanation),
            decided_at=document.decided_at,
        )

    def keep(self, readiness: Readiness) -> None:
        """Keep a decision, unless a newer one is here."""
        self.apply(
            f"{readiness.student_id}:{readiness.transition}",
            self.work.subject_version,
            {
                "student_id": readiness.student_id,
                "transition": readiness.transition,
                "status": readiness.status,
                "rule_version": readiness.rule_version,
                "explanation": readiness.explanation,
                "decided_at": readiness.decided_at,
            },
        )

    def of_student(self, student_id: str) -> list[Readiness]:
        """Return the decisions about a student, lowest transition first."""
        return sorted(
            self.select(student_id=student_id), key=lambda each: (len(each.transition), each.transition)
        )
