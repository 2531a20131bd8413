"""Measure the nightly statistics on a simulated year of known severities: seconds, memory, and errors.

Run `python bench/scoring/statistics_nightly.py`. The year is made in this process and the statistics in
another one, so that the memory is theirs alone.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import numpy as np
from statistics_simulation import CRITERIA, LEVELS, District, Year, simulate

from scoring.domain.statistics import agreement, differences, equity, reliability, suppression
from scoring.domain.statistics.estimates import Estimate, IntArray
from scoring.domain.statistics.rasch import (
    Measures,
    Prior,
    Ratings,
    ScorerMeasure,
    measure,
    severity_in_levels,
)

_Answer = TypeVar("_Answer")
_MIB = 2**10
_MINIMUM = 30
_SKILLS = 5


def main() -> int:
    """Make a year and measure; with `--job`, be the process that is measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--artifacts", type=int, default=480_000)
    parser.add_argument("--scorers", type=int, default=3_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--job", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.job:
        _job(_loaded(options.job))
        return 0
    year = simulate(District(artifacts=options.artifacts, scorers=options.scorers), options.seed)
    print(
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, numpy {np.__version__}, "
        f"load {os.getloadavg()[0]:.1f} at the start; seed {options.seed}\n"
        f"{len(year.artifact):,} reads of {CRITERIA} criteria, {options.scorers:,} scorers, 165 schools",
        flush=True,
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "year.npz"
        np.savez(path, **{field.name: getattr(year, field.name) for field in fields(Year)})
        return subprocess.run([sys.executable, __file__, "--job", path], check=False).returncode


def _loaded(path: Path) -> Year:
    with np.load(path) as arrays:
        return Year(**dict(arrays))


def _job(year: Year) -> None:
    """Do what a night does, and say how long each part took."""
    print("    wall  processor", flush=True)
    started = time.perf_counter()
    pairs = _timed("pairs of readings counted, by scorer and by criterion", lambda: _tables(year))
    _timed("agreement, kappas, differences, drift of all of them", lambda: _agreement(pairs))
    _timed("alpha and intraclass correlation", lambda: _reliability(year))
    ratings = _timed("ratings laid out", lambda: ratings_of(year))
    measures = _timed(
        "severities", lambda: measure(ratings, Prior(artifact_sd=1.0, learn=True), minimum=_MINIMUM)
    )
    assert isinstance(measures, Measures)
    in_levels = _timed("severities in levels", lambda: severity_in_levels(ratings, measures.locations))
    by_read = in_levels.reshape(-1, CRITERIA).mean(axis=1)
    _timed("gaps of all schools by group and skill", lambda: _gaps(year, by_read))
    _timed("suppression of schools by groups", lambda: _suppressed(year))
    seconds, busy = time.perf_counter() - started, time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MIB
    print(
        f"{seconds:8.2f} s {busy:8.2f} s in all, imports too; "
        f"{peak:,.0f} MiB at most, the year itself included"
    )
    _recovered(year, measures)


def _timed(name: str, work: Callable[[], _Answer]) -> _Answer:
    started, busy = time.perf_counter(), time.process_time()
    answer = work()
    print(
        f"{time.perf_counter() - started:8.2f} s {time.process_time() - busy:8.2f} s {name}",
        flush=True,
    )
    return answer


def _tables(year: Year) -> list[IntArray]:
    one, other = agreement.double_readings(year.artifact)
    own, others = np.concatenate([one, other]), np.concatenate([other, one])
    scorers = len(year.true_severity)
    by_scorer = np.zeros((scorers, LEVELS, LEVELS), dtype=np.int64)
    by_criterion = []
    for criterion in range(CRITERIA):
        levels = year.level[:, criterion]
        counted = agreement.tables(
            levels[others], levels[own], levels=LEVELS, group=year.scorer[own], groups=scorers
        )
        by_scorer += counted
        by_criterion.append(counted)
    return [by_scorer, *by_criterion]


def _agreement(pairs: list[IntArray]) -> None:
    for counts in pairs:
        agreement.share_within(counts, distance=0, minimum=_MINIMUM)
        agreement.share_within(counts, distance=1, minimum=_MINIMUM)
        agreement.kappas(counts, agreement.quadratic(LEVELS), minimum=_MINIMUM)
        differences.standardized_differences(counts, minimum=_MINIMUM)
        differences.drifts(counts, minimum=_MINIMUM)


def _reliability(year: Year) -> None:
    real = year.artifact < len(year.school)
    artifact, level = year.artifact[real], year.level[real]
    for criterion in range(CRITERIA):
        values = level[:, criterion].astype(np.float64)
        assert isinstance(
            reliability.alpha(artifact, values, reliability.Metric.ORDINAL, minimum=_MINIMUM), Estimate
        )
        one, other = agreement.double_readings(artifact)
        twice = np.stack([values[one], values[other]], axis=1)
        reliability.icc(twice, reliability.IccModel.ONE_WAY, average=False, minimum=_MINIMUM)


def ratings_of(year: Year) -> Ratings:
    """Lay a year's reads out by criterion."""
    criterion = year.rubric[year.artifact][:, None] * CRITERIA + np.arange(CRITERIA)
    return Ratings(
        artifact=np.repeat(year.artifact, CRITERIA),
        scorer=np.repeat(year.scorer, CRITERIA),
        criterion=criterion.ravel(),
        level=year.level.ravel(),
        artifacts=len(year.rubric),
        scorers=len(year.true_severity),
        criteria=int(year.rubric.max() + 1) * CRITERIA,
        levels=LEVELS,
    )


def _gaps(year: Year, severity: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
    real = year.artifact < len(year.school)
    artifact = year.artifact[real]
    cell = (year.school[artifact] * 8 + year.group[artifact]) * _SKILLS + year.rubric[artifact] % _SKILLS
    size = 165 * 8 * _SKILLS
    count = np.bincount(cell, minlength=size)
    level = np.bincount(cell, year.level[real].mean(axis=1), size)
    severe = np.bincount(cell, severity[real], size)
    district = _standing(int(count.sum()), float(level.sum()), float(severe.sum()))
    for each, total, cost in zip(count.tolist(), level.tolist(), severe.tolist(), strict=True):
        equity.decompose_gap(_standing(each, total, cost), district, lowest=1, missing=0, minimum=10)


def _standing(count: int, level: float, severity: float) -> equity.Standing:
    few = max(count, 1)
    return equity.Standing(
        expected=2 * few, artifacts=count, level=1 + level / few, ceiling=3.6, severity=severity / few
    )


def _suppressed(year: Year) -> None:
    students = np.bincount(year.school * 8 + year.group, minlength=165 * 8).reshape(165, 8) // 22
    found = suppression.suppress(students, minimum=10)
    hidden, small = int(found.cells.sum()), int((students < 10).sum())
    print(f"                      {hidden} of {students.size} cells hidden, of which {small} are small")


def _recovered(year: Year, measures: Measures) -> None:
    known = [
        (each, true)
        for each, true in zip(measures.scorers, year.true_severity.tolist(), strict=True)
        if isinstance(each, ScorerMeasure)
    ]
    error = np.array([each.severity.value - true for each, true in known])
    standard = np.array([each.severity.standard_error for each, _ in known], dtype=np.float64)
    covered = [
        each.severity.interval.low <= true <= each.severity.interval.high
        for each, true in known
        if each.severity.interval
    ]
    true = np.array([true for _, true in known])
    found = true + error
    print(
        f"severities of {len(known):,} scorers: true spread {true.std():.3f} logit, error {error.std():.3f} "
        f"(root mean square), slope of found on true {np.polyfit(true, found, 1)[0]:.3f}, "
        f"correlation {np.corrcoef(true, found)[0, 1]:.4f}\n"
        f"standard errors {standard.mean():.3f} on average; an error is {np.std(error / standard):.2f} of "
        f"them; "
        f"{100 * np.mean(covered):.1f} % of the 95 % intervals hold the truth"
    )
    infit = [each.infit for each, _ in known]
    print(f"infit {np.mean(infit):.2f} on average, {np.min(infit):.2f} to {np.max(infit):.2f}")
    print(f"artifacts differ by {measures.artifact_sd:.3f} logit; separation: {measures.separation}")


if __name__ == "__main__":
    sys.exit(main())
