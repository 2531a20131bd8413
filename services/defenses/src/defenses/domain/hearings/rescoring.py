"""Central re-scoring of a sample: compared with the panel, and never changing the outcome by itself."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from defenses.domain.hearings.outcomes import Outcome, OutcomeRule, decide
from defenses.domain.hearings.sheets import Mark

SAMPLE = "sample"
SPLIT = "split"

#: A share is compared with the first 64 bits of a hash.
_RANGE = 2**64


@dataclass(frozen=True, kw_only=True)
class Difference:
    """The central level less the panel's, in levels."""

    indicator_id: str
    levels: float


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What the central scorer found beside what the panel found.

    Attributes:
        record: version of the record that was compared.
        status: the outcome that the central levels would have led to.
        same_status: whether that is the panel's.
    """

    marks: tuple[Mark, ...]
    differences: tuple[Difference, ...]
    record: int
    status: str
    same_status: bool
    scored_by: str
    scored_at: datetime


@dataclass(frozen=True, kw_only=True)
class CentralScore:
    """Why a hearing is scored again, and with what result; None while it waits."""

    why: str
    comparison: Comparison | None = None


def why_rescored(hearing_id: str, rule: OutcomeRule, *, split: bool) -> str | None:
    """Return why a hearing is scored again: SPLIT, SAMPLE, or None if it is not.

    The same hearing is always in the sample or always not, whoever asks and however often.
    """
    if split and rule.rescoring.split:
        return SPLIT
    digest = hashlib.sha256(f"rescoring:{hearing_id}".encode()).digest()
    return SAMPLE if int.from_bytes(digest[:8]) < rule.rescoring.rate * _RANGE else None


def differences(marks: Sequence[Mark], outcome: Outcome) -> tuple[Difference, ...]:
    """Return how far the central levels are from the outcome's."""
    panel = dict(outcome.levels)
    return tuple(
        Difference(indicator_id=mark.indicator_id, levels=mark.level - panel[mark.indicator_id])
        for mark in marks
    )


def status_by(marks: Sequence[Mark], outcome: Outcome, rule: OutcomeRule) -> str:
    """Return the status that the central levels lead to; what was not heard keeps its level."""
    return decide(
        {**dict(outcome.levels), **{mark.indicator_id: float(mark.level) for mark in marks}}, rule
    ).status
