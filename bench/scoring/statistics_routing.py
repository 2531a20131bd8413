"""Measure what routing does to schools: the error of a school's mean level, as read and after adjustment.

Run `python bench/scoring/statistics_routing.py`. The design is that of reference/scoring.md, section 0: 60
schools, 300 scorers of known severity, 160 reads each.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace

import numpy as np
from statistics_nightly import ratings_of
from statistics_simulation import CRITERIA, District, Floats, Year, simulate

from scoring.domain.statistics.rasch import Measures, Prior, measure, severity_in_levels

_SCHOOLS, _SCORERS, _READS = 60, 300, 160
_MINIMUM = 30


def main() -> int:
    """Print the errors of each design, averaged over several districts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--districts", type=int, default=5)
    options = parser.parse_args()
    print(
        "severity: root mean square error in logits; school means: the same in levels, as read and adjusted"
    )
    for name, district in _designs().items():
        errors = np.array([_errors(simulate(district, seed)) for seed in range(options.districts)])
        severity, read, adjusted = np.sqrt((errors**2).mean(axis=0))
        print(f"{name:55} severity {severity:.3f}   school means {read:.3f} {adjusted:.3f}", flush=True)
    return 0


def _designs() -> dict[str, District]:
    base = District(schools=_SCHOOLS, scorers=_SCORERS, artifacts=_SCORERS * _READS, rubrics=1)
    own = replace(base, own_school=True)
    return {
        "own school, nothing else": replace(own, doubled=0, seeded=0),
        "own school, 5 % seeds": replace(own, doubled=0, seeded=0.05),
        "routed to other schools, nothing else": replace(base, doubled=0, seeded=0),
        "routed to other schools, 10 % doubles, 5 % seeds": replace(base, doubled=0.10, seeded=0.05),
        "routed to other schools, 29 % doubles, 5 % seeds": replace(base, doubled=0.29, seeded=0.05),
    }


def _errors(year: Year) -> tuple[float, float, float]:
    """Return the root mean square errors of severities, of schools' means as read, and adjusted."""
    ratings = ratings_of(year)
    found = measure(ratings, Prior(artifact_sd=1.0, learn=True), minimum=_MINIMUM)
    assert isinstance(found, Measures)
    cost = severity_in_levels(ratings, found.locations).reshape(-1, CRITERIA).mean(axis=1)
    real = year.artifact < len(year.school)
    school, read = year.school[year.artifact[real]], year.level[real].mean(axis=1)
    # What the same reads would be worth with scorers in the middle: which artifacts were read is no error.
    fair = _means(school, year.fair_level[year.artifact[real]])
    return (
        _spread(found.locations.scorer - year.true_severity),
        _spread(_means(school, read) - fair),
        _spread(_means(school, read + cost[real]) - fair),
    )


def _means(school: np.ndarray[tuple[int], np.dtype[np.int64]], values: Floats) -> Floats:
    return np.asarray(np.bincount(school, values, _SCHOOLS) / np.bincount(school, minlength=_SCHOOLS))


def _spread(errors: Floats) -> float:
    """Return the root mean square about the mean: what all have in common compares nobody."""
    return float(errors.std())


if __name__ == "__main__":
    sys.exit(main())
