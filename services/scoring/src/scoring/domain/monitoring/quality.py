"""What a season's reads say of everybody who read and everything that was read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from scoring.domain.monitoring.columns import Season
from scoring.domain.monitoring.figures import means, quantiles, rounded
from scoring.domain.monitoring.pairs import (
    Pairs,
    agreement,
    count_tables,
    doubles,
    drift,
    joined,
    seeds,
    severest_difference,
    turned,
)
from scoring.domain.monitoring.rows import Figure, Kind, Measure, QualityRow, flags_of, too_few
from scoring.domain.monitoring.rules import Thresholds
from scoring.domain.monitoring.school_days import SchoolDays
from scoring.domain.monitoring.severity import Severities
from scoring.domain.statistics.estimates import FloatArray, IntArray

_MIDDLE, _NEARLY_ALL = 0.5, 0.95
#: What a group has besides its agreement, by its place.
_Extras = Mapping[Measure, Sequence[Figure]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Grouped:
    """One way to group reads: which group each read and each unscorable finding is in, NONE for none."""

    kind: Kind
    subjects: Sequence[str]
    of_read: IntArray
    of_finding: IntArray


def quality_rows(
    season: Season,
    severities: Severities,
    calendar: SchoolDays,
    student_groups: Mapping[str, IntArray],
    rule: Thresholds,
) -> Iterator[QualityRow]:
    """Yield one row a scorer, school, rubric, criterion and week with reads, and one for the district.

    Args:
        season: the reads.
        severities: of its scorers.
        calendar: in whose days turnaround is.
        student_groups: by group, shape (artifacts,), 1 where the student is one of them.
        rule: the district's.
    """
    reads, found = season.reads, season.unscorable
    both = doubles(reads)
    waited = np.where(
        reads.first, calendar.between(season.artifacts.opened_s[reads.artifact], reads.given_s), np.nan
    )
    nobody = np.zeros(len(reads), dtype=np.int64)
    groupings = (
        Grouped(
            kind=Kind.DISTRICT,
            subjects=[""],
            of_read=nobody,
            of_finding=np.zeros_like(found.week),
        ),
        Grouped(kind=Kind.SCHOOL, subjects=season.schools, of_read=reads.school, of_finding=found.school),
        Grouped(kind=Kind.RUBRIC, subjects=season.rubrics, of_read=reads.rubric, of_finding=found.rubric),
        Grouped(kind=Kind.WEEK, subjects=season.weeks, of_read=reads.week, of_finding=found.week),
    )
    for each in groupings:
        extras = {
            **_waiting(waited, each, rule),
            Measure.SEVERITY_IN_LEVELS: means(
                each.of_read, severities.in_levels, len(each.subjects), minimum=rule.reads_least
            ),
        }
        yield from _rows(both, each, extras, rule)
    yield from _scorer_rows(season, severities, student_groups, rule)
    yield from _criterion_rows(season, both, rule)


def _scorer_rows(
    season: Season, severities: Severities, student_groups: Mapping[str, IntArray], rule: Thresholds
) -> Iterator[QualityRow]:
    reads, scorers = season.reads, len(season.scorers)
    grouped = Grouped(
        kind=Kind.SCORER,
        subjects=season.scorers,
        of_read=reads.scorer,
        of_finding=season.unscorable.scorer,
    )
    own, papers = turned(reads), seeds(reads)
    levels = rule.highest - rule.lowest + 1
    of_paper = reads.scorer[papers.read]
    [hours] = quantiles(reads.scorer, reads.hours, scorers, at=[_MIDDLE], minimum=rule.reads_least)
    extras = {
        Measure.READING_HOURS: hours,
        Measure.SEVERITY: severities.severity,
        Measure.INFIT: severities.infit,
        Measure.DRIFT: drift(
            count_tables(papers, of_paper, scorers, levels), np.bincount(of_paper, minlength=scorers), rule
        ),
        Measure.DSM: _differences(season, own, student_groups, rule),
    }
    yield from _rows(joined(own, papers), grouped, extras, rule)


def _differences(
    season: Season, own: Pairs, student_groups: Mapping[str, IntArray], rule: Thresholds
) -> list[Figure]:
    """Return each scorer's severest difference between groups of students."""
    scorer, artifact = season.reads.scorer[own.read], season.reads.artifact[own.read]
    members = {name: each[artifact] for name, each in student_groups.items()}
    order = np.argsort(scorer, kind="stable")
    ends = np.cumsum(np.bincount(scorer, minlength=len(season.scorers)))
    parts = np.split(order, ends[:-1]) if len(ends) else []
    return [severest_difference(own, part, members, rule) for part in parts]


