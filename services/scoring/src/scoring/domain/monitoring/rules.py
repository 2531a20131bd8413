"""The district's rules of monitoring: when it runs, how much data a number needs, and what is flagged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """What a figure must stay within; shares are from 0 to 1, severities in logits, shifts in levels.

    Attributes:
        lowest, highest: the scale's levels; other ones are left out.
        window_days: how far back reads count.
        pairs_least: readings of one artifact by two, without which nothing is said of agreement.
        reads_least: without which nothing is said of severity, turnaround or the unscorable.
        severity_most, z_most: both must be exceeded.
        drift_most, drift_chance_most: the shift must be larger, and its chance smaller.
        artifact_sd: how much artifacts differ, in logits, unless there are `learn_from` of them.
    """

    lowest: int
    highest: int
    window_days: int
    pairs_least: int
    reads_least: int
    exact_least: float
    adjacent_least: float
    kappa_least: float
    smd_most: float
    dsm_most: float
    infit_least: float
    infit_most: float
    severity_most: float
    z_most: float
    drift_most: float
    drift_chance_most: float
    artifact_sd: float
    learn_from: int


@dataclass(frozen=True, kw_only=True)
class NightRule:
    """When the nightly run is made, and what happens if it fails.

    Attributes:
        run_at: local time.
        limit: how long a run may take; then it is killed.
        attempts: in one night, with `pause` between them.
    """

    time_zone: str
    run_at: time
    limit: timedelta
    attempts: int
    pause: timedelta

    def night_of(self, moment: datetime) -> date:
        """Return the local date of the last time at which a run was to be made."""
        here = moment.astimezone(ZoneInfo(self.time_zone))
        return here.date() if here.time() >= self.run_at else here.date() - timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class MonitoringRule:
    """One version of the rules."""

    version: str
    night: NightRule
    thresholds: Thresholds
