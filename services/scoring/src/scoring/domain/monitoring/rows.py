"""What a report says of one scorer, school, rubric, criterion or week, and what of it is alarming."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from scoring.domain.monitoring.rules import Thresholds


class Kind(StrEnum):
    """What a row is about."""

    DISTRICT = "district"
    SCORER = "scorer"
    SCHOOL = "school"
    RUBRIC = "rubric"
    CRITERION = "criterion"
    WEEK = "week"


class Measure(StrEnum):
    """What is measured.

    Exact and adjacent agreement and the unscorable are shares; `smd` and `dsm` are in standard deviations,
    severity is in logits, `severity_in_levels` and `drift` are in levels. `reading_hours` go from opening to
    reading, `turnaround_days` from the queue to the first read, in school days.
    """

    EXACT = "exact"
    ADJACENT = "adjacent"
    KAPPA = "quadratic_kappa"
    SMD = "smd"
    DSM = "dsm"
    SEVERITY = "severity"
    SEVERITY_IN_LEVELS = "severity_in_levels"
    INFIT = "infit"
    DRIFT = "drift"
    READING_HOURS = "reading_hours"
    TURNAROUND_DAYS = "turnaround_days"
    TURNAROUND_DAYS_P95 = "turnaround_days_p95"
    UNSCORABLE = "unscorable"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A number from so many observations, or why there is none.

    Attributes:
        value: None if the data do not carry it; `shortage` says why, `need` how much there would have to be.
        low, high: its 95 % interval, where a formula gives one.
        chance: of a shift at least as large if there is none; of drift only.
        group: of which students; of `dsm` only, which tells the group that lies furthest off.
    """

    count: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    standard_error: float | None = None
    chance: float | None = None
    group: str | None = None
    shortage: str | None = None
    need: int | None = None

    def is_outside(self, least: float | None, most: float | None) -> bool:
        """Whether there is a value, and it lies below the least or above the most."""
        if self.value is None:
            return False
        return (least is not None and self.value < least) or (most is not None and self.value > most)


def too_few(count: int, need: int) -> Figure:
    """Say that there is not enough."""
    return Figure(count=count, shortage="too_few", need=need)


@dataclass(frozen=True, kw_only=True)
class QualityRow:
    """What a night found about one subject.

    Attributes:
        subject: an id; the Monday of a week, empty for the district.
        reads: that count.
        pairs: readings of one artifact by two, or of a paper and its settled levels.
        flags: what is outside the district's thresholds.
    """

    kind: Kind
    subject: str
    reads: int
    pairs: int
    figures: Mapping[Measure, Figure] = field(default_factory=dict)
    flags: tuple[Measure, ...] = ()


def flags_of(figures: Mapping[Measure, Figure], rule: Thresholds) -> tuple[Measure, ...]:
    """Return what is outside the thresholds; what could not be estimated is not."""
    limits = {
        Measure.EXACT: (rule.exact_least, None),
        Measure.ADJACENT: (rule.adjacent_least, None),
        Measure.KAPPA: (rule.kappa_least, None),
        Measure.SMD: (-rule.smd_most, rule.smd_most),
        Measure.DSM: (-rule.dsm_most, rule.dsm_most),
        Measure.SEVERITY: (-rule.severity_most, rule.severity_most),
        Measure.INFIT: (rule.infit_least, rule.infit_most),
        Measure.DRIFT: (-rule.drift_most, rule.drift_most),
    }
    return tuple(
        name
        for name, (least, most) in limits.items()
        if name in figures and figures[name].is_outside(least, most) and _is_sure(name, figures[name], rule)
    )


def _is_sure(name: Measure, figure: Figure, rule: Thresholds) -> bool:
    """Whether a figure outside its limits is so by more than chance, where a threshold asks for that."""
    if name is Measure.SEVERITY:
        return abs(figure.value or 0.0) > rule.z_most * (figure.standard_error or 0.0)
    if name is Measure.DRIFT:
        return figure.chance is not None and figure.chance < rule.drift_chance_most
    return True
