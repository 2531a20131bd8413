"""How a scorer stands in one skill and band, and the papers that show it."""

from __future__ import annotations

from dataclasses import dataclass

from scoring.domain.tasks.states import Purpose
from scoring.domain.tasks.task import Submission


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a scorer stands in one skill and band.

    Attributes:
        qualified: whether they may read, as far as calibration goes.
        paused: whether they were stopped.
        capacity: how many leases they may have, by their standing; None for no limit of its own.
        reads: how many they have given in this skill and band this season.
    """

    scorer_id: str
    skill_id: str
    band: str
    qualified: bool
    paused: bool
    capacity: int | None
    reads: int


@dataclass(frozen=True, kw_only=True)
class SeedPaper:
    """A paper with known levels, to be read like any artifact; the levels stay with calibration."""

    paper_id: str
    submission: Submission
    rubric_id: str
    rubric_version: str
    purpose: Purpose = Purpose.SEED
