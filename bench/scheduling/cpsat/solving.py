"""Search with one of the models, as long as there is time."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable

from ortools.sat.python import cp_model

from defenses.domain.scheduling.instance import Assignment, Instance
from scheduling.cpsat.model import Peer, Place
from scheduling.cpsat.panels import split

#: CP-SAT's strategies, not cores.
_WORKERS = 8

Found = Callable[[float, tuple[Assignment, ...]], None]


def solve(instance: Instance, *, monolithic: bool, seconds: float, found: Found) -> None:
    """Tell every better schedule with the seconds that it took; ends when the time is over."""
    started = time.monotonic()
    peer = Peer(instance, monolithic=monolithic)
    while (left := seconds - (time.monotonic() - started)) > 0:
        watch = _Watch(peer, started, found)
        solver = cp_model.CpSolver()
        solver.parameters.max_time_in_seconds = left
        solver.parameters.num_workers = _WORKERS
        status = solver.solve(peer.cp, watch)
        if status != cp_model.OPTIMAL or not watch.impossible:
            break
        for students, people, (school, slot) in watch.impossible:
            literals = [peer.defends[student, slot] for student in students]
            literals += [peer.serves[panelist, school, slot] for panelist in people]
            peer.cp.add_bool_or([~literal for literal in literals])


class _Watch(cp_model.CpSolverSolutionCallback):
    """Reads each solution of CP-SAT; remembers the slots that cannot be split into panels."""

    def __init__(self, peer: Peer, started: float, found: Found) -> None:
        super().__init__()
        self._peer, self._started, self._found = peer, started, found
        self.impossible: list[tuple[list[str], list[str], Place]] = []

    def on_solution_callback(self) -> None:
        peer = self._peer
        seconds = time.monotonic() - self._started
        students: defaultdict[Place, list[str]] = defaultdict(list)
        for (student, slot), variable in peer.defends.items():
            if self.boolean_value(variable):
                students[peer.students[student].school, slot].append(student)
        chosen: list[Assignment] = []
        self.impossible = []
        for place, here in students.items():
            panels = self._panels(place, here)
            free = [room.id for room in peer.rooms[place[0]] if place[1] in room.slots]
            if panels is not None:
                chosen += [
                    Assignment(student, place[1], room, panels[student])
                    for student, room in zip(here, free, strict=False)
                ]
        if not self.impossible:
            self._found(seconds, tuple(chosen))

    def _panels(self, place: Place, here: list[str]) -> dict[str, tuple[str, ...]] | None:
        peer, (school, slot) = self._peer, place
        if peer.judges:
            people = [each.id for each in peer.present(place)]
            return {
                student: tuple(
                    panelist
                    for panelist in people
                    if (panelist, student, slot) in peer.judges
                    and self.boolean_value(peer.judges[panelist, student, slot])
                )
                for student in here
            }
        serving = [e for e in peer.present(place) if self.boolean_value(peer.serves[e.id, school, slot])]
        panels = split([peer.students[student] for student in here], serving, peer.instance.rule)
        if panels is None:
            self.impossible.append((here, [each.id for each in serving], place))
        return panels
