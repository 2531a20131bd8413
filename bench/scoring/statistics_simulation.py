"""A district's year of reads, with every truth known: what students can do and how severe each scorer is.

The spreads are those of reference/scoring.md, section 0: school culture of severity .45 logit, personal
severity .40, school ability .50; students and their artifacts .85 together is ours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

LEVELS = 4
#: Criteria of one rubric.
CRITERIA = 4
STEPS = np.array([-1.8, 0.0, 1.8])


@dataclass(frozen=True, kw_only=True)
class District:
    """Its size.

    Attributes:
        schools: how many.
        scorers: how many, spread evenly over the schools.
        artifacts: how many first reads.
        rubrics: how many; each has `CRITERIA` criteria of its own.
        doubled: share of artifacts that are read twice.
        seeded: share of further reads that are of seeds.
        own_school: whether a school's scorers read its own artifacts; otherwise always those of others.
    """

    schools: int = 165
    scorers: int = 3_000
    artifacts: int = 480_000
    rubrics: int = 15
    doubled: float = 0.288
    seeded: float = 0.05
    own_school: bool = False


@dataclass(frozen=True, kw_only=True)
class Year:
    """What was read, and the truth behind it; an artifact's number is at least `artifacts` if it is a seed.

    Attributes:
        artifact: shape (reads,).
        scorer: shape (reads,).
        level: shape (reads, CRITERIA), as an index from 0.
        rubric: shape (artifacts and seeds,).
        school: shape (artifacts,), whose student made it.
        group: shape (artifacts,), the student's group, 0 to 7.
        seed_level: shape (seeds, CRITERIA), what the experts gave.
        true_severity: shape (scorers,), in logits, with mean 0.
        fair_level: shape (artifacts,), mean level that scorers in the middle would give.
    """

    artifact: Ints
    scorer: Ints
    level: Ints
    rubric: Ints
    school: Ints
    group: Ints
    seed_level: Ints
    true_severity: Floats
    fair_level: Floats


def simulate(district: District, seed: int) -> Year:
    """Let a year happen."""
    random = np.random.default_rng(seed)
    home = np.arange(district.scorers) % district.schools
    severity = random.normal(0, 0.45, district.schools)[home] + random.normal(0, 0.40, district.scorers)
    severity -= severity.mean()
    school = random.integers(0, district.schools, district.artifacts)
    seeds = 40 * district.rubrics
    ability = random.normal(0, 0.50, district.schools)[school] + random.normal(0, 0.85, district.artifacts)
    quality = np.concatenate([ability, random.normal(0, 1.2, seeds)])
    rubric = random.integers(0, district.rubrics, district.artifacts + seeds)
    difficulty = random.normal(0, 0.3, (district.rubrics, CRITERIA))
    difficulty -= difficulty.mean()

    artifact, scorer = _routed(district, home, school, random)
    seed_reads = int(len(artifact) * district.seeded)
    artifact = np.concatenate([artifact, random.integers(0, seeds, seed_reads) + district.artifacts])
    scorer = np.concatenate([scorer, random.integers(0, district.scorers, seed_reads)])
    logit = quality[artifact] - severity[scorer]
    level = _given(logit[:, None] - difficulty[rubric[artifact]], random)
    fair = _expected(quality[:, None] - difficulty[rubric])
    return Year(
        artifact=artifact,
        scorer=scorer,
        level=level,
        rubric=rubric,
        school=school,
        group=random.choice(8, district.artifacts, p=[0.4, 0.3, 0.12, 0.08, 0.05, 0.03, 0.015, 0.005]),
        seed_level=np.rint(fair[district.artifacts :]).astype(np.int64),
        true_severity=severity,
        fair_level=fair[: district.artifacts].mean(axis=1),
    )


def _routed(district: District, home: Ints, school: Ints, random: np.random.Generator) -> tuple[Ints, Ints]:
    """Return artifacts and their scorers: one read each, and another one for those that are doubled."""
    doubled = np.flatnonzero(random.random(district.artifacts) < district.doubled)
    first = _scorers(district, home, school, random)
    second = _scorers(district, home, school[doubled], random)
    # The few who drew themselves again pass it on to the next colleague of the same school.
    again = second == first[doubled]
    second[again] = (second[again] + district.schools) % district.scorers
    artifact = np.concatenate([np.arange(district.artifacts), doubled])
    return artifact, np.concatenate([first, second])


def _scorers(district: District, home: Ints, school: Ints, random: np.random.Generator) -> Ints:
    if district.own_school:
        each = district.scorers // district.schools
        return school + district.schools * random.integers(0, each, len(school))
    scorer = random.integers(0, district.scorers, len(school))
    # A scorer of the student's own school passes it on to a colleague of the next one.
    return np.asarray(np.where(home[scorer] == school, (scorer + 1) % district.scorers, scorer))


def _chances(logit: Floats) -> Floats:
    """Return the chance of each level, one more axis at the end."""
    climbed = np.cumsum(logit[..., None] - STEPS, axis=-1)
    odds = np.exp(np.concatenate([np.zeros((*logit.shape, 1)), climbed], axis=-1))
    return np.asarray(odds / odds.sum(axis=-1, keepdims=True))


def _given(logit: Floats, random: np.random.Generator) -> Ints:
    return np.asarray((random.random((*logit.shape, 1)) > np.cumsum(_chances(logit), axis=-1)).sum(axis=-1))


def _expected(logit: Floats) -> Floats:
    return _chances(logit) @ np.arange(LEVELS, dtype=np.float64)
