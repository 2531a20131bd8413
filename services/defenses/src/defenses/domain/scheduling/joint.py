"""Schools that are planned together, because they share panelists, as one scheduling problem."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import pairwise
from math import ceil

from defenses.domain.availability import Availability, Day
from defenses.domain.scheduling.instance import Instance, PanelistSlots, SchoolRooms, StudentWish
from defenses.domain.scheduling.season import Season


@dataclass(frozen=True, kw_only=True)
class JointSeason:
    """The seasons of some schools, whose slots are numbered together.

    A panelist whom several schools list is one person in the problem on days that the schools list alike.
    Where a day's lists differ, the day belongs to those schools whose common times are the most; such a
    person has several ids in the problem, no two of which have a day in common.

    Attributes:
        seasons: at least one, by school id; their times fit together (see `fit_together`).
    """

    seasons: tuple[Season, ...]

    @cached_property
    def by_school(self) -> dict[str, Season]:
        """The same by school id."""
        return {each.school_id: each for each in self.seasons}

    def instance(self) -> Instance:
        """Return the problem in format version 1."""
        first = self.seasons[0]
        names: defaultdict[str, set[str]] = defaultdict(set)
        for name, slots in self._people:
            names[name].add(slots.id)
        return Instance(
            name=" ".join(each.school_id for each in self.seasons),
            days=self._parts[0].days,
            slots_per_day=self._parts[0].slots_per_day,
            rule=first.panels.rule,
            weights=first.policy.weights,
            schools=tuple(self._rooms(each.schools[0]) for each in self._parts),
            travel_slots=self._travel(),
            panelists=tuple(slots for _, slots in self._people),
            interpreters=tuple(pool for each in self._parts for pool in each.interpreters),
            students=tuple(self._students(names)),
        )

    @cached_property
    def rooms(self) -> dict[str, tuple[str, str]]:
        """Id of a room in the problem -> id of the school and of the room there."""
        return {
            self._room_id(each.school_id, room.room_id): (each.school_id, room.room_id)
            for each in self.seasons
            for room in each.availability.rooms
        }

    @cached_property
    def panelists(self) -> dict[str, str]:
        """Id of a panelist in the problem -> the panelist's id."""
        return {slots.id: name for name, slots in self._people}

    def without_calibration(self) -> JointSeason:
        """Return the same, as if the district asked for no calibration."""
        return JointSeason(
            seasons=tuple(replace(each, rights=each.rights.without_calibration()) for each in self.seasons)
        )

    @cached_property
    def _parts(self) -> list[Instance]:
        return [each.instance() for each in self.seasons]

    @cached_property
    def _people(self) -> list[tuple[str, PanelistSlots]]:
        """The panelists' ids, each with the panelist as the problem has them."""
        listings: defaultdict[str, dict[str, PanelistSlots]] = defaultdict(dict)
        for each in self._parts:
            for offered in each.panelists:
                listings[offered.id][each.schools[0].id] = offered
        per_day = self._parts[0].slots_per_day
        return [(name, slots) for name, found in listings.items() for slots in _merged(found, per_day)]

    @cached_property
    def _rooms_of_that_name(self) -> Counter[str]:
        return Counter(room.room_id for each in self.seasons for room in each.availability.rooms)

    def _room_id(self, school_id: str, room_id: str) -> str:
        return room_id if self._rooms_of_that_name[room_id] == 1 else f"{school_id}/{room_id}"

    def _rooms(self, school: SchoolRooms) -> SchoolRooms:
        rooms = tuple(replace(room, id=self._room_id(school.id, room.id)) for room in school.rooms)
        return SchoolRooms(id=school.id, rooms=rooms)

    def _travel(self) -> dict[str, dict[str, int]]:
        first = self.seasons[0]
        # Two starts that are so many slots apart are at least so many times a slot's length apart.
        apart = ceil(first.panels.travel / timedelta(minutes=first.availability.slot_minutes))
        ids = [each.school_id for each in self.seasons]
        return {here: {there: apart for there in ids if there != here} for here in ids if len(ids) > 1}

    def _students(self, names: dict[str, set[str]]) -> Iterator[StudentWish]:
        here = {student.student_id for each in self.seasons for student in each.students}
        for season, part in zip(self.seasons, self._parts, strict=True):
            for student, wish in zip(season.students, part.students, strict=True):
                conflicts = (names.get(each, {each}) for each in wish.conflicts)
                yield replace(
                    wish,
                    conflicts=frozenset().union(*conflicts),
                    not_with=student.siblings & here,
                )


