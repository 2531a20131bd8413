"""Make synthetic season instances in format version 1: `python -m scheduling.generate --out district.json`.

Everything is drawn from one seed, so that the same arguments always give the same instance. The numbers
follow the shared instances: ten days of two half-days with six slots each, a panel of three, teachers who are
free half of the time, families with about 37 possible slots in three tiers.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

#: A JSON object of format version 1.
Wire = dict[str, Any]

DAYS = 10
HALF_SLOTS = 6
SLOTS_PER_DAY = 2 * HALF_SLOTS
HALVES = 2 * DAYS
PANEL_SIZE = 3

DISTRICT_SCHOOLS = 165
DISTRICT_STUDENTS = 22_000
DISTRICT_PANELISTS = 3_900
CLUSTER_SCHOOLS = 5

_LANGUAGES = ("L0", "L1", "L2", "L3")
_LANGUAGE_WEIGHTS = (50, 20, 20, 10)
_NEEDS_INTERPRETER = 0.15
_SHARED_OUTSIDE = 0.2
_SIBLINGS = 0.02
_LEAST_STUDENTS, _MOST_STUDENTS = 10, 429
_MAX_PER_DAY = {"teacher": 4, "administrator": 5, "outside": 6}
_DAY_COST = {"teacher": 2, "administrator": 2, "outside": 4}


@dataclass(frozen=True)
class _School:
    id: str
    students: int
    cluster: int


def district(seed: int, *, one_component: bool = False) -> Wire:
    """Return a whole district: 165 schools, 22,000 students, 3,900 panelists, a fifth of the outside shared.

    Args:
        seed: of everything that is drawn.
        one_component: share outside panelists along a ring of all schools, instead of within clusters of
            five, so that nothing falls apart into problems of its own.
    """
    numbers = _numbers(seed)
    sizes = _sizes(numbers, DISTRICT_SCHOOLS, DISTRICT_STUDENTS)
    schools = [_School(f"S{n}", size, n // CLUSTER_SCHOOLS) for n, size in enumerate(sizes)]
    name = f"district-{'one-' if one_component else ''}{seed}"
    return _instance(numbers, name, schools, panelists=DISTRICT_PANELISTS, ring=one_component)


def cluster(seed: int, sizes: tuple[int, ...]) -> Wire:
    """Return schools of these numbers of students that share panelists and interpreters."""
    schools = [_School(f"S{n}", size, 0) for n, size in enumerate(sizes)]
    return _instance(_numbers(seed), f"cluster-{seed}", schools, panelists=None, ring=False)


def small(seed: int) -> Wire:
    """Return a random instance of one to three schools with too little of everything, for tests."""
    numbers = _numbers(seed)
    schools = [_School(f"S{n}", numbers.randint(2, 8), 0) for n in range(numbers.randint(1, 3))]
    wire = _instance(numbers, f"small-{seed}", schools, panelists=None, ring=False)
    wire["days"] = numbers.randint(1, 3)
    wire["rules"] = numbers.choice(
        [
            wire["rules"],
            {"panel_size": 2, "at_least": {"teacher": 1}},
            {"panel_size": 4, "at_least": {"teacher": 2, "outside": 1}},
            {"panel_size": 1, "at_least": {}},
        ]
    )
    return _cut(wire, wire["days"] * SLOTS_PER_DAY)


def _numbers(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - the same seed must always give the same instance


def _cut(wire: Wire, slots: int) -> Wire:
    """Leave only the first slots of a season."""
    for each in (*(room for school in wire["schools"] for room in school["rooms"]), *wire["panelists"]):
        each["available"] = [[first, last] for first, last in each["available"] if last < slots]
    for pool in wire["interpreters"]:
        pool["capacity"] = [[first, last, many] for first, last, many in pool["capacity"] if last < slots]
    for student in wire["students"]:
        student["windows"] = [window for window in student["windows"] if window["slots"][1] < slots]
    return wire


def _sizes(numbers: Random, count: int, total: int) -> list[int]:
    """Draw sizes like a district's, many small and a few large ones, that add up to exactly the total."""
    drawn = [numbers.lognormvariate(4.55, 0.85) for _ in range(count)]
    sizes = [min(_MOST_STUDENTS, max(_LEAST_STUDENTS, round(size))) for size in drawn]
    while sum(sizes) != total:
        step = 1 if sum(sizes) < total else -1
        chosen = numbers.randrange(count)
        if _LEAST_STUDENTS <= sizes[chosen] + step <= _MOST_STUDENTS:
            sizes[chosen] += step
    return sizes


