"""After how many reads the stop rule catches a scorer who has drifted, and that it leaves a steady one alone.

Run `python bench/scoring/stop_rule.py`. Scorers give the known level, but one off at the rate of the noise;
from some read on, a drifting one besides that gives a level less, always or at every second criterion.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from random import Random
from statistics import median, quantiles
from types import SimpleNamespace

from scoring.domain.calibration.drift import reads_until_stopped
from scoring.entrypoints.policies import read_policies

_LEVELS = (1, 2, 3, 4)
_CRITERIA = 4


class Scorer:
    """Somebody who reads with noise, and a level lower at some rate."""

    def __init__(self, seed: int, *, noise: float, drift: float) -> None:
        self._random = Random(seed)  # noqa: S311 - a seeded run
        self._noise = noise
        self._drift = drift

    def papers(self) -> Iterator[list[int]]:
        """Yield the known levels of one paper after another, spread evenly over the scale."""
        while True:
            yield [self._random.choice(_LEVELS) for _ in range(_CRITERIA)]

    def read(self, known: Sequence[int]) -> list[int]:
        """Return the levels that they give to a paper."""
        return [self._level(each) for each in known]

    def _level(self, level: int) -> int:
        if self._random.random() < self._noise:
            level += self._random.choice((-1, 1))
        if self._random.random() < self._drift:
            level -= 1
        return min(max(level, _LEVELS[0]), _LEVELS[-1])


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scorers", type=int, default=100)
    parser.add_argument("--noise", type=float, default=0.15)
    parser.add_argument("--before", type=int, default=100, help="clean reads before the drift")
    parser.add_argument("--most", type=int, default=400, help="reads; who is not caught by then never is")
    options = parser.parse_args()
    policies = read_policies(SimpleNamespace(policy_dir=""))
    rules = policies.version("calibration", district="jcps", version="2026.1")
    print("| drift | stopped | median reads | 95 % within |\n| ---: | ---: | ---: | ---: |")
    for drift in (1.0, 0.5, 0.0):
        scorers = [Scorer(seed, noise=options.noise, drift=drift) for seed in range(options.scorers)]
        reads = []
        for seed, one in enumerate(scorers):
            until = reads_until_stopped(
                f"t-{seed}",
                one.papers(),
                one.read,
                rules=rules,
                reads_before=options.before,
                most=options.most,
            )
            reads.append(until)
        caught = len(reads) - reads.count(None)
        # Who was not caught counts as caught last, so that a few early ones make no good figure.
        waited = [options.most if each is None else each for each in reads]
        latest = quantiles(waited, n=20)[-1]
        print(f"| {drift:g} | {caught / len(reads):.0%} | {median(waited):.0f} | {latest:.0f} |")


if __name__ == "__main__":
    main()
