"""A school whose season is disturbed at random, and what must hold whatever happens."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import strategies as st
from tests.unit.defenses.defenses_examples import LOUISVILLE, PANELS, POLICY

from defenses.domain.availability import Availability, Day, FamilyWindows, Panelist, Room, Window
from defenses.domain.defenses import DRAFT, SCHEDULED, Defense, Note
from defenses.domain.repairing.disturbances import (
    DAY_LOST,
    FAMILY_ASKED,
    PANELIST_LOST,
    ROOM_LOST,
    Disturbance,
)
from defenses.domain.repairing.ladder import Repaired, repair
from defenses.domain.repairing.offers import SchoolOffer
from defenses.domain.repairing.placing import Disruption, Search
from defenses.domain.repairing.repairs import step
from defenses.domain.repairing.timetable import Timetable
from defenses.domain.scheduling.checking import faults
from defenses.domain.scheduling.instance import Assignment, Solution, Unscheduled
from defenses.domain.scheduling.season import PanelPolicy, ReadyStudent, Season, SeatRights

DISRUPTION = Disruption(time=100, room=20, day=5, seat=10)
DAYS = tuple(date(2027, 4, 5) + timedelta(days=number) for number in range(3))
STARTS = (time(8), time(8, 30), time(9), time(9, 30))
NOTE = Note(cause="test", reason="Because.", by="c-1", at=datetime(2027, 3, 1, tzinfo=UTC))


def whole_days(*days: date) -> tuple[Window, ...]:
    return tuple(Window(day, time(8), time(10)) for day in days)


@dataclass
class SchoolLife:
    """One school through its season."""

    availability: Availability
    students: dict[str, ReadyStudent]
    panels: PanelPolicy = PANELS
    defenses: dict[str, Defense] = field(default_factory=dict)

    def timetable(self) -> Timetable:
        return Timetable(
            offers={"east": SchoolOffer("east", self.availability)},
            students=self.students,
            rights=SeatRights(),
            panels=self.panels,
            defenses=[each for each in self.defenses.values() if each.stands],
        )

    def place_all(self, *, state: str = SCHEDULED) -> None:
        """Give everybody who has no place one, one after the other."""
        for student_id in sorted(self.students):
            self._place(student_id, state)

    def disturb(self, disturbance: Disturbance) -> tuple[set[str], Repaired]:
        """Let something happen and mend it; return who was hit, and what was done."""
        offer = SchoolOffer("east", self.availability)
        if disturbance.student_id:
            student = self.students[disturbance.student_id]
            windows = disturbance.left_to(student.windows, offer, now=NOTE.at)
            self.students[disturbance.student_id] = replace(student, windows=windows)
        self.availability = disturbance.left_of(self.availability)
        offers = {"east": SchoolOffer("east", self.availability)}
        hit = disturbance.hits(self.defenses.values(), offers)
        found = repair(Search(self.timetable(), DISRUPTION, NOTE.at), hit)
        for defense_id, place in found.places.items():
            self.defenses[defense_id] = self.defenses[defense_id].moved(place, NOTE)
        for defense_id in found.unplaced:
            before = self.defenses[defense_id]
            self.defenses[defense_id] = before.called_off(NOTE, state=step(before, None).state)
        return {each.defense_id for each in hit}, found

    def faults(self) -> tuple[str, ...]:
        """What the schedule breaks by the checker of the scheduler's own format."""
        season = Season(
            school_id="east",
            availability=self.availability,
            students=tuple(self.students[each] for each in sorted(self.students)),
            fixed=(),
            rights=SeatRights(),
            panels=self.panels,
            policy=POLICY,
            earliest=NOTE.at,
        )
        numbers = {slot.starts_at: slot.index for slot in season.slots}
        placed = {each.student_id: each for each in self.defenses.values() if each.stands}
        solution = Solution(
            assignments=tuple(
                Assignment(one.student_id, numbers[one.starts_at], one.room_id, one.panelist_ids)
                for one in placed.values()
            ),
            unscheduled=tuple(Unscheduled(each, ()) for each in self.students.keys() - placed.keys()),
            cost=0,
            lower_bound=None,
            seconds=0.0,
        )
        return faults(season.instance(), solution)

    def _place(self, student_id: str, state: str) -> None:
        wanted = Defense(
            defense_id=f"d-{student_id}",
            student_id=student_id,
            school_id="east",
            transition="5",
            school_year="2026-27",
            revision=1 if state == SCHEDULED else 0,
            state=state,
            starts_at=datetime(2027, 4, 5, 12, tzinfo=UTC),
            ends_at=datetime(2027, 4, 5, 12, 30, tzinfo=UTC),
            time_zone=LOUISVILLE,
            room_id="",
            room="",
            panel=(),
            run_id="run-1",
        )
        option = Search(self.timetable(), DISRUPTION, NOTE.at).best(wanted, fresh=True)
        if option is not None:
            self.defenses[wanted.defense_id] = wanted.at(option.place)


@st.composite
def school_lives(draw: st.DrawFn, states: tuple[str, ...] = (DRAFT, SCHEDULED)) -> SchoolLife:
    """A school of some students, with windows, siblings, teachers, rooms and people at random."""
    some_days = st.sets(st.sampled_from(DAYS), min_size=1).map(lambda days: whole_days(*sorted(days)))
    rooms = tuple(
        Room(room_id=f"r-{n}", name=f"Room {n}", open=draw(some_days)) for n in range(draw(st.integers(1, 3)))
    )
    people = tuple(
        Panelist(
            panelist_id=f"{role[0]}-{n}",
            role=role,
            available=draw(some_days),
            max_per_day=draw(st.sampled_from((None, 1, 4))),
        )
        for role in ("teacher", "outside")
        for n in range(draw(st.integers(1, 4)))
    )
    ids = [f"s-{n}" for n in range(draw(st.integers(1, 8)))]
    siblings = draw(st.sets(st.sampled_from(ids), max_size=3))
    students = {
        each: ReadyStudent(
            student_id=each,
            transition="5",
            teacher_ids=frozenset(draw(st.sets(st.sampled_from(("t-0", "t-1")), max_size=1))),
            siblings=frozenset(siblings - {each}) if each in siblings else frozenset(),
            windows=FamilyWindows(student_id=each, windows=draw(st.none() | some_days)),
        )
        for each in ids
    }
    life = SchoolLife(
        Availability(
            time_zone=LOUISVILLE,
            slot_minutes=30,
            days=tuple(Day(day, STARTS) for day in DAYS),
            rooms=rooms,
            panelists=people,
        ),
        students,
        replace(PANELS, rule=replace(PANELS.rule, panel_size=draw(st.sampled_from((2, 3))))),
    )
    life.place_all(state=draw(st.sampled_from(states)))
    return life


@st.composite
def disturbances(draw: st.DrawFn) -> Disturbance:
    kind = draw(st.sampled_from((PANELIST_LOST, ROOM_LOST, DAY_LOST, FAMILY_ASKED)))
    day = draw(st.sampled_from(DAYS))
    if kind == PANELIST_LOST:
        who = draw(st.sampled_from(("t-0", "t-1", "o-0", "o-1")))
        return Disturbance(kind=kind, panelist_id=who, day=draw(st.sampled_from((None, day))))
    if kind == ROOM_LOST:
        room_id = draw(st.sampled_from(("r-0", "r-1")))
        return Disturbance(
            kind=kind, school_id="east", room_id=room_id, day=draw(st.sampled_from((None, day)))
        )
    if kind == DAY_LOST:
        return Disturbance(kind=kind, school_id="east", day=day)
    return Disturbance(kind=kind, student_id="s-0", day=day)
