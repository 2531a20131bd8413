"""How soon a scorer who has drifted is caught, by the rules that come with the platform."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from statistics import median, quantiles
from types import SimpleNamespace

import pytest

from scoring.domain.calibration.drift import reads_until_stopped
from scoring.domain.calibration.rules import CalibrationRules
from scoring.entrypoints.policies import read_policies

SCORERS = 100


@pytest.fixture(scope="module")
def rules() -> CalibrationRules:
    policies = read_policies(SimpleNamespace(policy_dir=""))
    found: CalibrationRules = policies.version("calibration", district="jcps", version="2026.1")
    return found


class _Scorer:
    """Gives the known level, one off at some rate, and besides that a level less at another one."""

    def __init__(self, seed: int, *, noise: float, severity: float) -> None:
        self._random = Random(seed)  # noqa: S311 - a seeded run
        self._noise = noise
        self._severity = severity

    def read(self, known: Sequence[int]) -> list[int]:
        return [self._level(each) for each in known]

    def papers(self) -> Iterator[list[int]]:
        while True:
            yield [self._random.randint(1, 4) for _ in range(4)]

    def _level(self, known: int) -> int:
        given = known
        if self._random.random() < self._noise:
            given += self._random.choice((-1, 1))
        if self._random.random() < self._severity:
            given -= 1
        return min(4, max(1, given))


def _caught(
    rules: CalibrationRules,
    *,
    severity: float,
    noise: float = 0.15,
    before: int = 100,
    most: int = 1000,
    scorers: int = SCORERS,
) -> list[int | None]:
    found = []
    for number in range(scorers):
        scorer = _Scorer(number, noise=noise, severity=severity)
        reads = reads_until_stopped(
            f"t-{number}", scorer.papers(), scorer.read, rules=rules, reads_before=before, most=most
        )
        found.append(reads)
    return found


def test_a_scorer_who_gives_a_level_less_throughout_is_caught_within_a_hundred_reads(
    rules: CalibrationRules,
) -> None:
    reads = [each for each in _caught(rules, severity=1.0) if each is not None]

    assert len(reads) == SCORERS
    # A level less cannot be given below the lowest, so about every third seed is read within tolerance.
    assert median(reads) <= 35
    assert quantiles(reads, n=20)[-1] <= 100


def test_a_new_scorer_is_caught_sooner(rules: CalibrationRules) -> None:
    fresh = [each for each in _caught(rules, severity=1.0, before=0) if each is not None]
    later = [each for each in _caught(rules, severity=1.0) if each is not None]

    assert median(fresh) < median(later)


def test_a_steady_scorer_reads_a_whole_year_without_being_stopped(rules: CalibrationRules) -> None:
    stopped = [each for each in _caught(rules, severity=0.0, before=0, most=220) if each is not None]

    assert len(stopped) <= SCORERS * 0.02


def test_a_scorer_who_is_never_wrong_is_never_stopped(rules: CalibrationRules) -> None:
    assert _caught(rules, severity=0.0, noise=0.0, before=0, most=400, scorers=20) == [None] * 20
