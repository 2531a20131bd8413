"""Read an instance of format version 1, and name the place of whatever is wrong with it.

A place is written as in `students[3].windows[0].slots of T3`: the path in the JSON object, then the id of
what it belongs to.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from defenses.domain.scheduling.instance import (
    Instance,
    InterpreterPool,
    PanelistSlots,
    PanelRule,
    RoomSlots,
    SchoolRooms,
    StudentWish,
    Weights,
)

FORMAT_VERSION = 1

#: Beyond this an instance is not a season any more, but a mistake that would fill the memory.
MOST_SLOTS = 20_000
#: Schools, panelists or interpreter pools times slots, and schools times schools.
_MOST_CELLS = 50_000_000
_MOST_NUMBER = 1_000_000_000
_MOST_WEIGHT = 1_000_000
_MOST_SEATS = 100
_SHOWN = 40


class UnreadableExchangeError(ValueError):
    """A JSON object is no instance or solution of format version 1; the text names the place."""


@dataclass
class _Names:
    """The ids of one kind, each of which may be given once."""

    kind: str
    known: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, place: _Place) -> str:
        if name in self.known:
            raise place.wrong(f"the {self.kind} {_shown(name)} is already {self.known[name]}")
        self.known[name] = place.path
        return name


@dataclass(slots=True)
class _Place:
    """A value with its path, and the id of what it belongs to."""

    value: Any
    path: str
    owner: str = ""

    def wrong(self, reason: str) -> UnreadableExchangeError:
        """Return an error that names this place."""
        of = f" of {_shown(self.owner)}" if self.owner else ""
        return UnreadableExchangeError(f"{self.path or 'instance'}{of}: {reason}")

    def get(self, name: str, default: Any = ...) -> _Place:
        """Return a field of an object."""
        found = self.mapping().get(name, default)
        place = _Place(found, f"{self.path}.{name}" if self.path else name, self.owner)
        if found is ...:
            raise place.wrong("it is missing")
        return place

    def owned_by(self, owner: str) -> _Place:
        return _Place(self.value, self.path, owner)

    def mapping(self) -> Mapping[str, Any]:
        if not isinstance(self.value, dict):
            raise self.wrong("it is not an object")
        return self.value

    def items(self) -> Iterator[_Place]:
        """Yield the elements of a list."""
        if not isinstance(self.value, list):
            raise self.wrong("it is not a list")
        for number, value in enumerate(self.value):
            yield _Place(value, f"{self.path}[{number}]", self.owner)

    def text(self) -> str:
        if not isinstance(self.value, str) or not self.value:
            raise self.wrong("it is not a text, or it is empty")
        return self.value

    def number(self, least: int = 0, most: int = _MOST_NUMBER) -> int:
        """Return a whole number from `least` to `most`."""
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            raise self.wrong("it is not a whole number")
        if not least <= self.value <= most:
            raise self.wrong(f"{_shown(self.value)} is not from {least} to {most}")
        return self.value

    def numbers(self, count: int, most: int) -> list[int]:
        """Return a list of exactly `count` whole numbers, the first two of which are a range of slots."""
        found = [each.number(0, most if n < 2 else _MOST_NUMBER) for n, each in enumerate(self.items())]  # noqa: PLR2004 - a range has two ends
        if len(found) != count:
            raise self.wrong(f"it has {len(found)} numbers, not {count}")
        if found[0] > found[1]:
            raise self.wrong(f"it is empty, because {found[0]} is after {found[1]}")
        return found

    def names(self, known: Collection[str], kind: str) -> frozenset[str]:
        """Return a list of ids, each of which is known."""
        found = frozenset(each.text() for each in self.items())
        for each in self.items():
            if each.value not in known:
                raise each.wrong(f"there is no {kind} {_shown(each.value)}")
        return found


def instance_from_wire(wire: Any) -> Instance:
    """Read an instance.

    Raises:
        UnreadableExchangeError: if it is of another version, a field is missing or of another type, an id is
            given twice or refers to nothing, or a rule or window can never be kept.
    """
    whole = _Place(wire, "")
    version = whole.get("version")
    if version.value != FORMAT_VERSION:
        raise version.wrong(f"it is not {FORMAT_VERSION}")
    return _Reader(whole).instance()


class _Reader:
    """Reads one instance."""

    def __init__(self, whole: _Place) -> None:
        self._whole = whole
        self._days = whole.get("days").number(1, MOST_SLOTS)
        self._per_day = whole.get("slots_per_day").number(1, MOST_SLOTS // self._days)
        self._last = self._days * self._per_day - 1
        self._schools = _Names("school")
        self._rooms = _Names("room")
        self._people = _Names("panelist")
        self._students = _Names("student")

    def instance(self) -> Instance:
        whole = self._whole
        schools = tuple(map(self._school, self._sized("schools")))
        self._check_cells("schools", len(schools) * len(schools))
        panelists = tuple(map(self._panelist, self._sized("panelists")))
        pools = tuple(map(self._pool, self._sized("interpreters")))
        for each in whole.get("students").items():
            name = each.get("id")
            self._students.add(name.text(), name)
        return Instance(
            name=whole.get("name").text(),
            days=self._days,
            slots_per_day=self._per_day,
            rule=_rule(whole.get("rules")),
            weights=_weights(whole.get("weights")),
            schools=schools,
            travel_slots=self._travel(whole.get("travel_slots")),
            panelists=panelists,
            interpreters=pools,
            students=tuple(map(self._student, whole.get("students").items())),
        )

    def _sized(self, name: str) -> Iterator[_Place]:
        place = self._whole.get(name)
        found = list(place.items())
        self._check_cells(name, len(found) * (self._last + 1))
        return iter(found)

    def _check_cells(self, name: str, cells: int) -> None:
        if cells > _MOST_CELLS:
            raise self._whole.get(name).wrong("there are too many of them for a season of this length")

    def _school(self, place: _Place) -> SchoolRooms:
        school, place = _named(place, self._schools)
        rooms = []
        for each in place.get("rooms").items():
            room, each_place = _named(each, self._rooms)
            rooms.append(RoomSlots(id=room, slots=self._slots(each_place.get("available"))))
        return SchoolRooms(id=school, rooms=tuple(rooms))

    def _travel(self, place: _Place) -> dict[str, dict[str, int]]:
        travel: dict[str, dict[str, int]] = {}
        for here in place.mapping():
            others = place.get(here)
            for there in (here, *others.mapping()):
                if there not in self._schools.known:
                    raise others.wrong(f"there is no school {_shown(there)}")
            travel[here] = {there: others.get(there).number(0, self._last + 1) for there in others.mapping()}
        return travel

    def _panelist(self, place: _Place) -> PanelistSlots:
        panelist, place = _named(place, self._people)
        return PanelistSlots(
            id=panelist,
            role=place.get("role").text(),
            serves=place.get("serves").names(self._schools.known, "school"),
            slots=self._slots(place.get("available")),
            max_per_day=place.get("max_per_day").number(),
            target=place.get("target").number(),
            day_cost=place.get("day_cost").number(),
            booked_per_day=self._booked(place.get("booked_per_day", [])),
        )

    def _booked(self, place: _Place) -> dict[int, int]:
        booked: dict[int, int] = {}
        for each in place.items():
            pair = list(each.items())
            if len(pair) != 2:  # noqa: PLR2004 - a pair
                raise each.wrong("it is not a pair of a day and a number")
            booked[pair[0].number(0, self._days - 1)] = pair[1].number()
        return booked

    def _pool(self, place: _Place) -> InterpreterPool:
        language = place.get("language").text()
        place = place.owned_by(language)
        capacity: dict[int, int] = {}
        for each in place.get("capacity").items():
            first, last, many = each.numbers(3, self._last)
            capacity.update(dict.fromkeys(range(first, last + 1), many))
        return InterpreterPool(
            language=language,
            serves=place.get("serves").names(self._schools.known, "school"),
            capacity=capacity,
        )

    def _student(self, place: _Place) -> StudentWish:
        student = place.get("id").text()
        place = place.owned_by(student)
        school, interpreter = place.get("school"), place.get("interpreter")
        if school.text() not in self._schools.known:
            raise school.wrong(f"there is no school {_shown(school.value)}")
        not_with = place.get("not_with", [])
        if isinstance(not_with.value, list) and student in not_with.value:
            raise not_with.wrong("a student cannot be kept apart from themselves")
        return StudentWish(
            id=student,
            school=school.value,
            tiers=self._tiers(place.get("windows")),
            interpreter=None if interpreter.value is None else interpreter.text(),
            conflicts=place.get("conflicts").names(self._people.known, "panelist"),
            not_with=not_with.names(self._students.known, "student"),
        )

    def _tiers(self, place: _Place) -> dict[int, int]:
        if isinstance(place.value, list) and len(place.value) > self._last + 1:
            raise place.wrong(f"{len(place.value)} windows are more than the season's {self._last + 1} slots")
        tiers: dict[int, int] = {}
        for window in place.items():
            first, last = window.get("slots").numbers(2, self._last)
            tier = window.get("tier").number()
            for slot in range(first, last + 1):
                tiers[slot] = min(tier, tiers.get(slot, tier))
        return tiers

    def _slots(self, place: _Place) -> frozenset[int]:
        ranges = (each.numbers(2, self._last) for each in place.items())
        return frozenset(slot for first, last in ranges for slot in range(first, last + 1))


def _named(place: _Place, names: _Names) -> tuple[str, _Place]:
    """Return the id of an object, and the object as that id's."""
    name = place.get("id")
    found = names.add(name.text(), name)
    return found, place.owned_by(found)


def _rule(place: _Place) -> PanelRule:
    size = place.get("panel_size").number(1, _MOST_SEATS)
    roles = place.get("at_least")
    at_least = {role: roles.get(role).number() for role in roles.mapping()}
    if sum(at_least.values()) > size:
        raise roles.wrong(f"it asks for {sum(at_least.values())} seats, and a panel has {size}")
    return PanelRule(panel_size=size, at_least=at_least)


def _weights(place: _Place) -> Weights:
    names = ("unscheduled", "block", "over_target", "move")
    return Weights(**{name: place.get(name).number(0, _MOST_WEIGHT) for name in names})


def _shown(value: Any) -> str:
    """Return a value short enough to be read; ids are no personal data."""
    text = str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
