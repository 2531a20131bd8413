"""Draw a student's journey from what is on record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import fmean

from defenses.domain.candidates import Candidate
from defenses.domain.defenses import DRAFT, Defense, school_year
from defenses.domain.hearings.hearing import Hearing
from defenses.domain.hearings.outcomes import READY
from defenses.domain.journey.journeys import (
    AHEAD,
    GRADES,
    NOW,
    PAST,
    Component,
    GradeYear,
    Journey,
    Rules,
    SkillProgress,
    SkillShown,
    Stage,
)
from defenses.domain.milestones.milestones import Milestone
from defenses.domain.readiness import Evidence, ReadinessRule


@dataclass(frozen=True, kw_only=True)
class _OnRecord:
    """What there is of a student, by grade and school year."""

    evidence: Mapping[tuple[str, str], Sequence[Evidence]]
    milestones: Mapping[tuple[str, str], Milestone]
    defenses: Mapping[tuple[str, str], Defense]
    enrolled: Mapping[tuple[str, str], str]

    def line(self, grade: str, year: str, standing: str, rules: Rules, *, owes: bool) -> GradeYear:
        """Return one grade in one school year; `owes` says whether the year's milestone is due from it."""
        due_on = rules.milestones.due_on(grade, year, year_starts=rules.year_starts) if owes else None
        evidence = self.evidence.get((grade, year), ())
        milestone, defense = self.milestones.get((grade, year)), self.defenses.get((grade, year))
        schools = {each.school_id for each in (*evidence, milestone, defense) if each is not None}
        schools.add(self.enrolled.get((grade, year)))
        return GradeYear(
            grade=grade,
            school_year=year,
            school_ids=tuple(sorted(each for each in schools if each is not None)),
            standing=standing,
            skills=_skills(evidence),
            milestone_due=due_on is not None,
            milestone_due_on=due_on,
            milestone=milestone,
            defense_due=grade in rules.readiness,
            defense=defense,
        )


def _not_on_record(grade: str, standing: str, rules: Rules) -> GradeYear:
    """Return what a grade asks for."""
    return GradeYear(
        grade=grade,
        school_year=None,
        school_ids=(),
        standing=standing,
        skills=(),
        milestone_due=rules.milestones.band(grade) is not None,
        milestone_due_on=None,
        milestone=None,
        defense_due=grade in rules.readiness,
        defense=None,
    )


def draw_journey(
    candidate: Candidate,
    milestones: Sequence[Milestone],
    defenses: Sequence[Defense],
    hearings: Sequence[Hearing],
    rules: Rules,
    *,
    today: date,
) -> Journey:
    """Return a student's journey as of a day.

    Args:
        candidate: the student.
        milestones: theirs.
        defenses: theirs; drafts are left out.
        hearings: theirs; an outcome counts once it is released to the family.
        rules: the district's.
        today: the day on which it is looked at.

    A district's records begin when its students' news first reaches us, so that a past grade of which nothing
    is on record is shown as what it asks for, without a year.
    """
    enrollment, year = candidate.enrollment, school_year(today, starts=rules.year_starts)
    grade = enrollment.grade if enrollment is not None else None
    defenses = [each for each in defenses if each.state != DRAFT]
    found = _OnRecord(
        evidence=_by_year(candidate.evidence, rules),
        milestones={(each.grade, each.school_year): each for each in milestones},
        # A redefense comes after the defense that led to it.
        defenses={
            (each.transition, each.school_year): each
            for each in sorted(defenses, key=lambda each: each.attempt)
        },
        enrolled={(enrollment.grade, year): enrollment.school_id} if enrollment is not None else {},
    )
    known = {*found.evidence, *found.milestones, *found.defenses, *found.enrolled}
    owing = _owing(known, found.milestones)
    years: list[GradeYear] = []
    for one in GRADES:
        dated = sorted(when for which, when in known if which == one)
        years += [
            found.line(one, when, _standing(one, when, grade, year), rules, owes=(one, when) in owing)
            for when in dated
        ] or [_not_on_record(one, _standing(one, None, grade, year), rules)]
    stages = _stages(candidate, defenses, hearings, rules.readiness)
    return Journey(
        student_id=candidate.student_id,
        grade=grade,
        school_year=year,
        stages=stages,
        years=tuple(years),
        **_components(stages, years),
    )


def _by_year(evidence: Iterable[Evidence], rules: Rules) -> Mapping[tuple[str, str], Sequence[Evidence]]:
    found: dict[tuple[str, str], list[Evidence]] = defaultdict(list)
    for each in evidence:
        year = school_year(each.scored_at.date(), starts=rules.year_starts)
        found[each.grade, year].append(each)
    return found


