"""Read `{"instance": …, "seconds": …, "workers": …, "gap": …, "memory_bytes": …}`, write the solution.

The instance and the solution are JSON objects of format version 1, on stdin and stdout. The process ends as
soon as the one whose id is its argument is gone, so that a killed service leaves no search behind, and with
`OUT_OF_MEMORY` when it and its children have more than `memory_bytes`.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from defenses.domain.scheduling.exchange import instance_from_wire, solution_to_wire
from defenses.solver.memory import limited
from defenses.solver.proving import end_with
from defenses.solver.search import Limits
from defenses.solver.solving import solve

#: The service must keep answering while the search takes all the time it is given.
_NICENESS = 10


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
    solved = solve(instance_from_wire(request["instance"]), limits, good_enough=request["gap"])
    json.dump(solution_to_wire(solved.solution), sys.stdout)


if __name__ == "__main__":
    main()
