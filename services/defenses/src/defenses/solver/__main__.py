"""Read `{"instance": …, "seconds": …, "workers": …, "gap": …}` from stdin, write the solution to stdout.

The instance and the solution are JSON objects of format version 1. The process ends as soon as the one whose
id is its argument is gone, so that a killed service leaves no search behind.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time

from defenses.domain.scheduling.exchange import instance_from_wire, solution_to_wire
from defenses.solver.search import Limits, search

_WATCH_INTERVAL_S = 0.5
#: The service must keep answering while the search takes all the time it is given.
_NICENESS = 10


def main() -> None:
    """Solve one instance."""
    # Asked for by its id, because it may have gone while we were being loaded.
    parent = int(sys.argv[1]) if len(sys.argv) > 1 else os.getppid()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    os.nice(_NICENESS)
    request = json.load(sys.stdin)
    limits = Limits(seconds=request["seconds"], workers=request["workers"], gap=request["gap"])
    solution = search(instance_from_wire(request["instance"]), limits)
    json.dump(solution_to_wire(solution), sys.stdout)


def _end_with(parent: int) -> None:
    """Wait until the parent is gone, which makes us somebody else's child."""
    while os.getppid() == parent:
        time.sleep(_WATCH_INTERVAL_S)
    os._exit(1)


if __name__ == "__main__":
    main()
