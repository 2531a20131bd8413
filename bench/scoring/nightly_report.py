"""Measure one night's report on a simulated year without a store: from facts of tasks to the last row.

Run `python bench/scoring/nightly_report.py`. The year itself is in the memory of the same process, and its
making of facts is in the time. `year.py` measures the night as it is, with the store on both sides of it.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
from statistics_simulation import CRITERIA, District, Year, simulate

from scoring.domain.monitoring.asking import NightRequest
from scoring.domain.monitoring.buckets import Bucket, Kept, People
from scoring.domain.monitoring.facts import ReadFacts, Settled, StudentFacts, TaskFacts
from scoring.entrypoints.policies import read_policies
from scoring.use_cases.extract import PackedBucket
from scoring.use_cases.nightly import make_report

_MIB = 2**10
_NOW = datetime(2027, 6, 1, tzinfo=UTC)
_OPENED_S = (_NOW - timedelta(days=300)).timestamp()
_SKILLS = 5
_GRADES = ("K", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12")
#: Artifacts that a student makes in a year, in all skills.
_EACH = 5


class SimulatedSeason:
    """A year as tasks and students."""

    def __init__(self, year: Year) -> None:
        self._year = year
        order = np.argsort(year.artifact, kind="stable")
        self._reads = order
        self._first = np.searchsorted(year.artifact[order], np.arange(len(year.rubric) + 1))

    def tasks_of(self, people: People) -> Iterator[Kept]:
        """Yield what some students made, and all seeds for the one who reads them all."""
        real = len(self._year.school)
        for student in people.students:
            first = int(student.partition("-")[2]) * _EACH
            for number in range(first, first + _EACH):
                yield Kept(f"task-{number}", student, self._facts(number, student))
        for scorer in people.scorers:
            for number in range(real, len(self._year.rubric)):
                yield Kept(f"task-{number}", scorer, self._facts(number, None))

    def changed(self, since: datetime, until: datetime) -> Iterator[Kept]:
        """Yield nothing: nobody asks who has no buckets."""
        del since, until
        return iter(())

    def scorers(self) -> Iterator[str]:
        """Yield one, who stands for all readers of seeds."""
        yield "everybody"

    def students(self) -> Iterator[StudentFacts]:
        """Yield a student for each few artifacts."""
        for student in range(len(self._year.school) // _EACH):
            language = "es" if student % 8 == 0 else "en"
            grade = _GRADES[student % len(_GRADES)]
            yield StudentFacts(f"student-{student}", f"school-{self._school(student)}", grade, language)

    def settled(self) -> Settled:
        """Return what the experts gave."""
        year = self._year
        return {
            f"artifact-{len(year.school) + seed}": {
                f"criterion-{place}": int(level) + 1 for place, level in enumerate(levels)
            }
            for seed, levels in enumerate(year.seed_level)
        }

    def _facts(self, number: int, student: str | None) -> TaskFacts:
        rubric = int(self._year.rubric[number])
        reads = [self._read(place) for place in self._places(number)]
        levels = [level for read in reads for level in read.levels.values()]
        opened_s = _OPENED_S + number % 5000 * 3600
        return TaskFacts(
            artifact_id=f"artifact-{number}",
            is_seed=student is None,
            student_id=student,
            school_id=None if student is None else f"school-{self._school(number // _EACH)}",
            grade=_GRADES[number // _EACH % len(_GRADES)],
            skill_id=f"skill-{rubric % _SKILLS}",
            rubric_id=f"rubric-{rubric}",
            opened_s=opened_s,
            mean_level=None if student is None or not levels else sum(levels) / len(levels),
            released_s=None if student is None else opened_s + 100 * 3600,
            reads=reads,
            unscorable=(),
        )

    def _school(self, student: int) -> int:
        return int(self._year.school[student * _EACH])

    def _places(self, number: int) -> Iterable[int]:
        places: list[int] = self._reads[self._first[number] : self._first[number + 1]].tolist()
        return places

    def _read(self, place: int) -> ReadFacts:
        given_s = _OPENED_S + (place % 5000 + 50) * 3600
        levels = {
            f"criterion-{criterion}": int(self._year.level[place, criterion]) + 1
            for criterion in range(CRITERIA)
        }
        return ReadFacts(f"scorer-{self._year.scorer[place]}", levels, given_s - 360, given_s)


class NoBuckets:
    """Keeps nothing."""

    def load(self) -> Mapping[int, PackedBucket]:
        """Return nothing."""
        return {}

    def put(self, number: int, bucket: Bucket) -> None:
        """Forget it."""

    def confirm(self, number: int, bucket: Bucket, at: datetime) -> None:
        """Forget it."""


class Counted:
    """Counts rows instead of writing them."""

    def __init__(self) -> None:
        self.rows = 0

    def put(self, report_id: str, rows: Iterable[Any]) -> None:
        """Count."""
        assert report_id
        self.rows += sum(1 for _ in rows)


def main() -> int:
    """Make a year and its report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--artifacts", type=int, default=480_000)
    parser.add_argument("--scorers", type=int, default=3_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    year = simulate(District(artifacts=options.artifacts, scorers=options.scorers), options.seed)
    print(
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, numpy {np.__version__}, "
        f"load {os.getloadavg()[0]:.1f} at the start; seed {options.seed}\n"
        f"{len(year.artifact):,} reads of {CRITERIA} criteria, {options.scorers:,} scorers, 165 schools",
        flush=True,
    )
    before_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MIB
    quality, equity, busy = Counted(), Counted(), time.process_time()
    report = make_report(
        request_for("jcps", _NOW),
        seasons=SimulatedSeason(year),
        buckets=NoBuckets(),
        quality=quality,
        equity=equity,
        clock=time.monotonic,
    )
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MIB
    print(
        f"{report.seconds:.1f} s wall, {time.process_time() - busy:.1f} s processor, "
        f"{peak_mib:,.0f} MiB at most ({before_mib:,.0f} MiB before)\n"
        f"{quality.rows:,} rows of quality, {equity.rows:,} of equity; flags: {dict(report.flags)}\n"
        f"exact {report.exact.value}, adjacent {report.adjacent.value}; separation {report.separation}"
    )
    return 0


def request_for(district: str, at: datetime) -> NightRequest:
    """Return the request of a district's night, by the packaged policies."""
    policies = read_policies(SimpleNamespace(policy_dir=""))
    day = at.date()

    def current(name: str) -> Any:
        return policies.current(name, district=district, on=day)

    monitoring = current("monitoring")
    return NightRequest(
        report_id="bench",
        district=district,
        night=day,
        at=at,
        policy_version=monitoring.version,
        thresholds=monitoring.thresholds,
        equity=current("equity"),
        calendar=current("deadlines").calendar,
    )


if __name__ == "__main__":
    sys.exit(main())
