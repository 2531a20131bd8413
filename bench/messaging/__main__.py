"""Print tables: what one job costs with our chassis and with what a team would pick instead."""

from __future__ import annotations

import argparse
import os
import platform
import signal
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from messaging import bed as beds
from messaging import contenders, job, measuring, profiling
from messaging.bed import Bed
from messaging.contenders import Contender
from messaging.measuring import Drained

_MIB = 2**20
_FAULTS = (TimeoutError, RuntimeError, measuring.WrongOutcomeError)

Row = Sequence[object]


def main() -> int:
    """Measure what the command line asks for; returns 1 if a contender failed."""
    options = _options()
    # So that an ended run, too, takes its processes and files away.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    print(
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, Python {platform.python_version()}"
    )
    failed = False
    with beds.made() as bed:
        for name in options.tables.split(","):
            try:
                TABLES[name](bed, options)
            except _FAULTS as error:
                failed = True
                print(f"{name}: {error}", flush=True)
    return int(failed)


def peers(bed: Bed, options: argparse.Namespace) -> None:
    """All contenders, both jobs: first what waits is worked off, then events come at a steady pace.

    They take turns, for a machine's speed may swing between one minute and the next.
    """
    chosen = contenders.chosen(options.contenders)
    found: dict[tuple[str, str], list[Drained]] = {}
    wrong: dict[str, str] = {}
    for _ in range(options.repeat):
        for contender in chosen:
            if contender.name not in wrong:
                _take_turn(bed, contender, options, found, wrong)
    rows = [
        [each.name, f"does not count: {wrong[each.name]}"]
        if each.name in wrong
        else _peer(bed, each, options, {kind: found[each.name, kind] for kind in (job.INSERT, job.UPDATE)})
        for each in chosen
    ]
    _print(
        f"{options.events:,} waiting events, one worker process; latency at {options.rate:g} events/s",
        ["", *_per_job("events/s"), *_per_job("CPU s per 1,000"), "p50 ms", "p99 ms", "MiB", "foreign CPU"],
        rows,
    )
    for contender in chosen:
        print(f"- {contender.name}: {contenders.notes(contender)}")


def _take_turn(
    bed: Bed,
    contender: Contender,
    options: argparse.Namespace,
    found: dict[tuple[str, str], list[Drained]],
    wrong: dict[str, str],
) -> None:
    """Let a contender do both jobs once; one whose outcome is wrong does not count, and has no more turns."""
    try:
        for kind in (job.INSERT, job.UPDATE):
            # The store is what the second job waits for, so fewer events tell as much.
            events = options.events if kind == job.INSERT else options.events // 2
            drained = measuring.drain(bed, contender, kind, events)
            found.setdefault((contender.name, kind), []).append(drained)
            _say(contender.name, kind, *_figures(drained))
    except _FAULTS as error:
        wrong[contender.name] = str(error)
        _say(contender.name, f"does not count: {error}")


def _peer(
    bed: Bed, contender: Contender, options: argparse.Namespace, runs: Mapping[str, Sequence[Drained]]
) -> Row:
    latency = measuring.paced(bed, contender, int(options.rate * options.seconds), options.rate)
    _say(contender.name, "paced", f"{latency.p50_ms:.1f} {latency.p99_ms:.1f} ms")
    memory = max(each.memory_bytes for drained in runs.values() for each in drained)
    foreign = max(each.foreign for drained in runs.values() for each in drained)
    return [
        contender.name,
        *(_spread([each.rate for each in drained]) for drained in runs.values()),
        *(
            f"{statistics.median(each.cpu_s_per_thousand for each in drained):.2f}"
            for drained in runs.values()
        ),
        f"{latency.p50_ms:.1f}",
        f"{latency.p99_ms:.1f}",
        f"{memory / _MIB:.0f}",
        f"{foreign:.0%}",
    ]


def _per_job(what: str) -> Iterator[str]:
    return (f"{kind} {what}" for kind in (job.INSERT, job.UPDATE))


def _spread(figures: Sequence[float]) -> str:
    median = f"{statistics.median(figures):,.0f}"
    return median if len(figures) == 1 else f"{median} ({min(figures):,.0f}-{max(figures):,.0f})"


