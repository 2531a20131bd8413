"""A district's nights: whether a run is due, who makes it, and which report was the last good one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from scoring.domain.monitoring.rows import Figure
from scoring.domain.monitoring.rules import NightRule

#: After a run must have ended, how long until somebody else may begin one: the killing takes a moment too.
_GRACE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a good run found, in short; its rows are found by its id.

    Attributes:
        reads: on which it rests; `left_out` had levels outside the scale.
        flags: how many rows have which flag, by `<kind>.<measure>`.
        exact, adjacent: of all pairs of the district.
        disparities: one an entry, as `fairness` makes them.
        separation: how well scorers' severities can be told apart, or why not.
        subsets: groups of scorers that no common artifact connects.
    """

    report_id: str
    night: date
    made_at: datetime
    seconds: float
    policy_version: str
    equity_version: str
    reads: int
    left_out: int
    flags: Mapping[str, int]
    exact: Figure
    adjacent: Figure
    separation: Mapping[str, float] | None = None
    subsets: int = 0
    disparities: tuple[Mapping[str, object], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A run that did not end well; the text names no person."""

    night: date
    at: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class Run:
    """Somebody makes a report now, and must have ended by `until`."""

    report_id: str
    night: date
    begun_at: datetime
    until: datetime


@dataclass(frozen=True, kw_only=True)
class Nights:
    """One district's nightly runs.

    Attributes:
        asked_at: when the office last asked for a run of its own; None once one has begun since.
        attempts: that the last night has had.
    """

    night: date | None = None
    attempts: int = 0
    asked_at: datetime | None = None
    run: Run | None = None
    failure: Failure | None = None
    report: Report | None = None


class RunLostError(Exception):
    """Another process makes the night's report by now; what we found is thrown away."""


def first_seen(rule: NightRule, at: datetime) -> Nights:
    """Return the nights of a district that had none: its first report is made the next night."""
    return Nights(night=rule.night_of(at))


def is_due(nights: Nights, rule: NightRule, at: datetime) -> bool:
    """Whether a run should begin now, and nobody makes one."""
    if nights.run is not None and at < nights.run.until:
        return False
    night = rule.night_of(at)
    if nights.asked_at is not None or nights.night != night:
        return True
    if nights.report is not None and nights.report.night == night:
        return False
    resting = nights.failure is not None and at < nights.failure.at + rule.pause
    return 0 < nights.attempts < rule.attempts and not resting


def begin(nights: Nights, rule: NightRule, *, report_id: str, at: datetime) -> Nights:
    """Return the nights with a run of ours; what a process left behind that died is forgotten."""
    night = rule.night_of(at)
    attempts = nights.attempts + 1 if nights.night == night else 1
    run = Run(report_id=report_id, night=night, begun_at=at, until=at + rule.limit + _GRACE)
    return replace(nights, night=night, attempts=attempts, run=run, asked_at=None)


def succeed(nights: Nights, report: Report) -> Nights:
    """Return the nights with a new last good report.

    Raises:
        RunLostError: if the run is not ours any more.
    """
    _check_ours(nights, report.report_id)
    return replace(nights, run=None, failure=None, report=report)


def fail(nights: Nights, report_id: str, reason: str, *, at: datetime) -> Nights:
    """Return the nights with a failure; the last good report stays.

    Raises:
        RunLostError: if the run is not ours any more.
    """
    run = _check_ours(nights, report_id)
    return replace(nights, run=None, failure=Failure(night=run.night, at=at, reason=reason))


def _check_ours(nights: Nights, report_id: str) -> Run:
    if nights.run is None or nights.run.report_id != report_id:
        raise RunLostError("another process makes the report of this night")
    return nights.run
