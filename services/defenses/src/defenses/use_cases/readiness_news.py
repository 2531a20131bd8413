"""What is said when a candidate is not what they were."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from contracts.base import Fact
from contracts.defenses import (
    OPPORTUNITY_MISSED,
    OPPORTUNITY_SETTLED,
    READINESS_CHANGED,
    READINESS_CHANGED_V2,
    OpportunityGap,
    OpportunityMissed,
    OpportunitySettled,
    ReadinessChanged,
    ReadinessChangedV2,
)
from defenses.domain.candidates import Candidate, Gap
from defenses.domain.readiness import READY, WAIVED, ReadinessRule

#: Version 1 knows no waiver; its consumers ask whether a student may defend.
_V1 = {READY: "READY", WAIVED: "READY"}


class Rules(Protocol):
    """The district's readiness rules at one time."""

    def in_force(self, grade: str) -> ReadinessRule | None:
        """Return the rule for the students of a grade now; None if they are in no transition."""
        ...

    def of_version(self, version: str) -> ReadinessRule | None:
        """Return one version, whether it is in force or not; None if the district has dropped it."""
        ...


def decided_again(candidate: Candidate, *, rules: Rules, now: datetime) -> Candidate:
    """Decide again by the district's rules; the same object means that nothing changed."""
    rule = rules.in_force(candidate.grade) if candidate.grade is not None else None
    return candidate.decided(rule, now=now, kept=rules.of_version)


#: What a candidate becomes, and what is to be said; None for no change.
Decided = Callable[[Candidate | None], tuple[Candidate, list[Fact]] | None]


def change(
    student_id: str, told: Callable[[Candidate], Candidate], *, rules: Rules, now: datetime
) -> Decided:
    """Return the change of a candidate who is told something: decided again, with what is to be said."""

    def decide(found: Candidate | None) -> tuple[Candidate, list[Fact]] | None:
        before = found or Candidate(student_id=student_id)
        after = told(before)
        if after is before:
            # Old news. It is not written, so that a late copy of it costs nothing.
            return None
        decided = decided_again(after, rules=rules, now=now)
        return decided, news(before, decided)

    return decide


def redecision(*, rules: Rules, now: datetime) -> Decided:
    """Return the change of a candidate by nothing but the day and the rules."""

    def decide(found: Candidate | None) -> tuple[Candidate, list[Fact]] | None:
        # About nobody nothing is decided.
        before = found or Candidate(student_id="")
        after = decided_again(before, rules=rules, now=now)
        return None if after is before else (after, news(before, after))

    return decide


def news(before: Candidate, after: Candidate) -> list[Fact]:
    """Return what families and schools act on, as far as it is new."""
    return [*_readiness(before, after), *_opportunities(before, after)]


def _readiness(before: Candidate, after: Candidate) -> list[Fact]:
    """Say what is decided if the status or the rule is another."""
    decision, last = after.current, before.decision
    if decision is None or after.history == before.history:
        return []
    previous = last.status if last is not None and last.transition == decision.transition else None
    said: dict[str, Any] = {
        "student_id": after.student_id,
        "school_id": after.school_id,
        "transition": decision.transition,
        "rule_version": decision.rule_version,
        "explanation": decision.explanation.to_tree(),
        "input_hash": decision.input_hash,
        "decided_at": after.decided_at,
    }
    first = None if previous is None else _V1.get(previous, previous)
    return [
        READINESS_CHANGED.says(
            ReadinessChanged(**said, status=_V1.get(decision.status, decision.status), previous_status=first)
        ),
        READINESS_CHANGED_V2.says(
            ReadinessChangedV2(
                **said,
                status=decision.status,
                previous_status=previous,
                snapshot=after.history[-1].read().to_tree(),
            )
        ),
    ]


def _opportunities(before: Candidate, after: Candidate) -> list[Fact]:
    """Say which gaps are new and which are closed; a gap is one school's and one skill's."""
    known = {(gap.school_id, gap.skill_id): gap for gap in before.gaps}
    still = {(gap.school_id, gap.skill_id): gap for gap in after.gaps}
    facts = []
    if still.keys() - known.keys():
        [school_id] = {school for school, _ in still}
        missed = OpportunityMissed(
            student_id=after.student_id,
            school_id=school_id,
            transition=after.transition,
            gaps=_wire(after.gaps),
        )
        facts.append(OPPORTUNITY_MISSED.says(missed))
    closed = [gap for key, gap in known.items() if key not in still]
    if closed:
        [school_id] = {gap.school_id for gap in closed}
        settled = OpportunitySettled(
            student_id=after.student_id,
            school_id=school_id,
            skill_ids=tuple(gap.skill_id for gap in closed),
            gaps=_wire(tuple(gap for gap in after.gaps if gap.school_id == school_id)),
        )
        facts.append(OPPORTUNITY_SETTLED.says(settled))
    return facts


def _wire(gaps: tuple[Gap, ...]) -> tuple[OpportunityGap, ...]:
    return tuple(
        OpportunityGap(
            skill_id=gap.skill_id,
            clause=gap.clause,
            observed=gap.observed,
            required=gap.required,
            since=gap.since,
        )
        for gap in gaps
    )
