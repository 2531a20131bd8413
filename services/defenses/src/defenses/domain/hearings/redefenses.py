"""What follows a NOT_YET: a plan, and a redefense of what was not met, before other people."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, timedelta

_SATURDAY = 5


@dataclass(frozen=True, kw_only=True)
class Redefense:
    """A redefense that is due.

    Attributes:
        indicators: what is to be shown again; nothing else is.
        plan_due_on: last day for the plan with the student.
        defend_by: last day for the redefense.
        excluded: panelists who have heard the student before and may not sit again.
    """

    indicators: tuple[str, ...]
    plan_due_on: date
    defend_by: date
    excluded: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PlanStep:
    """What a student does about one unmet indicator, and who helps."""

    indicator_id: str
    step: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One version of the plan for a redefense; a later one supersedes it, and it stays.

    Attributes:
        version: from 1.
        record: version of the record whose unmet indicators it is for.
        steps: at least one an unmet indicator, in the order in which they were given.
    """

    version: int
    record: int
    steps: tuple[PlanStep, ...]
    by: str
    at: datetime


def school_day_after(day: date, count: int, no_school: AbstractSet[date]) -> date:
    """Return the so many-th school day after a day; weekends and days of `no_school` do not count."""
    found = day
    while count > 0:
        found += timedelta(days=1)
        count -= found.weekday() < _SATURDAY and found not in no_school
    return found
