"""From a solver's answer to a plan that can be applied."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from defenses.domain.defenses import PanelSeat
from defenses.domain.runs import Placement, Plan, Unplaced
from defenses.domain.scheduling.checking import cost, faults
from defenses.domain.scheduling.instance import Assignment, Instance, Solution
from defenses.domain.scheduling.joint import JointSeason
from defenses.domain.scheduling.reasons import NO_PANEL, explain
from defenses.domain.scheduling.season import ReadyStudent, Season

#: (student id, transition, school year, attempt) -> id of the defense; the same four always give the same id.
DefenseIds = Callable[[str, str, str, int], str]

#: A panel could meet if those who may not sit for want of a calibration could.
NO_CALIBRATED_PANEL = "no_calibrated_panel"


class InvalidScheduleError(ValueError):
    """A solver's answer breaks hard rules; the text counts them and names the first."""


def plan(
    joint: JointSeason, instance: Instance, solution: Solution, year: str, defense_id: DefenseIds
) -> Plan:
    """Return what is to be done, school by school.

    Args:
        joint: what the instance was built from.
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
    students = {each.student_id: (season, each) for season in joint.seasons for each in season.students}
    placements = (
        _placement(joint, *students[one.student], one, year, defense_id) for one in solution.assignments
    )
    return Plan(
        time_zone=joint.seasons[0].availability.time_zone,
        school_year=year,
        # A school's together, because they are written together.
        placements=tuple(sorted(placements, key=lambda each: (each.school_id, each.student_id))),
        unplaced=tuple(_unplaced(joint, instance, [students[one.student] for one in solution.unscheduled])),
        cost=cost(instance, solution).total,
        lower_bound=solution.lower_bound,
        seconds=solution.seconds,
    )


def without_the_uncalibrated(detail: str) -> str:
    """Return the sentence for NO_CALIBRATED_PANEL; `detail` says what is short without the uncalibrated."""
    return f"A panel could meet if everybody were calibrated for the day. As it is: {detail}"


def _unplaced(
    joint: JointSeason, instance: Instance, students: list[tuple[Season, ReadyStudent]]
) -> Iterator[Unplaced]:
    found = [explain(season, instance, student) for season, student in students]
    calibrated = joint.seasons[0].rights.calibrated_until is not None
    if not calibrated or all(each.reason != NO_PANEL for each in found):
        yield from found
        return
    lenient = joint.without_calibration()
    problem = lenient.instance()
    for (season, student), one in zip(students, found, strict=True):
        as_if = lenient.by_school[season.school_id]
        short = one.reason == NO_PANEL and explain(as_if, problem, student).reason != NO_PANEL
        detail = without_the_uncalibrated(one.detail)
        yield Unplaced(one.student_id, NO_CALIBRATED_PANEL, detail) if short else one


def _placement(
    joint: JointSeason,
    season: Season,
    student: ReadyStudent,
    one: Assignment,
    year: str,
    defense_id: DefenseIds,
) -> Placement:
    slot = season.slots_by_index[one.slot]
    roles = {panelist.panelist_id: panelist.role for panelist in season.availability.panelists}
    names = {room.room_id: room.name for room in season.availability.rooms}
    _, room_id = joint.rooms[one.room]
    return Placement(
        defense_id=defense_id(student.student_id, student.transition, year, student.attempt),
        student_id=student.student_id,
        school_id=season.school_id,
        transition=student.transition,
        attempt=student.attempt,
        interpreter=student.interpreter,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        room_id=room_id,
        room=names[room_id],
        # In an order of our own, whatever the solver's is.
        panel=tuple(
            PanelSeat(each, roles[each]) for each in sorted(joint.panelists[seat] for seat in one.panel)
        ),
    )
