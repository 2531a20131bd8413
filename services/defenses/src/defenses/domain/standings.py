"""How the students of a school stand, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What is counted of one student.

    Attributes:
        skill_standings: each skill's own status, as `skill:STATUS`.
        unmet: the clauses that are not met, as `skill/clause`.
    """

    school_id: str
    grade: str
    status: str
    skill_standings: tuple[str, ...]
    unmet: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SkillSummary:
    """One skill of one grade of a school.

    Attributes:
        statuses: students by the skill's own status.
        failing: (clause, students who do not meet it), most first.
    """

    skill_id: str
    statuses: Mapping[str, int]
    failing: tuple[tuple[str, int], ...]


@dataclass(frozen=True, kw_only=True)
class GradeSummary:
    """One transition grade of one school; `statuses` counts students."""

    school_id: str
    grade: str
    statuses: Mapping[str, int]
    skills: tuple[SkillSummary, ...]


@dataclass
class _Tally:
    statuses: Counter[str] = field(default_factory=Counter)
    skills: dict[str, Counter[str]] = field(default_factory=dict)
    failing: dict[str, Counter[str]] = field(default_factory=dict)

    def take(self, standing: Standing) -> None:
        self.statuses[standing.status] += 1
        for each in standing.skill_standings:
            skill, _, status = each.rpartition(":")
            self.skills.setdefault(skill, Counter())[status] += 1
        for each in standing.unmet:
            skill, _, clause = each.rpartition("/")
            self.failing.setdefault(skill, Counter())[clause] += 1

    def skill(self, skill_id: str) -> SkillSummary:
        failing = self.failing.get(skill_id, Counter())
        return SkillSummary(
            skill_id=skill_id,
            statuses=self.skills[skill_id],
            failing=tuple(sorted(failing.items(), key=lambda each: (-each[1], each[0]))),
        )


def summarize(
    standings: Iterable[Standing], *, grade: str | None, skill_id: str | None
) -> tuple[GradeSummary, ...]:
    """Count standings by school and grade, ordered so.

    Args:
        standings: of any schools.
        grade: only this one; None for all.
        skill_id: only this one; None for all.
    """
    tallies: dict[tuple[str, str], _Tally] = {}
    for standing in standings:
        if grade in {None, standing.grade}:
            tallies.setdefault((standing.school_id, standing.grade), _Tally()).take(standing)
    return tuple(
        GradeSummary(
            school_id=school_id,
            grade=in_grade,
            statuses=tally.statuses,
            skills=tuple(tally.skill(each) for each in sorted(tally.skills) if skill_id in {None, each}),
        )
        for (school_id, in_grade), tally in sorted(tallies.items())
    )
