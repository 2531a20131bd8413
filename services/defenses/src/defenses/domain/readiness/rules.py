"""A district's readiness rule: one version of it, for whom it is, and what it asks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

#: A month and a day of it, of any year.
MonthDay = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Compensation:
    """How many skills below the rule's mean the others may make up for, and how far below."""

    max_skills: int
    mean_at_least: float


@dataclass(frozen=True, kw_only=True)
class Recency:
    """How many artifacts of a skill must have been scored within the last months."""

    artifacts: int
    months: int


@dataclass(frozen=True, kw_only=True)
class Nomination:
    """What students choose to be judged by.

    Attributes:
        artifacts: so many of each skill must be chosen; the best so many of the chosen are judged.
        confirm_within: a chosen artifact whose mean is so near to the rule's mean needs `readers`.
        readers: independent reads of such an artifact.
    """

    artifacts: int
    confirm_within: float
    readers: int


@dataclass(frozen=True, kw_only=True)
class OpportunitySeason:
    """The days of a year, first and last included, on which too little evidence is the school's gap."""

    first: MonthDay
    last: MonthDay

    def contains(self, day: date) -> bool:
        """Whether a day lies in it; it may run over New Year."""
        this = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= this <= self.last
        return this >= self.first or this <= self.last


@dataclass(frozen=True, kw_only=True)
class Cohort:
    """The students of one transition in one school year, such as `5` in `2026-27`."""

    transition: str
    school_year: str


@dataclass(frozen=True, kw_only=True)
class ReadinessRule:
    """One version of a district's readiness rule.

    Attributes:
        transitions: for each transition grade, the grades whose artifacts count for it.
        skills: ids of the skills that must be shown.
        min_artifacts: scored artifacts that each skill needs before it can be judged.
        counted_artifacts: the best so many of a skill are judged.
        mean_at_least: least mean level of the counted artifacts.
        criterion_floor: least median level of each criterion over the counted artifacts.
        compensation: None when every skill must reach the mean by itself.
        recency: None when artifacts of any age will do.
        distinct_assignments: how many assignments the artifacts of a skill must come from; None for any.
        nomination: None when the best artifacts are judged, whoever chose them.
        opportunity: when too little evidence is raised against the school; None for never.
        cohorts: those for whom the version is; empty for all students of its transitions.
        effective: the first day on which it decides.
    """

    version: str
    transitions: Mapping[str, tuple[str, ...]]
    skills: tuple[str, ...]
    min_artifacts: int
    counted_artifacts: int
    mean_at_least: float
    criterion_floor: float
    compensation: Compensation | None
    recency: Recency | None = None
    distinct_assignments: int | None = None
    nomination: Nomination | None = None
    opportunity: OpportunitySeason | None = None
    cohorts: tuple[Cohort, ...] = ()
    effective: date = date.min

    def is_for(self, grade: str, school_year: str) -> bool:
        """Whether this version decides about the students of a grade in a school year."""
        if grade not in self.transitions:
            return False
        return not self.cohorts or Cohort(transition=grade, school_year=school_year) in self.cohorts

    @cached_property
    def wording(self) -> str:
        """Everything of the rule that a decision reads, as JSON: an edited version has another one."""
        compensation, recency, nomination = self.compensation, self.recency, self.nomination
        # What a rule does not ask for is left out, so that a new clause changes no hash of old decisions.
        asked = {
            "distinct_assignments": self.distinct_assignments,
            "nomination": nomination
            and [nomination.artifacts, float(nomination.confirm_within), nomination.readers],
        }
        return json.dumps(
            {
                **{name: value for name, value in asked.items() if value is not None},
                "version": self.version,
                "transitions": {grade: list(grades) for grade, grades in self.transitions.items()},
                "skills": self.skills,
                "min_artifacts": self.min_artifacts,
                "counted_artifacts": self.counted_artifacts,
                "mean_at_least": float(self.mean_at_least),
                "criterion_floor": float(self.criterion_floor),
                "compensation": compensation and [compensation.max_skills, float(compensation.mean_at_least)],
                "recency": recency and [recency.artifacts, recency.months],
            },
            sort_keys=True,
        )
