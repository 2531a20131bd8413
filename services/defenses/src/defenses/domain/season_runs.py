"""A request to schedule many schools, made of one run for each area of schools that share panelists."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from defenses.domain.runs import APPLIED, CANCELLED, FAILED, OPEN, QUEUED, RunNotAppliedError, ScheduleRun

RUNNING = "running"


class NoSeasonRunError(LookupError):
    """There is no such request."""


class NoSchoolsError(Exception):
    """There is no school to schedule."""


@dataclass(frozen=True, kw_only=True)
class SeasonRun:
    """What one request has come to.

    Attributes:
        runs: at least one, in the order of their first school's id.
    """

    season_run_id: str
    runs: tuple[ScheduleRun, ...]

    @property
    def state(self) -> str:
        """QUEUED, RUNNING, or how it ended: FAILED or CANCELLED if any of its runs did."""
        states = {each.state for each in self.runs}
        if states & set(OPEN):
            return QUEUED if states == {QUEUED} else RUNNING
        return next((each for each in (FAILED, CANCELLED) if each in states), APPLIED)

    @property
    def requested_at(self) -> datetime:
        """When it was asked for."""
        return min(each.requested_at for each in self.runs)

    @property
    def finished_at(self) -> datetime | None:
        """When its last run ended; None while one is open."""
        ends = [each.finished_at for each in self.runs]
        known = [each for each in ends if each is not None]
        return max(known) if len(known) == len(ends) else None

    @property
    def ended(self) -> int:
        """How many runs are at their end."""
        return sum(each.state not in OPEN for each in self.runs)

    @property
    def placed(self) -> int:
        """How many students have a place so far."""
        return sum(each.placed for each in self.runs)

    @property
    def unplaced(self) -> int:
        """How many students are known to have none."""
        return sum(len(each.unplaced) for each in self.runs)

    def to_publish(self, school_ids: Collection[str]) -> list[ScheduleRun]:
        """Return the runs whose drafts are to be published.

        Args:
            school_ids: for which schools; all if empty.

        Raises:
            RunNotAppliedError: if one of them is not at its end, or none has come to anything.
        """
        asked = [each for each in self.runs if not school_ids or set(school_ids) & set(each.school_ids)]
        still_open = [each for each in asked if each.state in OPEN]
        if still_open:
            raise RunNotAppliedError(
                f"{len(still_open)} runs are not at their end, so nothing is published yet"
            )
        applied = [each for each in asked if each.state == APPLIED]
        if not applied:
            raise RunNotAppliedError("none of the runs has come to anything, so there is nothing to publish")
        return applied
