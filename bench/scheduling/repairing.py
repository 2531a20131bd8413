"""How long a single change takes in a full district, on the real store: `python -m scheduling.repairing`.

The district is generated, scheduled by the greedy start, and kept in the document store as the service keeps
it: candidates with ten scored artifacts each, every school's availability, every family's windows, every
defense. Each change is proposed (what a preview shows) and then made, through the use cases of the service.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from itertools import islice
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, TypeVar

from chassis import mongo
from chassis.mongo import AggregateRepository
from chassis.mongo.documents import stored
from chassis.outbox import UnitOfWork
from defenses import documents
from defenses.domain.availability import (
    Availability,
    Day,
    FamilyWindows,
    Panelist,
    PublishedAvailability,
    Room,
    Window,
)
from defenses.domain.candidates import Candidate, Enrollment
from defenses.domain.defenses import SCHEDULED, Defense, Note, PanelSeat
from defenses.domain.readiness import Evidence
from defenses.domain.repairing.disturbances import (
    DAY_LOST,
    FAMILY_ASKED,
    PANELIST_LOST,
    ROOM_LOST,
    STUDENT_READY,
    Disturbance,
)
from defenses.domain.repairing.repairs import Repair
from defenses.domain.scheduling.exchange import instance_from_wire
from defenses.entrypoints.planner import StageDesk
from defenses.entrypoints.policies import DistrictRules, read_policies
from defenses.repository import Availabilities, Candidates, Defenses, Families
from defenses.solver import greedy
from defenses.use_cases import repairs
from defenses.use_cases.seasons import defense_id
from scheduling import generate
from scheduling.generate import Wire
from stack import testing

Value = TypeVar("Value")

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
ZONE, YEAR = "America/Kentucky/Louisville", "2026-27"
FIRST_DAY = date(2027, 4, 5)
_MINUTES = 30
_BATCH = 100


def day_of(number: int) -> date:
    """Return the date of a day of the season: weekdays only."""
    return FIRST_DAY + timedelta(days=number + 2 * (number // 5))


def _clock(place: int) -> clock:
    return (datetime(2027, 1, 1, 8) + timedelta(minutes=_MINUTES * place)).time()  # noqa: DTZ001 - a wall time


def _windows(ranges: Iterable[Sequence[int]]) -> tuple[Window, ...]:
    """Return ranges of slots as windows; none reaches over the end of a day."""
    found = []
    for first, last in ranges:
        for day in range(first // generate.SLOTS_PER_DAY, last // generate.SLOTS_PER_DAY + 1):
            start = max(first - day * generate.SLOTS_PER_DAY, 0)
            end = min(last - day * generate.SLOTS_PER_DAY, generate.SLOTS_PER_DAY - 1)
            found.append(Window(day_of(day), _clock(start), _clock(end + 1)))
    return tuple(found)


@dataclass(frozen=True)
class Seconds:
    """What something took: on the wall, and of our processor; the store's is not in it."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Taken:
    """What one change took, to be shown and to be made."""

    shown: Seconds
    made: Seconds
    proposed: Repair


@dataclass
class District:
    """A generated district as the service knows it."""

    wire: Wire
    availabilities: dict[str, Availability]
    defenses: list[Defense]
    #: Students whom the greedy start left out.
    waiting: list[str]


