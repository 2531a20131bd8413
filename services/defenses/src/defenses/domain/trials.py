"""What a rule that is not in force would change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from defenses.domain.candidates import Candidate
from defenses.domain.readiness import READY, ReadinessRule, decide


@dataclass(frozen=True, kw_only=True)
class Change:
    """One student about whom a rule would decide otherwise.

    Attributes:
        before: the status that holds; None if nothing is decided.
        after: the status if the rule were in force.
        unmet: the clauses that would not be met, as `skill/clause`.
    """

    student_id: str
    transition: str
    before: str | None
    after: str
    unmet: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What a rule would do at one school.

    Attributes:
        students: how many the rule decides about.
        changes: those who would change, by id.
        counts: (before, after, students) of those who would change.
        stay_ready: how many are ready, stay so, and would not be by this rule alone.
    """

    school_id: str
    students: int
    changes: tuple[Change, ...]
    stay_ready: int

    @property
    def counts(self) -> tuple[tuple[str | None, str, int], ...]:
        """How many change from which status to which, most first."""
        counted = Counter((change.before, change.after) for change in self.changes)
        return tuple((*pair, number) for pair, number in counted.most_common())


def try_rule(
    rule: ReadinessRule, candidates: Iterable[Candidate], *, school_id: str, school_year: str, now: datetime
) -> Trial:
    """Decide about a school's students as if a rule were in force; nobody who is ready loses that.

    Args:
        rule: any; its first day is not looked at, its cohorts are.
        candidates: the school's students.
        school_id: the school.
        school_year: the one that `now` lies in.
        now: for which day to decide.
    """
    changes: list[Change] = []
    students = stay_ready = 0
    for candidate in candidates:
        snapshot = candidate.snapshot(now.date())
        is_asked = snapshot is not None and rule.is_for(snapshot.transition, school_year)
        decision = decide(snapshot, rule) if snapshot is not None and is_asked else None
        if decision is None:
            continue
        students += 1
        if candidate.status == READY:
            stay_ready += decision.status != READY
        elif candidate.status != decision.status:
            changes.append(
                Change(
                    student_id=candidate.student_id,
                    transition=decision.transition,
                    before=candidate.status,
                    after=decision.status,
                    unmet=decision.unmet,
                )
            )
    changes.sort(key=lambda change: change.student_id)
    return Trial(school_id=school_id, students=students, changes=tuple(changes), stay_ready=stay_ready)
