"""Whether a panelist judges as the district's examples are judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """What the district has established about one panelist.

    Attributes:
        valid_until: last day on which the panelist may take a seat; None if they may not.
        basis: what it rests on, such as the name of the calibration set.
    """

    panelist_id: str
    valid_until: date | None
    basis: str
    recorded_by: str
    recorded_at: datetime

    def holds_on(self, day: date) -> bool:
        """Whether the panelist may take a seat on a day."""
        return self.valid_until is not None and day <= self.valid_until


def uncalibrated(
    panelist_ids: Iterable[str], calibrations: Mapping[str, Calibration], day: date
) -> tuple[str, ...]:
    """Return those who may not take a seat on a day; who is not recorded may not."""
    return tuple(
        each for each in panelist_ids if each not in calibrations or not calibrations[each].holds_on(day)
    )