def build(wire: Wire) -> District:
    """Return a district whose students have the places that the greedy start gives them."""
    people: defaultdict[str, list[Panelist]] = defaultdict(list)
    for each in wire["panelists"]:
        offered = Panelist(
            panelist_id=each["id"],
            role=each["role"],
            available=_windows(each["available"]),
            max_per_day=each["max_per_day"],
        )
        for school_id in each["serves"]:
            people[school_id].append(offered)
    days = tuple(
        Day(day_of(number), tuple(_clock(place) for place in range(generate.SLOTS_PER_DAY)))
        for number in range(wire["days"])
    )
    offers = {
        school["id"]: Availability(
            time_zone=ZONE,
            slot_minutes=_MINUTES,
            days=days,
            rooms=tuple(
                Room(room_id=room["id"], name=room["id"], open=_windows(room["available"]))
                for room in school["rooms"]
            ),
            panelists=tuple(people[school["id"]]),
        )
        for school in wire["schools"]
    }
    roles = {each["id"]: each["role"] for each in wire["panelists"]}
    schools = {each["id"]: each["school"] for each in wire["students"]}
    # Interpreters are not part of what schools publish.
    instance = instance_from_wire(
        {**wire, "interpreters": [], "students": [{**each, "interpreter": None} for each in wire["students"]]}
    )
    placed = greedy.schedule(instance)
    defenses = []
    for one in placed:
        day, place = divmod(one.slot, generate.SLOTS_PER_DAY)
        # Louisville is four hours behind in April.
        starts_at = datetime.combine(day_of(day), _clock(place), UTC) + timedelta(hours=4)
        defenses.append(
            Defense(
                defense_id=defense_id(one.student, "5", YEAR),
                student_id=one.student,
                school_id=schools[one.student],
                transition="5",
                school_year=YEAR,
                revision=1,
                state=SCHEDULED,
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=_MINUTES),
                time_zone=ZONE,
                room_id=one.room,
                room=one.room,
                panel=tuple(PanelSeat(each, roles[each]) for each in sorted(one.panel)),
                run_id="run-1",
            )
        )
    left = schools.keys() - {one.student for one in placed}
    return District(wire, offers, defenses, sorted(left))


def keep(found: District, rules: DistrictRules) -> None:
    """Write a district into the store, as the service would but in bulk, and with the same scores for all."""
    student = found.wire["students"][0]
    template = _wire(Candidates, student["id"], _candidate(student, rules))
    _insert(
        Candidates,
        (
            {
                **template,
                "_id": each["id"],
                "school_id": each["school"],
                "guardian_ids": _guardians(each),
                "teacher_ids": each["conflicts"],
            }
            for each in found.wire["students"]
        ),
    )
    _insert(Families, (_wire(Families, each["id"], _family(each)) for each in found.wire["students"]))
    _insert(
        Availabilities,
        (
            _wire(
                Availabilities,
                school_id,
                PublishedAvailability(school_id=school_id, availability=offer, published_at=NOW),
            )
            for school_id, offer in found.availabilities.items()
        ),
    )
    _insert(Defenses, (_wire(Defenses, each.defense_id, each) for each in found.defenses))


def _insert(repository: type[AggregateRepository[Any]], wires: Iterable[Wire]) -> None:
    collection = repository.document._get_collection()  # noqa: SLF001 - as the chassis does it
    waiting = iter(wires)
    while batch := list(islice(waiting, _BATCH)):
        collection.insert_many(batch, ordered=False)


def _wire(repository: type[AggregateRepository[Value]], one: str, value: Value) -> Wire:
    """Return a value as its repository stores it."""
    known = {"id": one, "district": "jcps", "version": 1, "changed_at": NOW, "pending": False}
    fields = repository(UnitOfWork(district="jcps", cause="seed")).to_fields(value)
    return {**stored(repository.document, {**fields, **known}), "handled": []}


def _guardians(student: Wire) -> list[str]:
    return ["g-" + "-".join(sorted([student["id"], *student["not_with"]])), f"h-{student['id']}"]


def _family(student: Wire) -> FamilyWindows:
    windows = _windows(window["slots"] for window in student["windows"])
    return FamilyWindows(student_id=student["id"], windows=windows, told_at=NOW)


def _candidate(student: Wire, rules: DistrictRules) -> Candidate:
    rule = rules.in_force("5")
    assert rule is not None
    evidence = tuple(
        Evidence(
            artifact_id=f"{student['id']}:{skill}:{number}",
            skill_id=skill,
            grade="5",
            levels=tuple((f"criterion-{each}", 3.0) for each in range(4)),
            mean_level=3.0,
            scored_at=NOW,
            version=2,
        )
        for skill in rule.skills
        for number in range(2)
    )
    enrollment = Enrollment(
        school_id=student["school"],
        grade="5",
        guardian_ids=tuple(_guardians(student)),
        teacher_ids=tuple(student["conflicts"]),
    )
    candidate = Candidate(student_id=student["id"], evidence=evidence).enrolled(enrollment, version=1)
    return candidate.decided(rule, now=NOW)


