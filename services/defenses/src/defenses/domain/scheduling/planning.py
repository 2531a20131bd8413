"""From a solver's answer to a plan that can be applied."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from defenses.domain.defenses import PanelSeat
from defenses.domain.runs import Placement, Plan, Unplaced
from defenses.domain.scheduling.checking import cost, faults
from defenses.domain.scheduling.instance import Assignment, Instance, Solution
from defenses.domain.scheduling.reasons import NO_PANEL, explain
from defenses.domain.scheduling.season import ReadyStudent, Season

#: (student id, transition, school year, attempt) -> id of the defense; the same four always give the same id.
DefenseIds = Callable[[str, str, str, int], str]

#: A panel could meet if those who may not sit for want of a calibration could.
NO_CALIBRATED_PANEL = "no_calibrated_panel"


class InvalidScheduleError(ValueError):
    """A solver's answer breaks hard rules; the text counts them and names the first."""


def plan(season: Season, instance: Instance, solution: Solution, year: str, defense_id: DefenseIds) -> Plan:
    """Return what is to be done.

    Args:
        season: what the instance was built from.
        instance: the problem.
        solution: a solver's answer.
        year: the school year.
        defense_id: how a defense gets its id.

    Raises:
        InvalidScheduleError: if the solution is not valid by our own check.
    """
    broken = faults(instance, solution)
    if broken:
        raise InvalidScheduleError(f"the schedule breaks {len(broken)} rules; the first: {broken[0]}")
    students = {student.student_id: student for student in season.students}
    return Plan(
        time_zone=season.availability.time_zone,
        school_year=year,
        placements=tuple(
            _placement(season, students[one.student], one, year, defense_id) for one in solution.assignments
        ),
        unplaced=tuple(_unplaced(season, instance, [students[one.student] for one in solution.unscheduled])),
        cost=cost(instance, solution).total,
        lower_bound=solution.lower_bound,
        seconds=solution.seconds,
    )


def without_the_uncalibrated(detail: str) -> str:
    """Return the sentence for NO_CALIBRATED_PANEL; `detail` says what is short without the uncalibrated."""
    return f"A panel could meet if everybody were calibrated for the day. As it is: {detail}"


def _unplaced(season: Season, instance: Instance, students: list[ReadyStudent]) -> Iterator[Unplaced]:
    found = [explain(season, instance, student) for student in students]
    if season.rights.calibrated_until is None or all(each.reason != NO_PANEL for each in found):
        yield from found
        return
    lenient = replace(season, rights=season.rights.without_calibration())
    problem = lenient.instance()
    for student, one in zip(students, found, strict=True):
        short = one.reason == NO_PANEL and explain(lenient, problem, student).reason != NO_PANEL
        detail = without_the_uncalibrated(one.detail)
        yield Unplaced(one.student_id, NO_CALIBRATED_PANEL, detail) if short else one


def _placement(
    season: Season, student: ReadyStudent, one: Assignment, year: str, defense_id: DefenseIds
) -> Placement:
    slot = season.slots_by_index[one.slot]
    roles = {panelist.panelist_id: panelist.role for panelist in season.availability.panelists}
    rooms = {room.room_id: room.name for room in season.availability.rooms}
    return Placement(
        defense_id=defense_id(student.student_id, student.transition, year, student.attempt),
        student_id=student.student_id,
        transition=student.transition,
        attempt=student.attempt,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        room_id=one.room,
        room=rooms[one.room],
        # In an order of our own, whatever the solver's is.
        panel=tuple(PanelSeat(panelist, roles[panelist]) for panelist in sorted(one.panel)),
    )
