"""Print a table for each size: our scheduler at several limits of time beside plain CP-SAT.

Both gaps are against bounds that are proven here, apart from any search: students left out against the
fewest possible, and the soft cost against the least that a schedule with so many left out can have.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import psutil

from defenses.domain.scheduling.exchange import instance_from_wire
from defenses.solver.bounds import Bounds, bounds
from scheduling import generate, measuring
from scheduling.generate import Wire
from scheduling.measuring import FailedMethodError, InvalidScheduleError, Method, Run

_MIB = 2**20
#: Compiling takes seconds on an idle machine and minutes on a busy one.
_WARM_UP_S = 300.0
_FAULTS = (InvalidScheduleError, FailedMethodError)
#: Beyond so many students CP-SAT's models no longer fit into the memory or the time of a table.
_MOST_FOR_PEERS = {"monolithic": 600, "aggregated": 2500}

Row = Sequence[object]


@dataclass(frozen=True)
class Size:
    """One instance to measure."""

    name: str
    make: Callable[[int], Wire]


def _sizes() -> dict[str, Size]:
    return {
        "school-25": Size("a school of 25", lambda seed: generate.cluster(seed, (25,))),
        "school-140": Size("a school of 140", lambda seed: generate.cluster(seed, (140,))),
        "school-429": Size("a school of 429", lambda seed: generate.cluster(seed, (429,))),
        "cluster": Size("a cluster of 520", lambda seed: generate.cluster(seed, (85, 240, 60, 110, 25))),
        "district": Size("the district", generate.district),
        "one-component": Size(
            "the district in one piece", lambda seed: generate.district(seed, one_component=True)
        ),
    }


def main() -> int:
    """Measure what the command line asks for; returns 1 if a method failed."""
    options = _options()
    print(
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f} at the start"
    )
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        _warm_up(Path(folder))
        for name, path in _instances(options, Path(folder)):
            try:
                _table(name, path, options)
            except _FAULTS as error:
                failed = True
                print(f"{name}: {error}", flush=True)
    return int(failed)


def _warm_up(folder: Path) -> None:
    """Compile once what every later start finds compiled."""
    path = folder / "small.json"
    path.write_text(json.dumps(generate.small(1)))
    measuring.run(measuring.greedy(_WARM_UP_S), path, 1)


def _instances(options: argparse.Namespace, folder: Path) -> list[tuple[str, Path]]:
    found = [(path.stem, path) for path in options.instance]
    for key in filter(None, options.sizes.split(",")):
        size, path = _sizes()[key], folder / f"{key}.json"
        path.write_text(json.dumps(size.make(options.seed)))
        found.append((size.name, path))
    return found


def _table(name: str, path: Path, options: argparse.Namespace) -> None:
    instance = instance_from_wire(json.loads(path.read_bytes()))
    students = len(instance.students)
    runs: list[tuple[Method, Run]] = []
    for method in _methods(options, students):
        runs.append((method, measuring.run(method, path, options.seed)))
        _say(name, method.name, runs[-1][1])
    fewest = min(
        (each for _, each in runs if each.unscheduled is not None), key=lambda each: len(each.left_out)
    )
    started, before = time.monotonic(), psutil.Process().cpu_times().user
    proven = bounds(instance, seconds=options.proof, left_out=fewest.left_out)
    proven = _strongest(proven, [each for _, each in runs], len(fewest.left_out))
    wall_s, cpu_s = time.monotonic() - started, psutil.Process().cpu_times().user - before
    _print(
        f"{name}: {students:,} students, {len(instance.panelists):,} panelists, "
        f"{len(instance.schools)} schools; "
        f"at least {proven.least_unscheduled} left out, soft cost at least {proven.soft_at_least:,.0f} "
        f"(proven in {wall_s:.0f} s, {cpu_s:.0f} s of CPU)",
        _HEAD,
        [_row(method, each, proven, len(fewest.left_out)) for method, each in runs],
    )


def _strongest(proven: Bounds, runs: Sequence[Run], left_out: int) -> Bounds:
    """Return what is proven here or by one of the runs itself, which may have looked at all of it at once."""
    least = [each.summary.get("unscheduled_at_least") for each in runs]
    soft = [each.summary.get("soft_at_least") for each in runs if each.unscheduled == left_out]
    return replace(
        proven,
        least_unscheduled=max(proven.least_unscheduled, *filter(None, least), 0),
        soft_at_least=max(proven.soft_at_least, *filter(None, soft), 0.0),
    )


_HEAD = (
    "",
    "first valid, s",
    "whole run, s",
    "of CPU, s",
    "left out",
    "coverage gap",
    "soft cost",
    "soft gap",
    "its own proof",
    "MiB",
)


def _row(method: Method, each: Run, proven: Bounds, for_left_out: int) -> Row:
    first = "never" if each.first_s is None else f"{each.first_s:.1f}"
    memory = f"{each.most_bytes / _MIB:,.0f}"
    if each.unscheduled is None:
        return [method.name, first, f"{each.wall_s:.1f}", f"{each.cpu_s:.0f}", *["-"] * 5, memory]
    # The bound is for this number of students left out; with more left out, the rest would cost less.
    comparable = each.unscheduled == for_left_out
    gap = (each.soft_cost - proven.soft_at_least) / max(1, each.soft_cost)
    own = each.summary.get("soft_gap")
    return [
        method.name,
        first,
        f"{each.wall_s:.1f}",
        f"{each.cpu_s:.0f}",
        each.unscheduled,
        each.unscheduled - proven.least_unscheduled,
        f"{each.soft_cost:,}",
        f"{gap:.1%}" if comparable else "-",
        "-" if own is None else f"{own:.1%}",
        memory,
    ]


def _methods(options: argparse.Namespace, students: int) -> list[Method]:
    limits = [float(limit) for limit in options.seconds.split(",")]
    methods = [measuring.greedy(), *(measuring.ours(limit) for limit in limits)]
    for model in filter(None, options.peers.split(",")):
        if students <= _MOST_FOR_PEERS[model]:
            methods += [measuring.peer(model, limit) for limit in limits if limit >= options.least_peer]
    return methods


def _print(title: str, head: Sequence[str], rows: Sequence[Row]) -> None:
    """Print a table as Markdown."""
    print(f"\n{title}\n\n| {' | '.join(head)} |\n|{' ---: |' * len(head)}")
    for row in rows:
        print(f"| {' | '.join(map(str, row))} |")
    print(flush=True)


def _say(name: str, method: str, each: Run) -> None:
    """Tell how far it is, where no table goes."""
    words = (name, method, f"{each.wall_s:.1f} s", each.unscheduled, each.soft_cost)
    print(*words, file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench-scheduling", description=__doc__)
    add = parser.add_argument
    add(
        "--sizes",
        default="school-25,school-140,school-429,cluster,district,one-component",
        help=f"some of {','.join(_sizes())} (default: all)",
    )
    add("--instance", type=Path, action="append", default=[], help="a file of format version 1, too")
    add("--seconds", default="10,30,120", help="limits of time (default: %(default)s)")
    add("--peers", default="monolithic,aggregated", help="models of plain CP-SAT (default: %(default)s)")
    add("--least-peer", type=float, default=30, help="shortest limit for a peer (default: %(default)s)")
    add("--proof", type=float, default=120, help="seconds for the bounds (default: %(default)s)")
    add("--seed", type=int, default=1, help="of the instances and the search (default: %(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
