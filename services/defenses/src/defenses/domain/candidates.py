"""A student on the way to a defense: what the roster says, what was scored, what was decided."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from defenses.domain.readiness import READY, Decision, Evidence, ReadinessRule, decide


class NoDecisionError(LookupError):
    """Nothing is decided about this student: they are in no transition grade, or not enrolled."""


@dataclass(frozen=True, kw_only=True)
class Enrollment:
    """What the roster says about an enrolled student; siblings are students who share a guardian."""

    school_id: str
    grade: str
    guardian_ids: tuple[str, ...]
    teacher_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One student, whatever arrived first: the roster or a score.

    Attributes:
        roster_version: version of the roster's news that `enrollment` reflects; 0 before the first.
        enrollment: None while the roster has not named the student, and after they withdrew.
        evidence: one entry per scored artifact, ordered by artifact id.
        decision: the last one made; it may be about a transition that lies behind the student.
        decided_at: when the decision or its explanation last changed.
    """

    student_id: str
    roster_version: int = 0
    enrollment: Enrollment | None = None
    evidence: tuple[Evidence, ...] = ()
    decision: Decision | None = None
    decided_at: datetime | None = None

    @property
    def current(self) -> Decision | None:
        """The decision that holds now; None when the student is in no transition grade or not enrolled."""
        if self.enrollment is None or self.decision is None:
            return None
        return self.decision if self.decision.transition == self.enrollment.grade else None

    @property
    def is_ready(self) -> bool:
        """Whether the student may be scheduled."""
        current = self.current
        return current is not None and current.status == READY

    @property
    def transition(self) -> str:
        """The grade whose transition is decided now; empty if none is."""
        return self.current.transition if self.current is not None else ""

    @property
    def status(self) -> str | None:
        """The readiness that holds now."""
        return self.current.status if self.current is not None else None

    @property
    def school_id(self) -> str | None:
        """Where the student is enrolled."""
        return self.enrollment.school_id if self.enrollment is not None else None

    @property
    def guardian_ids(self) -> frozenset[str]:
        """The guardians on record; nobody for a student who is not enrolled."""
        return frozenset(self.enrollment.guardian_ids) if self.enrollment is not None else frozenset()

    @property
    def teacher_ids(self) -> frozenset[str]:
        """Those who teach the student now."""
        return frozenset(self.enrollment.teacher_ids) if self.enrollment is not None else frozenset()

    def enrolled(self, enrollment: Enrollment, *, version: int) -> Candidate:
        """Take the roster's facts unless newer ones are known; the same object means that nothing changed."""
        if version <= self.roster_version:
            return self
        return replace(self, enrollment=enrollment, roster_version=version)

    def withdrawn(self, *, version: int) -> Candidate:
        """Forget the roster's facts about a student who left; evidence and decision stay on record."""
        if version <= self.roster_version:
            return self
        return replace(self, enrollment=None, roster_version=version)

    def scored(self, entry: Evidence) -> Candidate:
        """Take one artifact's score unless a newer one is known."""
        known = {kept.artifact_id: kept for kept in self.evidence}
        if entry.artifact_id in known and known[entry.artifact_id].version >= entry.version:
            return self
        known[entry.artifact_id] = entry
        return replace(self, evidence=tuple(known[key] for key in sorted(known)))

    def decided(self, rule: ReadinessRule, *, now: datetime) -> Candidate:
        """Decide again; the same object means that neither the status nor its explanation changed."""
        if self.enrollment is None:
            return self
        decision = decide(self.evidence, self.enrollment.grade, rule)
        if decision is None or decision == self.decision:
            return self
        return replace(self, decision=decision, decided_at=now)


def rule_version_kept_by(candidate: Candidate) -> str | None:
    """Return the rule version under which a student became ready: a new rule never takes that back."""
    current = candidate.current
    return current.rule_version if current is not None and candidate.is_ready else None
