"""A student on the way to a defense: what the roster says, what was scored, what was decided."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from defenses.domain.readiness import (
    INSUFFICIENT_EVIDENCE,
    READY,
    Decision,
    Evidence,
    PastDecision,
    ReadinessException,
    ReadinessRule,
    Snapshot,
    decide,
    to_remember,
)

#: A version of the district's rule to the rule; None if the district has dropped it.
RuleOfVersion = Callable[[str], ReadinessRule | None]
_NO_OTHERS: Mapping[str, ReadinessRule] = {}


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
class Gap:
    """A school has not given a student enough opportunity to show a skill.

    Attributes:
        clause: the clause that is not met: `evidence` or `recent`.
        observed, required: numbers of artifacts.
        since: the day on which the gap was first seen.
    """

    school_id: str
    skill_id: str
    clause: str
    observed: int
    required: int
    since: date


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One student, whatever arrived first: the roster or a score.

    Attributes:
        roster_version: version of the roster's news that `enrollment` reflects; 0 before the first.
        enrollment: None while the roster has not named the student, and after they withdrew.
        evidence: one entry per scored artifact, ordered by artifact id.
        exceptions: what was approved for the student, ordered by id; those that ended stay on record.
        decision: the last one made; it may be about a transition that lies behind the student.
        decided_at: when the decision or its explanation last changed.
        gaps: the open ones, in the order of the rule's skills.
        history: the decisions that were said, oldest first; each has another status or rule than the last.
    """

    student_id: str
    roster_version: int = 0
    enrollment: Enrollment | None = None
    evidence: tuple[Evidence, ...] = ()
    exceptions: tuple[ReadinessException, ...] = ()
    decision: Decision | None = None
    decided_at: datetime | None = None
    gaps: tuple[Gap, ...] = ()
    history: tuple[PastDecision, ...] = ()

    @property
    def current(self) -> Decision | None:
        """The decision that holds now; None when the student is in no transition grade or not enrolled."""
        if self.enrollment is None or self.decision is None:
            return None
        return self.decision if self.decision.transition == self.enrollment.grade else None

    @property
    def transition(self) -> str:
        """The grade whose transition is decided now; empty if none is."""
        return self.current.transition if self.current is not None else ""

    @property
    def status(self) -> str | None:
        """The readiness that holds now."""
        return self.current.status if self.current is not None else None

    @property
    def skill_standings(self) -> tuple[str, ...]:
        """Each skill's own status now, as `skill:STATUS`."""
        if self.current is None:
            return ()
        return tuple(f"{skill}:{status}" for skill, status in self.current.skill_statuses.items())

    @property
    def school_id(self) -> str | None:
        """Where the student is enrolled."""
        return self.enrollment.school_id if self.enrollment is not None else None

    @property
    def grade(self) -> str | None:
        """The student's grade now."""
        return self.enrollment.grade if self.enrollment is not None else None

    @property
    def has_gaps(self) -> bool:
        """Whether the school owes the student an opportunity."""
        return bool(self.gaps)

    @property
    def gap_skills(self) -> tuple[str, ...]:
        """The skills of the open gaps."""
        return tuple(gap.skill_id for gap in self.gaps)

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

    def excepted(self, exception: ReadinessException) -> Candidate:
        """Take an exception, in place of one of the same id."""
        others = [each for each in self.exceptions if each.exception_id != exception.exception_id]
        return self._with_exceptions([*others, exception])

    def unexcepted(self, exception_id: str) -> Candidate:
        """Take an exception back; the same object means that there was none."""
        others = [each for each in self.exceptions if each.exception_id != exception_id]
        return self if len(others) == len(self.exceptions) else self._with_exceptions(others)

    def snapshot(self, as_of: date) -> Snapshot | None:
        """Return what a decision for that day is made from; None for a student who is not enrolled."""
        if self.enrollment is None:
            return None
        return Snapshot(
            transition=self.enrollment.grade,
            as_of=as_of,
            evidence=self.evidence,
            exceptions=self.exceptions,
        )

    def decided(
        self, rule: ReadinessRule | None, *, now: datetime, kept: RuleOfVersion = _NO_OTHERS.get
    ) -> Candidate:
        """Decide again; the same object means that neither status, explanation nor gaps changed.

        Who was ready is so as long as the evidence says it by the rule and on the day of that decision: no
        new rule, no month that passes and no exception that ends takes it back. A lowered score does, and a
        review that restores the score gives it back, whichever of the two is told first.

        Args:
            rule: the one in force for the student's cohort; None if there is none.
            now: the time of the decision.
            kept: the other versions of the rule; a student who is ready by one that the district has dropped
                stays ready.
        """
        decision, by = self._decide(rule, kept, now.date())
        gaps = self._gaps(decision, by, now.date())
        if decision is None or decision == self.decision:
            return self if gaps == self.gaps else replace(self, gaps=gaps)
        history = (*self.history, *self._to_remember(decision, by, now))
        return replace(self, decision=decision, decided_at=now, gaps=gaps, history=history)

    def _decide(
        self, rule: ReadinessRule | None, kept: RuleOfVersion, today: date
    ) -> tuple[Decision | None, ReadinessRule | None]:
        standing, snapshot = self.current, self.snapshot(today)
        if snapshot is None:
            return None, None
        for version, as_of in self._ready_by(snapshot.transition):
            by = rule if rule is not None and rule.version == version else kept(version)
            again = decide(replace(snapshot, as_of=as_of), by) if by is not None else None
            if again is not None and again.status == READY:
                return again, by
            if by is None and standing is not None and _said(standing)[1:] == (READY, version):
                return standing, None
        return (decide(snapshot, rule) if rule is not None else None), rule

    def _ready_by(self, transition: str) -> tuple[tuple[str, date], ...]:
        """Return rule version and day of each decision that the student is ready, oldest first."""
        ready = [
            (past.rule_version, past.as_of)
            for past in self.history
            if (past.transition, past.status) == (transition, READY)
        ]
        # A decision of the first release is in no history.
        if self.current is not None and self.current.status == READY:
            ready.append((self.current.rule_version, self.current.as_of))
        return tuple(dict.fromkeys(ready))

    def _to_remember(
        self, decision: Decision, by: ReadinessRule | None, now: datetime
    ) -> Iterator[PastDecision]:
        last, snapshot = self.decision, self.snapshot(decision.as_of)
        assert by is not None  # a new decision is made by a rule
        assert snapshot is not None  # and about an enrolled student
        if last is None or _said(last) != _said(decision):
            yield to_remember(decision, snapshot, by, now=now)

    def _gaps(self, decision: Decision | None, rule: ReadinessRule | None, today: date) -> tuple[Gap, ...]:
        if decision is None or rule is None or self.enrollment is None:
            return ()
        season = rule.opportunity
        if decision.status != INSUFFICIENT_EVIDENCE or season is None or not season.contains(today):
            return ()
        school_id = self.enrollment.school_id
        since = {(gap.school_id, gap.skill_id): gap.since for gap in self.gaps}
        return tuple(
            Gap(
                school_id=school_id,
                skill_id=skill_id,
                clause=clause.id,
                observed=int(clause.observed or 0),
                required=int(clause.required),
                since=since.get((school_id, skill_id), today),
            )
            for skill_id, clause in decision.lacking.items()
        )

    def _with_exceptions(self, exceptions: list[ReadinessException]) -> Candidate:
        ordered = tuple(sorted(exceptions, key=lambda each: each.exception_id))
        return self if ordered == self.exceptions else replace(self, exceptions=ordered)


def _said(decision: Decision) -> tuple[str, str, str]:
    return decision.transition, decision.status, decision.rule_version
