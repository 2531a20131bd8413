"""The daily look at everybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """A district's last sweep: its day, and about how many students something was new."""

    swept_on: date
    decided_again: int
