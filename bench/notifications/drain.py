"""22,000 invitations are due at once: how fast they go out, how fairly, and what that costs."""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import bed as beds
from bed import Bed, Memory
from district import Season, season, sizes_by_school

from stack import paths

_MIB = 2**20
_POLL_S = 2.0
#: The share of the messages by which the rate is measured: those that fail first have to wait on purpose.
_MOST = 0.98
_SMALL = 0.25


@dataclass(frozen=True, kw_only=True)
class Drain:
    """What a drain came to; times in seconds since the moment at which all was due.

    Attributes:
        told: how often each family was told.
        first, last: of each school, when its first family was told, and the last one of those who needed
            one call.
        most_s: when `_MOST` of the messages had been taken.
    """

    told: Counter[int]
    first: dict[str, float]
    last: dict[str, float]
    most_s: float
    all_s: float
    cpu_s: dict[str, float]
    memory_bytes: int


def main() -> int:
    """Measure what the command line asks for; returns 1 if a family was not told, or twice."""
    options = _options()
    print(
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, Python {platform.python_version()}"
    )
    told = season(defenses=options.defenses, schools=options.schools, seed=options.seed)
    bad = False
    for services in options.services:
        with beds.made() as bed:
            drained = _drain(bed, told, services, options)
        _print(drained, told, services, options)
        bad |= set(drained.told) != {1}
    return int(bad)


def _drain(bed: Bed, told: Season, services: int, options: argparse.Namespace) -> Drain:
    bed.copy_roster(told)
    if options.due == "messages":
        bed.write(told)
    trouble = {"failing": options.failing, "slow": options.slow, "slow_s": options.slow_s}
    bed.mail.trouble(**trouble)
    bed.sms.trouble(**trouble)
    pace = {"EMAIL_PER_SECOND": str(options.rate / services), "SMS_PER_SECOND": str(options.rate / services)}
    before = bed.cpu_s()
    began = time.time()
    with bed.running_services(services, **pace), Memory(bed.processes()["service"]) as memory:
        before["service"] = 0.0
        if options.due == "events":
            began = time.time()
            bed.publish(told.families)
        if options.profile:
            _profile(bed, options.profile)
        _wait(lambda: bed.accepted() >= options.defenses, options.patience_s)
        ended = time.time()
        cpu_s = {name: used - before.get(name, 0.0) for name, used in bed.cpu_s().items()}
    taken = bed.taken()
    if options.due == "messages":
        # A service takes messages up as soon as it has started, and it has to start first.
        began = min(times[0] for times in taken.values())
    return _account(taken, told, began, ended - began, cpu_s, memory.most_bytes)


def _account(
    taken: dict[str, list[float]],
    told: Season,
    began: float,
    all_s: float,
    cpu_s: dict[str, float],
    memory_bytes: int,
) -> Drain:
    times = sorted(at for several in taken.values() for at in several)
    most = times[int(len(times) * _MOST) - 1]
    by_school: dict[str, list[float]] = {}
    for each in told.families:
        for at in taken.get(each.address, []):
            by_school.setdefault(each.student.school_id, []).append(at - began)
    return Drain(
        told=Counter(len(taken.get(each.address, [])) for each in told.families),
        first={school: min(found) for school, found in by_school.items()},
        last={school: _usual_last(found) for school, found in by_school.items()},
        most_s=most - began,
        all_s=all_s,
        cpu_s=cpu_s,
        memory_bytes=memory_bytes,
    )


def _usual_last(times: list[float]) -> float:
    """Return when a school was through, but for the few whose provider failed at first."""
    return sorted(times)[max(0, int(len(times) * _MOST) - 1)]


