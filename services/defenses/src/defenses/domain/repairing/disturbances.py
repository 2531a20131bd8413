"""What life does to a schedule: who or what is lost, what a family asks, who becomes ready late."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from defenses.domain.availability import Availability, FamilyWindows, Window
from defenses.domain.defenses import Defense
from defenses.domain.repairing.offers import SchoolOffer

PANELIST_LOST = "panelist_lost"
ROOM_LOST = "room_lost"
DAY_LOST = "day_lost"
FAMILY_ASKED = "family_asked"
STUDENT_READY = "student_ready"

#: Kind -> what it must name; PANELIST_LOST and ROOM_LOST without a day are for the whole season.
NEEDS = {
    PANELIST_LOST: ("panelist_id",),
    ROOM_LOST: ("school_id", "room_id"),
    DAY_LOST: ("school_id", "day"),
    FAMILY_ASKED: ("student_id", "day"),
    STUDENT_READY: ("student_id",),
}
_WHOLE_DAY = (time.min, time.max)


@dataclass(frozen=True, kw_only=True)
class Disturbance:
    """One thing that happened; NEEDS says which attributes its kind has.

    Attributes:
        day: in the schools' wall time; for FAMILY_ASKED the day on which they cannot come.
    """

    kind: str
    school_id: str = ""
    panelist_id: str = ""
    room_id: str = ""
    student_id: str = ""
    day: date | None = None

    def left_of(self, availability: Availability) -> Availability:
        """Return what a school still offers."""
        if self.kind == PANELIST_LOST:
            people = tuple(
                replace(each, available=self._without(each.available))
                if each.panelist_id == self.panelist_id
                else each
                for each in availability.panelists
            )
            return replace(availability, panelists=people)
        if self.kind in {ROOM_LOST, DAY_LOST}:
            rooms = tuple(
                replace(each, open=self._without(each.open))
                if self.kind == DAY_LOST or each.room_id == self.room_id
                else each
                for each in availability.rooms
            )
            return replace(availability, rooms=rooms)
        return availability

    def left_to(self, family: FamilyWindows, offer: SchoolOffer, *, now: datetime) -> FamilyWindows:
        """Return when a family can still come, as if it had said so itself."""
        if self.kind != FAMILY_ASKED:
            return family
        season = tuple(Window(day.date, *_WHOLE_DAY) for day in offer.availability.days)
        windows = self._without(season if family.windows is None else family.windows)
        return replace(family, windows=windows, told_at=now)

    def hits(self, defenses: Iterable[Defense], offers: dict[str, SchoolOffer]) -> list[Defense]:
        """Return the defenses that cannot stay as they are, in the order of time."""
        found = [defense for defense in defenses if defense.stands and self._hits(defense, offers)]
        return sorted(found, key=lambda each: (each.starts_at, each.defense_id))

    def _hits(self, defense: Defense, offers: dict[str, SchoolOffer]) -> bool:
        if self.kind == PANELIST_LOST:
            named = self.panelist_id in defense.panelist_ids
        elif self.kind == ROOM_LOST:
            named = (defense.school_id, defense.room_id) == (self.school_id, self.room_id)
        elif self.kind == DAY_LOST:
            named = defense.school_id == self.school_id
        else:
            named = self.kind == FAMILY_ASKED and defense.student_id == self.student_id
        if not named or self.day is None or defense.school_id not in offers:
            return named
        return offers[defense.school_id].day_of(defense.starts_at) == self.day

    def _without(self, windows: tuple[Window, ...]) -> tuple[Window, ...]:
        return () if self.day is None else tuple(each for each in windows if each.day != self.day)