def _criterion_rows(season: Season, both: Pairs, rule: Thresholds) -> Iterator[QualityRow]:
    """Yield how well each criterion of each rubric is agreed on."""
    reads = season.reads
    for place in range(both.before.shape[1]):
        named = [each[place] if place < len(each) else "" for each in season.criteria]
        subjects = [
            f"{rubric}/{name}" if name else "" for rubric, name in zip(season.rubrics, named, strict=True)
        ]
        there = reads.levels[:, place] >= 0
        grouped = Grouped(
            kind=Kind.CRITERION,
            subjects=subjects,
            of_read=np.where(there, reads.rubric, -1),
            of_finding=np.zeros(0, dtype=np.int64),
        )
        alone = Pairs(before=both.before[:, [place]], after=both.after[:, [place]], read=both.read)
        yield from _rows(alone, grouped, {}, rule)


def _rows(pairs: Pairs, grouped: Grouped, extras: _Extras, rule: Thresholds) -> Iterator[QualityRow]:
    groups = len(grouped.subjects)
    reads = np.bincount(grouped.of_read[grouped.of_read >= 0], minlength=groups).tolist()
    of_pair = grouped.of_read[pairs.read]
    compared = ((pairs.before >= 0) & (pairs.after >= 0)).any(axis=1) & (of_pair >= 0)
    counted = count_tables(pairs, of_pair, groups, rule.highest - rule.lowest + 1)
    unscorable = _unscorable(reads, grouped, rule)
    agreed = agreement(counted, np.bincount(of_pair[compared], minlength=groups), rule)
    for place, (pair_count, figures) in enumerate(agreed):
        # A rubric without such a criterion has an empty name; only the district has none by right.
        if not reads[place] and not unscorable[place].value:
            continue
        found = {
            **figures,
            **{name: each[place] for name, each in extras.items()},
            **({} if grouped.kind is Kind.CRITERION else {Measure.UNSCORABLE: unscorable[place]}),
        }
        yield QualityRow(
            kind=grouped.kind,
            subject=grouped.subjects[place],
            reads=reads[place],
            pairs=pair_count,
            figures=found,
            flags=flags_of(found, rule),
        )


def _unscorable(reads: Sequence[int], grouped: Grouped, rule: Thresholds) -> list[Figure]:
    """Return each group's share of openings that ended without levels."""
    found = np.bincount(grouped.of_finding[grouped.of_finding >= 0], minlength=len(reads)).tolist()
    return [
        Figure(count=read + each, value=rounded(each / (read + each)))
        if read + each >= max(rule.reads_least, 1)
        else too_few(read + each, rule.reads_least)
        for read, each in zip(reads, found, strict=True)
    ]


def _waiting(waited: FloatArray, grouped: Grouped, rule: Thresholds) -> _Extras:
    middle, nearly_all = quantiles(
        grouped.of_read,
        waited,
        len(grouped.subjects),
        at=[_MIDDLE, _NEARLY_ALL],
        minimum=rule.reads_least,
    )
    return {Measure.TURNAROUND_DAYS: middle, Measure.TURNAROUND_DAYS_P95: nearly_all}