def idle(bed: Bed, options: argparse.Namespace) -> None:
    """One event at a time: what grouping adds when there is nobody to group with."""
    rows = []
    for contender in (contenders.OURS, contenders.NAMEKO):
        latency = measuring.paced(bed, contender, options.single, None)
        rows.append([contender.name, f"{latency.p50_ms:.1f}", f"{latency.p99_ms:.1f}"])
        _say("idle", *rows[-1])
    _print(f"{options.single} events, one at a time", ["", "p50 ms", "p99 ms"], rows)


def depth(bed: Bed, options: argparse.Namespace) -> None:
    """From few to many waiting events: the cost of each must stay."""
    rows = []
    for events in map(int, options.depths.split(",")):
        drained = measuring.drain(bed, contenders.OURS, job.INSERT, events)
        rows.append([f"{events:,}", *_figures(drained)])
        _say("depth", *rows[-1])
    _print("Waiting events", ["events", *_FIGURES], rows)


def scale(bed: Bed, options: argparse.Namespace) -> None:
    """From one to four worker processes on one machine."""
    rows = []
    for workers in (1, 2, 4):
        drained = measuring.drain(
            bed, contenders.OURS, job.INSERT, options.events, workers=workers, held=True
        )
        rows.append([workers, *_figures(drained)])
        _say("scale", *rows[-1])
    _print(
        f"{options.events:,} waiting events",
        ["workers", *_FIGURES],
        rows,
    )


_FIGURES = ("events/s", "CPU s per 1,000", "of broker and store", "MiB", "foreign CPU")


def _figures(drained: Drained) -> Row:
    return (
        f"{drained.rate:,.0f}",
        f"{drained.cpu_s_per_thousand:.2f}",
        f"{drained.others_cpu_s / drained.events * 1000:.2f}",
        f"{drained.memory_bytes / _MIB:.0f}",
        f"{drained.foreign:.0%}",
    )


def profile(bed: Bed, options: argparse.Namespace) -> None:
    """Where the time of the chosen contenders' workers goes."""
    for contender in contenders.chosen(options.contenders):
        profiler = profiling.Profiler()
        with profiler.ready():
            drained = measuring.drain(bed, contender, options.job, options.events, beside=profiler.watch)
        print(f"\n{contender.name}, {options.job}: {drained.rate:.0f} events/s while py-spy watches")
        print(profiler.profile.table(options.lines))


TABLES: dict[str, Callable[[Bed, argparse.Namespace], None]] = {
    each.__name__: each for each in (peers, idle, depth, scale, profile)
}


def _print(title: str, head: Sequence[str], rows: Sequence[Row]) -> None:
    """Print a table as Markdown."""
    print(f"\n{title}\n\n| {' | '.join(head)} |\n|{' ---: |' * len(head)}")
    for row in rows:
        print(f"| {' | '.join(map(str, row))} |")
    print(flush=True)


def _say(*words: object) -> None:
    """Tell how far it is, where no table goes."""
    print(*words, file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench-messaging", description=__doc__)
    add = parser.add_argument
    add(
        "--tables",
        default="peers,idle,depth,scale",
        help=f"some of {','.join(TABLES)} (default: %(default)s)",
    )
    add("--events", type=int, default=5000, help="waiting events (default: %(default)s)")
    add("--repeat", type=int, default=1, help="runs, of which the median counts (default: %(default)s)")
    add(
        "--contenders",
        default=",".join(contenders.ALL),
        help="name or name:concurrency (default: %(default)s)",
    )
    add("--rate", type=float, default=50, help="events/s of the paced run (default: %(default)s)")
    add("--seconds", type=float, default=10, help="how long the paced run takes (default: %(default)s)")
    add("--single", type=int, default=300, help="events of the idle table (default: %(default)s)")
    add("--depths", default="1000,10000,100000", help="waiting events of the depth table; try 1000000 too")
    add("--job", default=job.INSERT, choices=[job.INSERT, job.UPDATE], help="what is profiled")
    add("--lines", type=int, default=40, help="functions of a profile (default: %(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
