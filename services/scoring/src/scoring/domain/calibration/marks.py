"""How close a read came to the levels that are known, and what several such reads say of a scorer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from scoring.domain.calibration.rules import Qualifying, Stopping


class StopReason(StrEnum):
    """Why a scorer is stopped."""

    MISSES = "seeds_out_of_tolerance"
    EXACT = "too_few_exact"
    ADJACENT = "too_few_adjacent"
    PERSON = "stopped_by_coordinator"


@dataclass(frozen=True)
class Mark:
    """One read against the known levels.

    Attributes:
        differences: of each criterion, in the rubric's order, the given level less the known one.
        wrong_side: whether the means are on different sides of the cut.
        unread: criteria that were given no level, because the paper was found unscorable.
    """

    differences: tuple[int, ...]
    wrong_side: bool
    unread: int = 0

    @property
    def exact(self) -> int:
        """How many criteria have the known level."""
        return self.differences.count(0)

    @property
    def two_apart(self) -> int:
        """How many are two levels or more from it, or have none."""
        return sum(abs(each) > 1 for each in self.differences) + self.unread

    def is_miss(self, rules: Stopping) -> bool:
        """Whether it is out of tolerance: on some criterion, or on their sum."""
        return (
            self.unread > 0
            or any(abs(each) > rules.criterion_tolerance for each in self.differences)
            or abs(sum(self.differences)) > rules.total_tolerance
        )


def mark(known: Sequence[int], given: Sequence[int], *, cut: float) -> Mark:
    """Compare levels with the known ones, criterion by criterion; none at all are as wrong as can be.

    Raises:
        ValueError: if they are not of the same criteria.
    """
    if not given:
        return Mark(differences=(), wrong_side=True, unread=len(known))
    differences = tuple(theirs - ours for ours, theirs in zip(known, given, strict=True))
    line = cut * len(differences)
    return Mark(differences=differences, wrong_side=(sum(known) >= line) != (sum(given) >= line))


def qualifies(marks: Sequence[Mark], rules: Qualifying) -> bool:
    """Whether a whole qualifying set was read well enough."""
    return (
        sum(each.exact for each in marks) >= rules.exact_share_least * _judgements(marks)
        and sum(each.two_apart for each in marks) <= rules.two_apart_most
        and sum(each.wrong_side for each in marks) <= rules.wrong_side_most
    )


def reason_to_stop(seeds: Sequence[Mark], rules: Stopping) -> StopReason | None:
    """Say why a scorer is to be stopped, if they are.

    Args:
        seeds: since they qualified, oldest first; only the last `window` and `rolling` of them matter.
        rules: the district's.
    """
    if sum(each.is_miss(rules) for each in seeds[-rules.window :]) > rules.misses_most:
        return StopReason.MISSES
    rolling = seeds[-rules.rolling :]
    if len(rolling) < rules.rolling:
        return None
    judgements = _judgements(rolling)
    if sum(each.exact for each in rolling) < rules.exact_share_least * judgements:
        return StopReason.EXACT
    adjacent = judgements - sum(each.two_apart for each in rolling)
    return StopReason.ADJACENT if adjacent < rules.adjacent_share_least * judgements else None


def _judgements(marks: Iterable[Mark]) -> int:
    return sum(len(each.differences) + each.unread for each in marks)
