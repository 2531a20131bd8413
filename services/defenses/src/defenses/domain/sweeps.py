"""The daily look at everybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """A district's last sweep.

    Attributes:
        swept_on: its day.
        rules: hashes of the rules by which that day was swept; each is only once, so that processes that
            still have the rules of before do not decide back what those with new ones have decided.
        decided_again: about how many students something was new.
    """

    swept_on: date
    rules: tuple[str, ...]
    decided_again: int

    def covers(self, day: date, rules: str) -> bool:
        """Whether nothing is to be decided again on a day, by these rules."""
        return self.swept_on > day or (self.swept_on == day and rules in self.rules)


def swept(last: Sweep | None, *, day: date, rules: str, decided_again: int) -> Sweep:
    """Return the sweep that a district has had now."""
    same_day = last.rules if last is not None and last.swept_on == day else ()
    return Sweep(swept_on=day, rules=(*same_day, rules), decided_again=decided_again)