def _merged(listings: Mapping[str, PanelistSlots], per_day: int) -> Iterator[PanelistSlots]:
    """Yield one panelist as the problem has them: several where their schools list their days differently.

    Args:
        listings: school id -> the panelist as that school lists them.
        per_day: slot numbers that a day takes.
    """
    days: defaultdict[int, dict[str, set[int]]] = defaultdict(dict)
    for school_id, offered in listings.items():
        for slot in offered.slots:
            days[slot // per_day].setdefault(school_id, set()).add(slot)
    groups: defaultdict[tuple[str, ...], set[int]] = defaultdict(set)
    for day in sorted(days):
        members, common = _together(days[day], listings)
        groups[members] |= common
    whole = sum(map(len, groups.values()))
    for number, (members, slots) in enumerate(groups.items()):
        offers = [listings[each] for each in members]
        share = len(slots) / whole
        yield replace(
            offers[0],
            id=f"{offers[0].id}@{number}" if number else offers[0].id,
            serves=frozenset(members),
            slots=frozenset(slots),
            max_per_day=min(each.max_per_day for each in offers),
            target=ceil(share * sum(each.target for each in offers) / len(offers)),
        )


def _together(
    listed: Mapping[str, set[int]], listings: Mapping[str, PanelistSlots]
) -> tuple[tuple[str, ...], set[int]]:
    """Return the schools that have a panelist together on a day, and the times common to them."""
    first = max(sorted(listed), key=lambda each: len(listed[each]))
    members, common = [first], listed[first]
    for school_id in sorted(listed.keys() - {first}):
        both = common & listed[school_id]
        alike = listings[school_id].role == listings[first].role
        # A school more is worth the times that are lost by it.
        if alike and (len(members) + 1) * len(both) >= len(members) * len(common):
            members, common = [*members, school_id], both
    return tuple(sorted(members)), common


def joined(seasons: Iterable[Season]) -> JointSeason:
    """Return the season of some schools whose times fit together."""
    found = sorted(seasons, key=lambda each: each.school_id)
    if len(found) == 1:
        return JointSeason(seasons=tuple(found))
    grid = _grid(each.availability for each in found)
    return JointSeason(seasons=tuple(replace(each, grid=grid) for each in found))


def fit_together(availabilities: Sequence[Availability]) -> bool:
    """Whether the times of some schools can be numbered together: no two of their slots overlap in part."""
    if len({(each.time_zone, each.slot_minutes) for each in availabilities}) > 1:
        return False
    length = timedelta(minutes=availabilities[0].slot_minutes)
    return all(
        datetime.combine(day.date, after) - datetime.combine(day.date, before) >= length
        for day in _grid(availabilities)
        for before, after in pairwise(day.starts_at)
    )


def _grid(availabilities: Iterable[Availability]) -> tuple[Day, ...]:
    """Return the days of some schools with all their times."""
    starts: defaultdict[date, set[time]] = defaultdict(set)
    for each in availabilities:
        for day in each.days:
            starts[day.date].update(day.starts_at)
    return tuple(Day(day, tuple(sorted(starts[day]))) for day in sorted(starts))


def areas(availabilities: Mapping[str, Availability]) -> list[tuple[str, ...]]:
    """Return which schools are to be planned together, by school id.

    These are schools that are tied by shared panelists, directly or by way of others. Where the times of
    such schools do not fit together, they are planned one after the other: each finds what stands then.
    """
    found = []
    for tied in _components(availabilities):
        together: list[list[str]] = []
        for school_id in tied:
            for members in together:
                if fit_together([availabilities[each] for each in (*members, school_id)]):
                    members.append(school_id)
                    break
            else:
                together.append([school_id])
        found += [tuple(members) for members in together]
    return sorted(found)


def _components(availabilities: Mapping[str, Availability]) -> list[list[str]]:
    """Return the schools that are tied by shared panelists, each list by school id."""
    schools: defaultdict[str, list[str]] = defaultdict(list)
    for school_id, offered in availabilities.items():
        for panelist in offered.panelists:
            schools[panelist.panelist_id].append(school_id)
    left, found = set(availabilities), []
    while left:
        tied, waiting = set(), {min(left)}
        while waiting:
            here = waiting.pop()
            tied.add(here)
            people = availabilities[here].panelists
            waiting |= {each for one in people for each in schools[one.panelist_id]} - tied
        left -= tied
        found.append(sorted(tied))
    return found