def _instance(
    numbers: Random, name: str, schools: list[_School], *, panelists: int | None, ring: bool
) -> Wire:
    people = _panelists(numbers, schools, panelists, ring=ring)
    students = _students(numbers, schools, people)
    return {
        "version": 1,
        "name": name,
        "days": DAYS,
        "slots_per_day": SLOTS_PER_DAY,
        "rules": {"panel_size": PANEL_SIZE, "at_least": {"teacher": 1, "outside": 1}},
        "weights": {"unscheduled": 1000, "block": 1, "over_target": 3, "move": 2},
        "schools": [{"id": school.id, "rooms": _rooms(numbers, school)} for school in schools],
        "travel_slots": _travel(numbers, people),
        "panelists": people,
        "interpreters": _interpreters(numbers, schools),
        "students": students,
    }


def _rooms(numbers: Random, school: _School) -> list[Wire]:
    """The first rooms are nearly always free, the last ones now and then."""
    count = max(2, round(school.students / 23))
    rooms = []
    for number in range(count):
        share = min(1.0, 1.35 - number / count)
        free = [half for half in range(HALVES) if numbers.random() < share]
        rooms.append({"id": f"{school.id}-R{number}", "available": _ranges(free)})
    return rooms


def _panelists(numbers: Random, schools: list[_School], total: int | None, *, ring: bool) -> list[Wire]:
    staff = {school.id: _staff(school) for school in schools}
    if total is not None:
        _fit(numbers, staff, total)
    people: list[Wire] = []
    for index, school in enumerate(schools):
        for role, count in staff[school.id].items():
            for number in range(count):
                serves = [school.id]
                if role == "outside":
                    serves += _other_schools(numbers, schools, index, first=number == 0, ring=ring)
                people.append(_panelist(numbers, len(people), role, serves))
    _set_targets(schools, people)
    return people


def _staff(school: _School) -> dict[str, int]:
    return {
        "teacher": max(4, round(school.students * 0.1)),
        "administrator": max(1, round(school.students * 0.02)),
        "outside": max(2, round(school.students * 0.052)),
    }


def _fit(numbers: Random, staff: dict[str, dict[str, int]], total: int) -> None:
    """Add or take away teachers until there are exactly as many people as asked for."""
    names = sorted(staff)
    while (have := sum(sum(counts.values()) for counts in staff.values())) != total:
        counts = staff[numbers.choice(names)]
        counts["teacher"] = max(4, counts["teacher"] + (1 if have < total else -1))


def _other_schools(
    numbers: Random, schools: list[_School], index: int, *, first: bool, ring: bool
) -> list[str]:
    """Return where an outside panelist serves besides the own school; with a ring, its first one always."""
    if ring:
        near = [schools[(index + step) % len(schools)].id for step in (1, 2)]
        if first:
            return near[:1]
        return near[: numbers.randint(1, 2)] if numbers.random() < _SHARED_OUTSIDE / 2 else []
    near = [each.id for each in schools if each.cluster == schools[index].cluster and each != schools[index]]
    if not near or numbers.random() >= _SHARED_OUTSIDE:
        return []
    return sorted(numbers.sample(near, min(len(near), numbers.randint(1, 2))))


def _panelist(numbers: Random, number: int, role: str, serves: list[str]) -> Wire:
    if role == "teacher":
        # One free half of each day; most have the same one throughout.
        afternoons = numbers.random() < 0.5
        free = [2 * day + (afternoons if numbers.random() < 0.8 else not afternoons) for day in range(DAYS)]
    else:
        free = [half for half in range(HALVES) if numbers.random() < 0.5]
    return {
        "id": f"P{number}",
        "role": role,
        "serves": serves,
        "available": _ranges(free),
        "max_per_day": _MAX_PER_DAY[role],
        "target": 0,
        "day_cost": _DAY_COST[role],
    }


def _set_targets(schools: list[_School], people: list[Wire]) -> None:
    """A fair share: the seats of the schools served, by the time that each is available, and a bit more."""
    hours: dict[str, int] = {school.id: 0 for school in schools}
    for person in people:
        for school_id in person["serves"]:
            hours[school_id] += _length(person["available"]) // len(person["serves"])
    seats = {school.id: school.students * PANEL_SIZE for school in schools}
    for person in people:
        mine = sum(
            _length(person["available"]) / len(person["serves"]) * seats[each] / max(1, hours[each])
            for each in person["serves"]
        )
        person["target"] = round(1.2 * mine) + 1