def disturbances(found: District, numbers: Random) -> Iterator[tuple[str, Disturbance]]:
    """Yield single changes without end, each kind in turn, at schools in proportion to their students."""
    while True:
        hit = numbers.choice(found.defenses)
        day = (hit.starts_at - timedelta(hours=4)).date()
        who = numbers.choice(hit.panelist_ids)
        yield "panelist lost for a day", Disturbance(kind=PANELIST_LOST, panelist_id=who, day=day)
        yield "panelist lost for good", Disturbance(kind=PANELIST_LOST, panelist_id=who)
        room = {"school_id": hit.school_id, "room_id": hit.room_id}
        yield "room lost for a day", Disturbance(kind=ROOM_LOST, day=day, **room)
        yield (
            "family asks for another day",
            Disturbance(kind=FAMILY_ASKED, student_id=hit.student_id, day=day),
        )
        if found.waiting:
            late = numbers.choice(found.waiting)
            yield "student ready late", Disturbance(kind=STUDENT_READY, student_id=late)
        yield "day lost (snow)", Disturbance(kind=DAY_LOST, school_id=hit.school_id, day=day)


def measure(
    found: District, desk_for: Callable[[str], StageDesk], rounds: int, seed: int
) -> dict[str, list[Taken]]:
    """Return what each kind of change took."""
    taken: defaultdict[str, list[Taken]] = defaultdict(list)
    numbers = Random(seed)  # noqa: S311 - the same seed must give the same changes
    for number, (kind, disturbance) in enumerate(islice(disturbances(found, numbers), rounds)):
        one = f"repair-{number}"
        note = Note(cause=disturbance.kind, reason="A measurement.", by="bench", at=NOW)
        started = _now()
        proposed = repairs.propose(one, disturbance, note, desk_for(f"{one}:propose"))
        shown = _now()
        # Half are only looked at, so that the schedule stays a full one.
        if number % 2:
            begun = repairs.begin(one, desk_for(f"{one}:begin"))
            repairs.complete(begun, desk_for(f"{one}:complete"))
        taken[kind].append(Taken(_between(started, shown), _between(shown, _now()), proposed))
    return taken


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _between(before: tuple[float, float], after: tuple[float, float]) -> Seconds:
    return Seconds(after[0] - before[0], after[1] - before[1])


def _print(taken: dict[str, list[Taken]]) -> None:
    print("| change | number | changed: most | left without | shown: median | p95 | most | its CPU | made |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for kind, rows in taken.items():
        wall = sorted(row.shown.wall for row in rows)
        times = (statistics.median(wall), wall[int(0.95 * (len(wall) - 1))], wall[-1])
        cells = (
            kind,
            len(rows),
            max(len(row.proposed.steps) for row in rows),
            sum(len(row.proposed.unplaced) for row in rows),
            *(f"{each * 1000:.0f} ms" for each in times),
            f"{max(row.shown.cpu for row in rows) * 1000:.0f} ms",
            f"{max(row.made.wall for row in rows) * 1000:.0f} ms",
        )
        print("| " + " | ".join(map(str, cells)) + " |")


def main() -> None:
    """Print a table of all kinds of single changes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--changes", type=int, default=120)
    parser.add_argument("--sizes", type=int, nargs="+", help="a cluster of such schools, not a district")
    options = parser.parse_args()
    wire = generate.cluster(options.seed, tuple(options.sizes)) if options.sizes else generate.district(1)
    found = build(wire)
    policies = read_policies(SimpleNamespace(policy_dir=""))

    def desk_for(cause: str) -> StageDesk:
        return StageDesk(UnitOfWork(district="jcps", cause=cause, now=NOW), policies)

    with (
        tempfile.TemporaryDirectory() as folder,
        testing.running_store(Path(folder)) as store,
    ):
        mongo.connect(store.mongo_url, "bench")
        mongo.create_indexes(documents)
        started = time.perf_counter()
        keep(found, DistrictRules(policies, "jcps", NOW))
        seconds = time.perf_counter() - started
        sizes = f"{len(found.availabilities)} schools, {len(found.defenses)} defenses"
        print(f"{sizes}, {len(found.waiting)} without a place; stored in {seconds:.0f} s\n", flush=True)
        _print(measure(found, desk_for, options.changes, options.seed))
        mongo.disconnect()


if __name__ == "__main__":
    main()
