"""The district's rules of calibration, which are policy: versioned data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Qualifying:
    """What a scorer must show before they read.

    Attributes:
        practice_papers, papers: how many there are in a practice set, and in a qualifying one.
        exact_share_least: of all judgements, one for each criterion of each paper.
        two_apart_most: judgements that are two levels or more from the known one.
        wrong_side_most: papers whose mean is on the other side of the cut than the known one.
        cut: the mean level from which a paper is proficient.
        attempts_most: failed sets until somebody has to train the scorer.
        idle_days_most: days without a read after which a scorer qualifies anew.
    """

    practice_papers: int
    papers: int
    exact_share_least: float
    two_apart_most: int
    wrong_side_most: int
    cut: float
    attempts_most: int
    idle_days_most: int


@dataclass(frozen=True, kw_only=True)
class Seeding:
    """How often a scorer gets a paper whose levels are known, without being told.

    Attributes:
        first_reads: so many reads of the season count as a scorer's first ones.
        first_every, later_every: one of so many reads is a seed, during the first reads and after them.
        idle_days: the first read after so many days without one is a seed.
        after_miss: whether the read after a seed out of tolerance is a seed too.
    """

    first_reads: int
    first_every: int
    later_every: int
    idle_days: int
    after_miss: bool


@dataclass(frozen=True, kw_only=True)
class Stopping:
    """When seeds stop a scorer.

    Attributes:
        criterion_tolerance: levels that one criterion may be off.
        total_tolerance: levels that the sum over a paper's criteria may be off.
        window, misses_most: of the last `window` seeds so many may be out of tolerance and no more.
        rolling: seeds over which agreement is taken; fewer say nothing.
        exact_share_least, adjacent_share_least: of the judgements in those.
        stops_most: stops in a season, with the last of which a scorer is released.
    """

    criterion_tolerance: int
    total_tolerance: int
    window: int
    misses_most: int
    rolling: int
    exact_share_least: float
    adjacent_share_least: float
    stops_most: int


@dataclass(frozen=True, kw_only=True)
class CalibrationRules:
    """All rules of one version of the policy.

    Attributes:
        required_from: the first day on which only those read who have qualified; None while nobody must.
        season_starts: (month, day) of the school year's first day; what is known of a scorer lasts a year.
    """

    required_from: date | None
    season_starts: tuple[int, int]
    qualifying: Qualifying
    seeding: Seeding
    stopping: Stopping

    def season_of(self, day: date) -> date:
        """Return the first day of the school year that a day is in."""
        month, first = self.season_starts
        start = date(day.year, month, first)
        return start if start <= day else date(day.year - 1, month, first)

    def required_on(self, day: date) -> bool:
        """Whether only those may read on a day who have qualified."""
        return self.required_from is not None and self.required_from <= day
