"""How a school's defenses burden those who sit on its panels, and when families are asked to come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from itertools import pairwise
from zoneinfo import ZoneInfo

from defenses.domain.availability import Availability
from defenses.domain.defenses import Defense


@dataclass(frozen=True, kw_only=True)
class PanelistLoad:
    """What one panelist does in a season.

    Attributes:
        here: defenses at the school; `elsewhere` at others.
        days: on which they serve anywhere.
        evening_share: of all their defenses, from 0 to 1.
        journeys: changes of school within a day.
    """

    panelist_id: str
    role: str
    here: int
    elsewhere: int
    days: int
    evening_share: float
    journeys: int


@dataclass(frozen=True, kw_only=True)
class RoleSpread:
    """How evenly those of one role share the school's defenses."""

    role: str
    panelists: int
    least: int
    most: int
    mean: float


@dataclass(frozen=True, kw_only=True)
class Fairness:
    """A school's report.

    Attributes:
        evening_share: of the school's defenses, from 0 to 1.
        panelists: the busiest at the school first.
    """

    school_id: str
    defenses: int
    evening_share: float
    roles: tuple[RoleSpread, ...]
    panelists: tuple[PanelistLoad, ...]


def fairness(
    school_id: str, availability: Availability, defenses: Iterable[Defense], *, evening: time
) -> Fairness:
    """Return the report.

    Args:
        school_id: the school.
        availability: what it offers; everybody whom it lists is reported, who does nothing too.
        defenses: those that stand, of the school and of its panelists anywhere.
        evening: local time from which on a defense begins in the evening.
    """
    zone = ZoneInfo(availability.time_zone)
    seats: defaultdict[str, list[Defense]] = defaultdict(list)
    own = []
    for defense in sorted(defenses, key=lambda each: each.starts_at):
        own += [defense] if defense.school_id == school_id else []
        for panelist_id in defense.panelist_ids:
            seats[panelist_id].append(defense)
    loads = tuple(
        _load(each.panelist_id, each.role, school_id, seats[each.panelist_id], zone, evening)
        for each in availability.panelists
    )
    return Fairness(
        school_id=school_id,
        defenses=len(own),
        evening_share=_evening_share(own, zone, evening),
        roles=tuple(_spread(role, loads) for role in sorted({load.role for load in loads})),
        panelists=tuple(sorted(loads, key=lambda load: (-load.here, load.panelist_id))),
    )


def _load(
    panelist_id: str, role: str, school_id: str, mine: list[Defense], zone: ZoneInfo, evening: time
) -> PanelistLoad:
    here = sum(each.school_id == school_id for each in mine)
    days = [_day(each, zone) for each in mine]
    journeys = sum(
        _day(before, zone) == _day(after, zone) and before.school_id != after.school_id
        for before, after in pairwise(mine)
    )
    return PanelistLoad(
        panelist_id=panelist_id,
        role=role,
        here=here,
        elsewhere=len(mine) - here,
        days=len(set(days)),
        evening_share=_evening_share(mine, zone, evening),
        journeys=journeys,
    )


def _spread(role: str, loads: Iterable[PanelistLoad]) -> RoleSpread:
    here = [load.here for load in loads if load.role == role]
    return RoleSpread(
        role=role, panelists=len(here), least=min(here), most=max(here), mean=sum(here) / len(here)
    )


def _evening_share(defenses: list[Defense], zone: ZoneInfo, evening: time) -> float:
    late = sum(each.starts_at.astimezone(zone).time() >= evening for each in defenses)
    return late / len(defenses) if defenses else 0.0


def _day(defense: Defense, zone: ZoneInfo) -> date:
    return defense.starts_at.astimezone(zone).date()