def _students(numbers: Random, schools: list[_School], people: list[Wire]) -> list[Wire]:
    teachers: dict[str, list[str]] = {school.id: [] for school in schools}
    for person in people:
        if person["role"] == "teacher":
            teachers[person["serves"][0]].append(person["id"])
    students: list[Wire] = []
    for school in schools:
        for _ in range(school.students):
            language = numbers.choices(_LANGUAGES, _LANGUAGE_WEIGHTS)[0]
            taught_by = numbers.choices([1, 2, 3], [68, 28, 4])[0]
            students.append(
                {
                    "id": f"T{len(students)}",
                    "school": school.id,
                    "windows": _windows(numbers),
                    "interpreter": language if numbers.random() < _NEEDS_INTERPRETER else None,
                    "conflicts": sorted(numbers.sample(teachers[school.id], taught_by)),
                    "not_with": [],
                }
            )
    _add_siblings(numbers, schools, students)
    return students


def _add_siblings(numbers: Random, schools: list[_School], students: list[Wire]) -> None:
    """Most siblings go to the same school, the others to another one of the cluster."""
    clusters = {school.id: school.cluster for school in schools}
    by_cluster: dict[int, list[Wire]] = {}
    for student in students:
        by_cluster.setdefault(clusters[student["school"]], []).append(student)
    for student in students:
        if numbers.random() >= _SIBLINGS:
            continue
        others = by_cluster[clusters[student["school"]]]
        if numbers.random() < 0.8:
            others = [other for other in others if other["school"] == student["school"]]
        other = numbers.choice(others)
        if other is not student and not student["not_with"] and not other["not_with"]:
            student["not_with"], other["not_with"] = [other["id"]], [student["id"]]


def _windows(numbers: Random) -> list[Wire]:
    halves = numbers.sample(range(HALVES), numbers.randint(2, 10))
    tiers = sorted(numbers.choices([0, 1, 3], [5, 3, 2])[0] for _ in halves)
    return [{"slots": _span(half), "tier": tier} for half, tier in zip(halves, tiers, strict=True)]


def _interpreters(numbers: Random, schools: list[_School]) -> list[Wire]:
    clusters: dict[int, list[_School]] = {}
    for school in schools:
        clusters.setdefault(school.cluster, []).append(school)
    pools: list[Wire] = []
    for mine in clusters.values():
        students = sum(school.students for school in mine)
        for language, weight in zip(_LANGUAGES, _LANGUAGE_WEIGHTS, strict=True):
            most = max(1, round(students * _NEEDS_INTERPRETER * weight / 100 / 20))
            capacity = [
                [*_span(half), numbers.randint(1, most)] for half in range(HALVES) if numbers.random() < 0.75
            ]
            pools.append(
                {"language": language, "serves": [school.id for school in mine], "capacity": capacity}
            )
    return pools


def _travel(numbers: Random, people: list[Wire]) -> dict[str, dict[str, int]]:
    """Return the times between schools that share somebody; no other pair is ever asked for."""
    travel: dict[str, dict[str, int]] = {}
    for person in people:
        for here in person["serves"]:
            for there in person["serves"]:
                if here != there and there not in travel.setdefault(here, {}):
                    slots = numbers.randint(1, 2)
                    travel[here][there] = slots
                    travel.setdefault(there, {})[here] = slots
    return travel


def _span(half: int) -> list[int]:
    return [half * HALF_SLOTS, (half + 1) * HALF_SLOTS - 1]


def _ranges(halves: list[int]) -> list[list[int]]:
    """Return half-days as slots; those that follow each other are one range."""
    spans = [_span(half) for half in sorted(halves)]
    starts = [0, *(n for n, (before, after) in enumerate(pairwise(spans), 1) if before[1] + 1 < after[0])]
    return [
        [spans[first][0], spans[after - 1][1]]
        for first, after in zip(starts, [*starts[1:], len(spans)], strict=True)
        if spans
    ]


def _length(ranges: list[list[int]]) -> int:
    return sum(last - first + 1 for first, last in ranges)


def main() -> None:
    """Write one instance."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--one-component", action="store_true", help="tie all schools of the district together"
    )
    parser.add_argument(
        "--sizes", type=int, nargs="+", help="a cluster of schools with so many students instead"
    )
    options = parser.parse_args()
    if options.sizes:
        wire = cluster(options.seed, tuple(options.sizes))
    else:
        wire = district(options.seed, one_component=options.one_component)
    options.out.write_text(json.dumps(wire))


if __name__ == "__main__":
    main()
