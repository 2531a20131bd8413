"""As a program: `python -m scheduling.cpsat MODEL INSTANCE OUT SECONDS`.

It tells each better schedule as a line of JSON on stderr, as `backpack schedule solve` does.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from defenses.domain.scheduling.checking import cost
from defenses.domain.scheduling.exchange import instance_from_wire, solution_to_wire
from defenses.domain.scheduling.instance import Assignment, Solution, Unscheduled
from scheduling.cpsat.solving import solve


def main() -> None:
    """Solve one instance; the best schedule so far is in the file whenever the process is ended."""
    model, source, out, seconds = sys.argv[1:]
    started = time.monotonic()
    instance = instance_from_wire(json.loads(Path(source).read_bytes()))
    before = time.monotonic() - started
    best: list[int] = []

    def found(after: float, chosen: tuple[Assignment, ...]) -> None:
        left = {each.id for each in instance.students} - {each.student for each in chosen}
        out_of = tuple(Unscheduled(each, ()) for each in sorted(left))
        bare = Solution(assignments=chosen, unscheduled=out_of, cost=0, lower_bound=None, seconds=after)
        total = cost(instance, bare).total
        line = {"seconds": round(before + after, 2), "cost": total, "unscheduled": len(left)}
        print(json.dumps(line), file=sys.stderr, flush=True)
        # Moves are not in the model, so that a later solution may be a dearer schedule.
        if not best or total < best[-1]:
            best.append(total)
            Path(out).write_text(json.dumps({**solution_to_wire(bare), "cost": total}))

    left = float(seconds) - before
    solve(instance, monolithic=model == "monolithic", seconds=left, found=found)


if __name__ == "__main__":
    main()