def _print(drained: Drain, told: Season, services: int, options: argparse.Namespace) -> None:
    sizes = dict(sizes_by_school(told.families))
    taken = sum(times * count for times, count in drained.told.items())
    rate = taken * _MOST / drained.most_s
    ideal = _ideal(sizes, rate)
    small = sorted(sizes, key=lambda school: sizes[school])[: int(len(sizes) * _SMALL)]
    # A school of which nobody was told in time is as late as can be.
    ends = {school: drained.last.get(school, drained.all_s) for school in sizes}
    late = [ends[school] - ideal[school] for school in sizes]
    twice = sum(count for times, count in drained.told.items() if times > 1)
    cpu = sum(drained.cpu_s.values())
    rows = {
        "messages a second": f"{rate:,.0f}",
        f"{_MOST:.0%} of those taken after": f"{drained.most_s:.1f} s",
        "end": f"{drained.all_s:.1f} s",
        "families told once": f"{drained.told[1]:,}",
        "not told, told twice or more": f"{drained.told[0]}, {twice}",
        "first message of a school, least / median / most": f"{_spread(list(drained.first.values()))} s",
        f"end of the smaller quarter of schools ({max(sizes[each] for each in small)} messages at most)": (
            f"{_spread([ends[each] for each in small])} s"
        ),
        "end of all schools": f"{_spread(list(ends.values()))} s",
        "later than by fair turns at this rate": f"{_spread(late)} s",
        "memory of the service, all processes": f"{drained.memory_bytes / _MIB:.0f} MiB",
        **{
            f"CPU of {name} a message": f"{used / taken * 1000:.2f} ms"
            for name, used in drained.cpu_s.items()
        },
        "CPU in all": f"{cpu / taken * 1000:.2f} ms a message, {cpu / drained.all_s:.2f} cores",
    }
    print(
        f"\n{options.defenses:,} {options.due} due at once, {len(sizes)} schools of {min(sizes.values())} to "
        f"{max(sizes.values())}, {services} service process(es), {options.rate:g}/s allowed a channel, "
        f"{options.failing:.0%} of calls fail, {options.slow:.0%} take {options.slow_s:g} s"
        "\n\n| | |\n| --- | ---: |"
    )
    for name, value in rows.items():
        print(f"| {name} | {value} |")
    print(flush=True)


def _ideal(sizes: dict[str, int], rate: float) -> dict[str, float]:
    """Return when each school would be through if all took turns, one message each, at this rate."""
    return {
        school: sum(min(size, other) for other in sizes.values()) / rate for school, size in sizes.items()
    }


def _spread(figures: list[float]) -> str:
    return f"{min(figures):.1f} / {statistics.median(figures):.1f} / {max(figures):.1f}"


def _wait(reached: Callable[[], bool], patience_s: float) -> None:
    deadline = time.monotonic() + patience_s
    while not reached():
        if time.monotonic() > deadline:
            print("out of patience", file=sys.stderr)
            return
        time.sleep(_POLL_S)


def _profile(bed: Bed, to: str) -> None:
    """Have py-spy watch the first service process."""
    command = [
        str(paths.PROGRAMS / "py-spy"),
        *("record", "--pid", str(bed.services[0].process.pid), "--rate", "100", "--duration", "25"),
        *("--format", "raw", "--function", "--output", to),
    ]
    subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench-notifications", description=__doc__)
    add = parser.add_argument
    add("--defenses", type=int, default=22_000, help="each with one family (default: %(default)s)")
    add("--schools", type=int, default=165)
    add("--seed", type=int, default=1)
    add(
        "--due",
        choices=["messages", "events"],
        default="messages",
        help="messages that were written before and wait for the hour, or events that are still in the queue",
    )
    add("--services", type=int, nargs="+", default=[1], help="processes, a run each (default: 1)")
    add(
        "--rate",
        type=float,
        default=2000,
        help="what each provider allows in a second (default: %(default)s)",
    )
    add("--failing", type=float, default=0.01, help="share of calls that fail (default: %(default)s)")
    add("--slow", type=float, default=0.01, help="share of calls that are slow (default: %(default)s)")
    add("--slow-s", type=float, default=2.0, help="how slow (default: %(default)s)")
    add("--patience-s", type=float, default=600, help="after which a run ends (default: %(default)s)")
    add("--profile", default="", metavar="FILE", help="have py-spy write there where the service's time goes")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
