"""Read `{"instance": …, "seconds": …, "workers": …, "gap": …, "memory_bytes": …}`, write the solution.

Lines of `{"progress": …}` come before it, one every second. SIGTERM ends the search, and the best schedule so
far is the solution. The instance and the solution are JSON objects of format version 1. The process ends as
soon as the one whose id is its argument is gone, so that a killed service leaves no search behind, and with
`OUT_OF_MEMORY` when it and its children have more than `memory_bytes`.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from threading import Event
from typing import Any

from defenses.domain.scheduling.exchange import instance_from_wire, solution_to_wire
from defenses.solver.memory import limited
from defenses.solver.proving import end_with
from defenses.solver.search import Limits, Progress
from defenses.solver.solving import solve

#: The service must keep answering while the search takes all the time it is given.
_NICENESS = 10
_PROGRESS_INTERVAL_S = 1.0


def main() -> None:
    """Solve one instance."""
    # Asked for by its id, because it may have gone while we were being loaded.
    end_with(int(sys.argv[1]) if len(sys.argv) > 1 else os.getppid())
    os.nice(_NICENESS)
    request = json.load(sys.stdin)
    with limited(request["memory_bytes"]):
        _solve(request)


def _solve(request: dict[str, Any]) -> None:
    threads = max(1, min(request["workers"], os.cpu_count() or 1))
    limits = Limits(seconds=request["seconds"], threads=threads)
    instance, terminated = instance_from_wire(request["instance"]), Event()
    signal.signal(signal.SIGTERM, lambda *_: terminated.set())
    solved = solve(
        instance,
        limits,
        good_enough=request["gap"],
        report=_Lines(len(instance.students)),
        is_cancelled=terminated.is_set,
    )
    json.dump(solution_to_wire(solved.solution), sys.stdout)


class _Lines:
    """Progress as JSON, a line every second."""

    def __init__(self, students: int) -> None:
        self._students = students
        self._next = 0.0

    def __call__(self, progress: Progress) -> None:
        if progress.seconds < self._next:
            return
        self._next = progress.seconds + _PROGRESS_INTERVAL_S
        line = {
            "students": self._students,
            "unscheduled": len(progress.left_out),
            "cost": progress.cost,
            "seconds": round(progress.seconds, 1),
        }
        sys.stdout.write(json.dumps({"progress": line}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
