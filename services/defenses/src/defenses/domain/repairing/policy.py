"""A district's rules for changing what is planned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta

from defenses.domain.repairing.placing import Disruption


@dataclass(frozen=True)
class LatePolicy:
    """How those who wait for a place get one in a published schedule without anybody's asking.

    Attributes:
        every: time between two looks at who waits.
        again: time after which somebody for whom no place was found is tried again.
    """

    every: timedelta
    again: timedelta


@dataclass(frozen=True, kw_only=True)
class ChangePolicy:
    """One version of a district's rules.

    Attributes:
        frozen: how long before its start a published defense is left alone.
        disruption: what changes cost the people.
        offers: how many other slots a family may choose from.
        choose_before: how long before its start a family can still choose another slot.
        evening: local time from which on a defense begins in the evening.
        late: None where only people place those who become ready late, or are to defend again.
    """

    version: str
    frozen: timedelta
    disruption: Disruption
    offers: int
    choose_before: timedelta
    evening: time
    late: LatePolicy | None = None
