"""The district's rules of the workflow: its numbers are policy, a version of which is one Workflow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scoring.domain.tasks.states import Stage, Step


@dataclass(frozen=True, kw_only=True)
class LeaseRule:
    """How long a scorer may have a task open, and how many at once.

    Attributes:
        most_open: of one scorer at a time.
        expiries, window: so many expired leases within so long end a scorer's turn.
    """

    length: timedelta
    warn_after: timedelta
    most_open: int
    expiries: int
    window: timedelta


@dataclass(frozen=True, kw_only=True)
class SecondReadRule:
    """When one read is not enough; shares are of all reads that qualify, from 0 to 1.

    Attributes:
        near_cut: a nominated artifact of a transition grade whose mean is this near the cut has two reads.
        extremes: an artifact with one of these levels on every criterion has two reads.
    """

    share: float
    new_scorer_share: float
    new_scorer_reads: int
    new_rubric_share: float
    new_rubric: timedelta
    near_cut: float
    transition_grades: frozenset[str]
    extremes: frozenset[int]


@dataclass(frozen=True, kw_only=True)
class AgreementRule:
    """When two reads agree.

    Attributes:
        adjacent: how far apart two levels of one criterion may be.
        cut: the mean level from which an artifact is proficient.
        same_side: whose means must lie on one side of the cut: `all`, `nominated` or `none`.
    """

    adjacent: int
    cut: float
    same_side: str


@dataclass(frozen=True, kw_only=True)
class ReviewRule:
    """Who may have a score looked at again.

    Attributes:
        within_days: school days after the release.
        outside: a criterion that is this far off, or the other side of the cut, replaces the score.
    """

    within_days: float
    readers: int
    outside: float


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """On which days there is school."""

    time_zone: str
    weekdays: frozenset[int]
    closed: frozenset[date]

    def after(self, moment: datetime, days: float) -> datetime:
        """Return when so many school days have passed; a school day is the whole local day.

        Raises:
            ValueError: if there is no school for ten years.
        """
        zone = ZoneInfo(self.time_zone)
        here, left = moment.astimezone(zone), timedelta(days=days)
        for _ in range(3653):
            midnight = datetime.combine(here.date() + timedelta(days=1), time(0), zone)
            if here.weekday() in self.weekdays and here.date() not in self.closed:
                # Wall clock, so that a day of 23 or 25 hours is a day too.
                rest = midnight.replace(tzinfo=None) - here.replace(tzinfo=None)
                if left <= rest:
                    return (here + left).astimezone(moment.tzinfo)
                left -= rest
            here = midnight
        raise ValueError("the calendar has no school days")


@dataclass(frozen=True, kw_only=True)
class Window:
    """Days on which some grades' deadlines are shorter: the weeks before their defenses."""

    grades: frozenset[str]
    first: date
    last: date


@dataclass(frozen=True, kw_only=True)
class Deadlines:
    """How soon each read should be there, in school days, and what is done when it is not.

    Attributes:
        steps: the share of the time after which each step is taken.
    """

    version: str
    calendar: Calendar
    days: Mapping[Stage, float]
    window_days: Mapping[Stage, float]
    windows: tuple[Window, ...]
    steps: Mapping[Step, float]

    def of(self, stage: Stage, *, grade: str, since: datetime) -> float:
        """Return how many school days a read has."""
        day = since.astimezone(ZoneInfo(self.calendar.time_zone)).date()
        short = any(grade in each.grades and each.first <= day <= each.last for each in self.windows)
        return self.window_days.get(stage, self.days[stage]) if short else self.days[stage]


@dataclass(frozen=True, kw_only=True)
class Workflow:
    """One version of the rules.

    Attributes:
        media_types: what can be read; `image/` means every image.
        adjudication_within: a lead this near one of the two reads settles it.
        release_time: local time of the nightly batch; None releases at once.
        unscorable_codes: why a scorer may say that the rubric cannot be applied.
    """

    version: str
    media_types: tuple[str, ...]
    lease: LeaseRule
    second: SecondReadRule
    agreement: AgreementRule
    adjudication_within: int
    release_time: time | None
    review: ReviewRule
    unscorable_codes: frozenset[str]
    deadlines: Deadlines

    def release_after(self, moment: datetime) -> datetime:
        """Return when a score that is held from a moment on goes out."""
        if self.release_time is None:
            return moment
        zone = ZoneInfo(self.deadlines.calendar.time_zone)
        here = moment.astimezone(zone)
        batch = datetime.combine(here.date(), self.release_time, zone)
        if batch <= here:
            batch = datetime.combine(here.date() + timedelta(days=1), self.release_time, zone)
        return batch.astimezone(moment.tzinfo)
