"""Read `{"instance": …, "seconds": …, "workers": …, "gap": …}` from stdin, write the solution to stdout.

The instance and the solution are JSON objects of format version 1. The process ends as soon as the one whose
id is its argument is gone, so that a killed service leaves no search behind.
"""

from __future__ import annotations

import json
import os
import sys

from defenses.domain.scheduling.exchange import instance_from_wire, solution_to_wire
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
    threads = max(1, min(request["workers"], os.cpu_count() or 1))
    limits = Limits(seconds=request["seconds"], threads=threads)
    solved = solve(instance_from_wire(request["instance"]), limits, good_enough=request["gap"])
    json.dump(solution_to_wire(solved.solution), sys.stdout)


if __name__ == "__main__":
    main()
