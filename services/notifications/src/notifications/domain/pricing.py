"""What telling families by text message costs, before anything is sent."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from notifications.domain.reasons import Reason
from notifications.domain.segments import Segments


@dataclass(frozen=True)
class Sizes:
    """What one text message costs in the language that its reader is told in, long and short."""

    language: str
    long: Segments
    short: Segments

    def sent(self, most_parts: int) -> Segments | None:
        """Return what goes out under a cap, 0 for none; None if even the short text is over it."""
        return next(
            (each for each in (self.long, self.short) if not most_parts or each.parts <= most_parts), None
        )


@dataclass(frozen=True, kw_only=True)
class Price:
    """What a district pays for one part of a text message, in a currency (ISO 4217)."""

    per_part: Decimal
    currency: str


@dataclass(frozen=True, kw_only=True)
class LanguageCost:
    """What the readers of one language cost.

    Attributes:
        wanted: the language that guardians want.
        told_in: the one in which there is a text that may go out.
        recipients: text messages.
        parts: of all of them, as they would go out.
        parts_saved: how many less it would be, were all sent in the short text.
        in_unicode: how many need the alphabet of 70 characters a part instead of 160.
        shortened: how many get the short text, because the long one is over the cap.
    """

    wanted: str
    told_in: str
    recipients: int
    parts: int
    parts_saved: int
    in_unicode: int
    shortened: int

    @property
    def sums(self) -> Mapping[str, int]:
        """Return what can be added up."""
        return {name: getattr(self, name) for name in _COUNTED}


@dataclass
class Tally:
    """Counts text messages one by one.

    Attributes:
        most_parts: a district's cap on one message, 0 for none.
        unreached: guardians whom no text message reaches, by reason.
    """

    most_parts: int
    unreached: Counter[Reason] = field(default_factory=Counter)
    _rows: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)

    def add(self, wanted: str, sizes: Sizes) -> None:
        """Count one message, or the one that is too long to be sent."""
        sent = sizes.sent(self.most_parts)
        if sent is None:
            self.unreached[Reason.TEXT_TOO_LONG] += 1
            return
        row = self._rows.setdefault((wanted, sizes.language), Counter())
        row["recipients"] += 1
        row["parts"] += sent.parts
        row["parts_saved"] += max(0, sent.parts - sizes.short.parts)
        row["in_unicode"] += sent.is_unicode
        row["shortened"] += sent is not sizes.long

    def rows(self) -> Sequence[LanguageCost]:
        """Return the cost by language, the dearest first."""
        rows = [
            LanguageCost(wanted=wanted, told_in=told_in, **{name: row[name] for name in _COUNTED})
            for (wanted, told_in), row in self._rows.items()
        ]
        return sorted(rows, key=lambda row: (-row.parts, row.wanted))


_COUNTED = ("recipients", "parts", "parts_saved", "in_unicode", "shortened")


def total(rows: Sequence[LanguageCost]) -> Mapping[str, int]:
    """Return the sums over all languages."""
    return {name: sum(row.sums[name] for row in rows) for name in _COUNTED}
