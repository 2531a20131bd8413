"""What a journey is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from defenses.domain.defenses import Defense
from defenses.domain.milestones.milestones import Milestone
from defenses.domain.milestones.policy import MilestonePolicy
from defenses.domain.readiness import ReadinessRule

#: Kindergarten to 12, as the contracts spell them.
GRADES = ("K", *(str(grade) for grade in range(1, 13)))

PAST, NOW, AHEAD = "past", "now", "ahead"


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What a district asks of its students.

    Attributes:
        readiness: for each transition grade the rule that decides about it.
        year_starts: month and day on which a school year begins.
    """

    readiness: Mapping[str, ReadinessRule]
    milestones: MilestonePolicy
    year_starts: tuple[int, int]


@dataclass(frozen=True)
class SkillShown:
    """What scored artifacts show of one skill; `mean_level` is None where there are none."""

    skill_id: str
    artifacts: int
    mean_level: float | None


@dataclass(frozen=True, kw_only=True)
class GradeYear:
    """One grade of a student, in the school year in which they were in it.

    Attributes:
        school_year: None for a grade of which nothing is on record.
        school_ids: where the student was in that year, as far as something on record says so.
        standing: past, now or ahead; for a student who has left, every grade is past.
        skills: what the artifacts uploaded in that grade and scored in that year show.
        milestone_due: whether one is due in this line; a student owes one a school year.
        milestone_due_on: None where no milestone is due, or the year is not known.
        defense_due: whether the grade ends with a defense.
    """

    grade: str
    school_year: str | None
    school_ids: tuple[str, ...]
    standing: str
    skills: tuple[SkillShown, ...]
    milestone_due: bool
    milestone_due_on: date | None
    milestone: Milestone | None
    defense_due: bool
    defense: Defense | None

    @property
    def artifacts(self) -> int:
        """How many artifacts were scored."""
        return sum(skill.artifacts for skill in self.skills)


@dataclass(frozen=True)
class SkillProgress:
    """How far a student is with one skill on the way to a defense; the mean is None without artifacts."""

    skill_id: str
    artifacts_due: int
    artifacts: int
    mean_level: float | None


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The grades that lead to one defense.

    Attributes:
        transition: the grade of the defense.
        grades: those whose artifacts count.
        readiness: the last decision about it; None if there was none.
        defenses: those that the family knows of, of all years, oldest first.
        outcome: what the panels have found and the school has told the family; READY once one has found that.
    """

    transition: str
    grades: tuple[str, ...]
    skills: tuple[SkillProgress, ...]
    readiness: str | None
    defenses: tuple[Defense, ...]
    outcome: str | None


@dataclass(frozen=True)
class Component:
    """How much of one component was due until now, and how much of that is there."""

    due: int
    done: int


@dataclass(frozen=True, kw_only=True)
class Journey:
    """The whole way; a component counts what was due in the grades up to the student's own."""

    student_id: str
    grade: str | None
    school_year: str
    skills: Component
    artifacts: Component
    milestones: Component
    defenses: Component
    stages: tuple[Stage, ...]
    years: tuple[GradeYear, ...]
