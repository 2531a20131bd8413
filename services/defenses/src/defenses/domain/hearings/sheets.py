"""What one panelist judges alone, and what the panel's sheets say together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from defenses.domain.hearings.faults import InvalidEntryError
from defenses.domain.hearings.outcomes import OutcomeRule
from defenses.domain.publishing import Fault


@dataclass(frozen=True, kw_only=True)
class Mark:
    """The level that one panelist gives for one indicator, and the evidence they saw for it."""

    indicator_id: str
    level: int
    note: str


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """All marks of one panelist in one round, in the order of the indicators."""

    panelist_id: str
    round: int
    marks: tuple[Mark, ...]
    submitted_at: datetime

    def level(self, indicator_id: str) -> int:
        """Return the level given for an indicator that was heard."""
        return next(mark.level for mark in self.marks if mark.indicator_id == indicator_id)


def checked(
    marks: Sequence[Mark], indicators: Sequence[str], rule: OutcomeRule, *, field: str = "marks"
) -> tuple[Mark, ...]:
    """Return the marks in the order of the indicators.

    Args:
        marks: as they were submitted.
        indicators: those that this hearing is about.
        rule: says which levels there are.
        field: path of the marks in the request.

    Raises:
        InvalidEntryError: if a mark is missing, given twice, about something else or off the scale.
    """
    faults = (*_mark_faults(marks, indicators, rule), *_missing_faults(marks, indicators))
    if faults:
        raise InvalidEntryError([Fault(f"{field}{fault.field}", fault.reason) for fault in faults])
    by_indicator = {mark.indicator_id: mark for mark in marks}
    return tuple(by_indicator[indicator] for indicator in indicators)


def _mark_faults(marks: Sequence[Mark], indicators: Sequence[str], rule: OutcomeRule) -> Iterator[Fault]:
    """Find what is wrong with marks; the fields are paths below them."""
    seen: set[str] = set()
    for number, mark in enumerate(marks):
        if mark.indicator_id not in indicators:
            yield Fault(f".{number}.indicator_id", "this hearing is not about it")
        elif mark.indicator_id in seen:
            yield Fault(f".{number}.indicator_id", "it is marked twice")
        if not rule.scale.holds(mark.level):
            reason = f"it is not between {rule.scale.lowest} and {rule.scale.highest}"
            yield Fault(f".{number}.level", reason)
        seen.add(mark.indicator_id)


def _missing_faults(marks: Sequence[Mark], indicators: Sequence[str]) -> Iterator[Fault]:
    marked = {mark.indicator_id for mark in marks}
    for indicator in indicators:
        if indicator not in marked:
            yield Fault("", f"{indicator} is missing")


def medians(sheets: Sequence[Sheet], indicators: Iterable[str]) -> tuple[tuple[str, float], ...]:
    """Return (indicator id, median level) over at least one sheet; of an even number, halves are possible."""
    return tuple(
        (indicator, float(median(sheet.level(indicator) for sheet in sheets))) for indicator in indicators
    )


def apart(sheets: Sequence[Sheet], indicators: Iterable[str], levels: int) -> tuple[str, ...]:
    """Return the indicators about which two panelists are so many levels apart."""
    return tuple(indicator for indicator in indicators if _spread(sheets, indicator) >= levels)


def _spread(sheets: Sequence[Sheet], indicator: str) -> int:
    given = [sheet.level(indicator) for sheet in sheets]
    return max(given) - min(given)
