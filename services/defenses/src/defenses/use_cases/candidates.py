"""Roster and scores in, decisions out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from contracts.artifacts import StudentEnrolled, StudentWithdrawn
from contracts.base import Fact
from contracts.defenses import READINESS_CHANGED, ReadinessChanged
from contracts.scoring import ArtifactScored
from defenses.domain.candidates import Candidate, Enrollment, rule_version_kept_by
from defenses.domain.readiness import Evidence, ReadinessRule
from defenses.use_cases.stores import Aggregates


class Rules(Protocol):
    """The district's readiness rule."""

    def current(self) -> ReadinessRule: ...

    def of_version(self, version: str) -> ReadinessRule:
        """Return one version, or the current rule if the district has dropped that version."""
        ...


def enroll(
    event: StudentEnrolled,
    *,
    version: int,
    candidates: Aggregates[Candidate],
    rules: Rules,
    now: datetime,
) -> None:
    """Take the roster's facts about a student; their grade may make a decision due."""
    enrollment = Enrollment(
        school_id=event.school_id,
        grade=event.grade,
        guardian_ids=event.guardian_ids,
        teacher_ids=event.teacher_ids,
    )

    def told(candidate: Candidate) -> Candidate:
        return candidate.enrolled(enrollment, version=version)

    _tell(event.student_id, told, candidates=candidates, rules=rules, now=now)


def withdraw(
    event: StudentWithdrawn,
    *,
    version: int,
    candidates: Aggregates[Candidate],
    rules: Rules,
    now: datetime,
) -> None:
    """Take it that a student left the district; nothing is decided about them until they return."""

    def told(candidate: Candidate) -> Candidate:
        return candidate.withdrawn(version=version)

    _tell(event.student_id, told, candidates=candidates, rules=rules, now=now)


def add_evidence(
    event: ArtifactScored,
    *,
    version: int,
    candidates: Aggregates[Candidate],
    rules: Rules,
    now: datetime,
) -> None:
    """Take an artifact's score, and decide again; the roster may name the student later."""
    entry = Evidence(
        artifact_id=event.artifact_id,
        skill_id=event.skill_id,
        grade=event.grade,
        levels=tuple((criterion.criterion_id, criterion.level) for criterion in event.criteria),
        mean_level=event.mean_level,
        scored_at=event.scored_at,
        version=version,
    )

    def told(candidate: Candidate) -> Candidate:
        return candidate.scored(entry)

    _tell(event.student_id, told, candidates=candidates, rules=rules, now=now)


def _tell(
    student_id: str,
    told: Callable[[Candidate], Candidate],
    *,
    candidates: Aggregates[Candidate],
    rules: Rules,
    now: datetime,
) -> None:
    def decide(found: Candidate | None) -> tuple[Candidate, list[Fact]] | None:
        before = found or Candidate(student_id=student_id)
        after = told(before)
        if after is before:
            # Old news. It is not written, so that a late copy of it costs nothing.
            return None
        kept = rule_version_kept_by(after)
        rule = rules.current() if kept is None else rules.of_version(kept)
        decided = after.decided(rule, now=now)
        return decided, _news(before, decided)

    candidates.change(student_id, decide)


def _news(before: Candidate, after: Candidate) -> list[Fact]:
    """Return readiness.changed if what families and schools act on is new: the status or the rule."""
    decision, enrollment, last = after.current, after.enrollment, before.decision
    if decision is None or enrollment is None or after.decided_at is None:
        return []
    same_transition = last is not None and last.transition == decision.transition
    previous = last.status if last is not None and same_transition else None
    if (
        last is not None
        and same_transition
        and (last.status, last.rule_version)
        == (
            decision.status,
            decision.rule_version,
        )
    ):
        return []
    return [
        READINESS_CHANGED.says(
            ReadinessChanged(
                student_id=after.student_id,
                school_id=enrollment.school_id,
                transition=decision.transition,
                status=decision.status,
                previous_status=previous,
                rule_version=decision.rule_version,
                explanation=decision.explanation.to_tree(),
                input_hash=decision.input_hash,
                decided_at=after.decided_at,
            )
        )
    ]