def _owing(
    known: Iterable[tuple[str, str]], held: Collection[tuple[str, str]]
) -> Collection[tuple[str, str]]:
    """Return the one grade of each school year whose milestone is due: where it is, else the highest one.

    A year has two grades when somebody skips one, or when an artifact of the grade before is scored late.
    """
    owing: dict[str, str] = {}
    for grade, year in sorted(known, key=lambda each: GRADES.index(each[0])):
        if (owing.get(year), year) not in held:
            owing[year] = grade
    return {(grade, year) for year, grade in owing.items()}


def _skills(evidence: Iterable[Evidence]) -> tuple[SkillShown, ...]:
    levels: dict[str, list[float]] = defaultdict(list)
    for each in evidence:
        levels[each.skill_id].append(each.mean_level)
    return tuple(SkillShown(skill, len(found), fmean(found)) for skill, found in sorted(levels.items()))


def _standing(grade: str, year: str | None, own_grade: str | None, own_year: str) -> str:
    """Say where a grade lies; what was in a year before is past, also a grade that is repeated."""
    if own_grade is None or GRADES.index(grade) < GRADES.index(own_grade) or (year or own_year) < own_year:
        return PAST
    return NOW if grade == own_grade and year == own_year else AHEAD


def _stages(
    candidate: Candidate,
    defenses: Sequence[Defense],
    hearings: Sequence[Hearing],
    rules: Mapping[str, ReadinessRule],
) -> tuple[Stage, ...]:
    outcomes = _outcomes(hearings)
    return tuple(
        _stage(candidate, defenses, rules[transition], transition, outcomes.get(transition))
        for transition in GRADES
        if transition in rules
    )


def _stage(
    candidate: Candidate,
    defenses: Sequence[Defense],
    rule: ReadinessRule,
    transition: str,
    outcome: str | None,
) -> Stage:
    grades = rule.transitions[transition]
    own = [each for each in defenses if each.transition == transition]
    return Stage(
        transition=transition,
        grades=grades,
        skills=tuple(_progress(skill, grades, candidate.evidence, rule) for skill in rule.skills),
        readiness=_readiness(candidate, transition),
        defenses=tuple(sorted(own, key=lambda each: each.starts_at)),
        outcome=outcome,
    )


def _readiness(candidate: Candidate, transition: str) -> str | None:
    """Return the last decision about a transition, which may lie years back."""
    past = [each.status for each in candidate.history if each.transition == transition]
    decision = candidate.decision
    if decision is not None and decision.transition == transition:
        past.append(decision.status)
    return past[-1] if past else None


def _outcomes(hearings: Iterable[Hearing]) -> Mapping[str, str]:
    """Return what is released of each transition's hearings: a later attempt never takes a READY back."""
    outcomes: dict[str, str] = {}
    for hearing in hearings:
        released = hearing.released_record
        if released is not None and outcomes.get(hearing.matter.transition) != READY:
            outcomes[hearing.matter.transition] = released.outcome.status
    return outcomes


def _progress(
    skill_id: str, grades: Sequence[str], evidence: Iterable[Evidence], rule: ReadinessRule
) -> SkillProgress:
    levels = [each.mean_level for each in evidence if each.skill_id == skill_id and each.grade in grades]
    return SkillProgress(skill_id, rule.min_artifacts, len(levels), fmean(levels) if levels else None)


def _components(stages: Sequence[Stage], years: Sequence[GradeYear]) -> dict[str, Component]:
    """Count what was due in the grades on record until now: of skills and artifacts, that of their stages."""
    reached = [each for each in years if each.school_year is not None and each.standing != AHEAD]
    grades = frozenset(each.grade for each in reached)
    skills = [skill for stage in stages if grades.intersection(stage.grades) for skill in stage.skills]
    ends = [stage for stage in stages if stage.transition in grades]
    yearly = [each.milestone for each in reached if each.milestone_due]
    return {
        "skills": Component(len(skills), sum(skill.artifacts >= skill.artifacts_due for skill in skills)),
        "artifacts": Component(
            sum(skill.artifacts_due for skill in skills),
            sum(min(skill.artifacts, skill.artifacts_due) for skill in skills),
        ),
        "milestones": Component(
            len(yearly), sum(each is not None and each.record is not None for each in yearly)
        ),
        "defenses": Component(len(ends), sum(stage.outcome == READY for stage in ends)),
    }
