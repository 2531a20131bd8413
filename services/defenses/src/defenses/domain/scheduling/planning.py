"""From a solver's answer to a plan that can be applied."""

from __future__ import annotations

from collections.abc import Callable

from defenses.domain.defenses import PanelSeat
from defenses.domain.runs import Placement, Plan
from defenses.domain.scheduling.checking import cost, faults
from defenses.domain.scheduling.instance import Assignment, Instance, Solution
from defenses.domain.scheduling.reasons import explain
from defenses.domain.scheduling.season import ReadyStudent, Season

#: (student id, transition, school year) -> id of the defense; the same three always give the same id.
DefenseIds = Callable[[str, str, str], str]


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
        unplaced=tuple(explain(season, instance, students[one.student]) for one in solution.unscheduled),
        cost=cost(instance, solution).total,
        lower_bound=solution.lower_bound,
        seconds=solution.seconds,
    )


def _placement(
    season: Season, student: ReadyStudent, one: Assignment, year: str, defense_id: DefenseIds
) -> Placement:
    slot = season.slots_by_index[one.slot]
    roles = {panelist.panelist_id: panelist.role for panelist in season.availability.panelists}
    rooms = {room.room_id: room.name for room in season.availability.rooms}
    return Placement(
        defense_id=defense_id(student.student_id, student.transition, year),
        student_id=student.student_id,
        transition=student.transition,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        room_id=one.room,
        room=rooms[one.room],
        # In an order of our own, whatever the solver's is.
        panel=tuple(PanelSeat(panelist, roles[panelist]) for panelist in sorted(one.panel)),
    )
