"""What a report says of one school, group of students and skill: what may be published, and all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scoring.domain.monitoring.rows import Figure


@dataclass(frozen=True, kw_only=True)
class Share:
    """A share as it is published: between `low` and `high`, which are the same unless it is near 0 or 1."""

    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Parts:
    """A gap to the district in levels per artifact due, and its four parts, which add up."""

    total: float
    participation: float
    task_ceiling: float
    scorer_severity: float
    performance: float


@dataclass(frozen=True, kw_only=True)
class Published:
    """What everybody in the office may see.

    Attributes:
        students: enrolled; None if that is hidden, and then everything else is, too.
        with_artifact: the share of them with a released score in the skill.
        levels: shares of released scores by level, rounded; by `below_cut` and `at_cut` only if some are few.
        ceiling: the highest mean level that the school's artifacts of the grade have reached, on average.
        turnaround_days: school days from the queue to the release, in the middle.
        gap: to the whole district.
        risk_ratio: of having no artifact, against everybody else in the district.
        hedges_g: of the levels, against everybody else in the district.
    """

    students: int | None = None
    with_artifact: Share | None = None
    levels: Mapping[str, Share] | None = None
    ceiling: float | None = None
    turnaround_days: float | None = None
    gap: Parts | None = None
    risk_ratio: Figure | None = None
    hedges_g: Figure | None = None


@dataclass(frozen=True, kw_only=True)
class Internal:
    """Everything, for those who need to know; each look is kept as a disclosure.

    Attributes:
        few: the students, where they are fewer than may be published.
    """

    students: int
    with_artifact: int
    artifacts: int
    levels: Mapping[str, int]
    few: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class EquityRow:
    """One cell; `school_id` or `group_id` is `all` for a total."""

    grouping_id: str
    skill_id: str
    school_id: str
    group_id: str
    published: Published
    internal: Internal


@dataclass(frozen=True, kw_only=True)
class Disparity:
    """How unequal groups or schools are in a skill; of what is published only.

    Attributes:
        index: of disparity between groups' shares with an artifact, in percent of the district's.
        gini: of artifacts for each student, over schools.
    """

    grouping_id: str
    skill_id: str
    index: Figure
    gini: Figure
