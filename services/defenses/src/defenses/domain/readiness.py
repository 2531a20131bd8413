"""Decide whether a student is ready for a transition, and say why."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean, median
from typing import Any

READY = "READY"
NOT_YET = "NOT_YET"
INSUFFICIENT_EVIDENCE = "INSUFFICIENT_EVIDENCE"
STATUSES = (READY, NOT_YET, INSUFFICIENT_EVIDENCE)

#: Levels are means of whole levels; more digits than this are noise of the division.
_DIGITS = 6


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One artifact with its score.

    Attributes:
        grade: the student's grade when the artifact was uploaded.
        levels: (criterion id, level) on the rubric's scale, in the rubric's order.
        mean_level: mean of the levels, as the scoring service decided it.
        version: of the score; a newer one replaces an older one.
    """

    artifact_id: str
    skill_id: str
    grade: str
    levels: tuple[tuple[str, float], ...]
    mean_level: float
    scored_at: datetime
    version: int


@dataclass(frozen=True, kw_only=True)
class Compensation:
    """How many skills below the rule's mean the others may make up for, and how far below."""

    max_skills: int
    mean_at_least: float


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
    """

    version: str
    transitions: Mapping[str, tuple[str, ...]]
    skills: tuple[str, ...]
    min_artifacts: int
    counted_artifacts: int
    mean_at_least: float
    criterion_floor: float
    compensation: Compensation | None


@dataclass(frozen=True, kw_only=True)
class Clause:
    """One part of an explanation.

    Attributes:
        observed: what the evidence shows; None when there is nothing to measure.
        required: the least value that meets the clause.
        artifact_ids: the artifacts that were looked at.
    """

    id: str
    met: bool
    observed: float | None
    required: float
    artifact_ids: tuple[str, ...] = ()
    clauses: tuple[Clause, ...] = ()

    def to_tree(self) -> dict[str, Any]:
        """Return the clause and those below it as plain JSON values."""
        return {
            "id": self.id,
            "met": self.met,
            "observed": self.observed,
            "required": self.required,
            "artifact_ids": list(self.artifact_ids),
            "clauses": [clause.to_tree() for clause in self.clauses],
        }

    @classmethod
    def from_tree(cls, tree: Mapping[str, Any]) -> Clause:
        """Return the clause that `to_tree` gave."""
        return cls(
            id=tree["id"],
            met=tree["met"],
            observed=tree["observed"],
            required=tree["required"],
            artifact_ids=tuple(tree["artifact_ids"]),
            clauses=tuple(cls.from_tree(clause) for clause in tree["clauses"]),
        )


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What was decided about one transition.

    Attributes:
        transition: the grade whose transition is decided.
        status: one of STATUSES.
        explanation: the root of the clause tree.
        input_hash: SHA-256 (lower-case hex) of evidence and rule version; the same input decides the same.
    """

    transition: str
    status: str
    rule_version: str
    explanation: Clause
    input_hash: str


def decide(evidence: Iterable[Evidence], grade: str, rule: ReadinessRule) -> Decision | None:
    """Decide about the transition out of a grade; None when the grade is no transition grade.

    Args:
        evidence: all scored artifacts of one student, one entry per artifact, in any order.
        grade: the student's grade now.
        rule: the version of the district's rule that decides.
    """
    if grade not in rule.transitions:
        return None
    used = _evidence_in_scope(evidence, grade, rule)
    skills = tuple(_skill_clause(skill, used, rule) for skill in rule.skills)
    return Decision(
        transition=grade,
        status=_status(skills, rule),
        rule_version=rule.version,
        explanation=_root(skills, rule),
        input_hash=_hash(used, grade, rule),
    )


def _evidence_in_scope(evidence: Iterable[Evidence], grade: str, rule: ReadinessRule) -> list[Evidence]:
    """Keep what counts for this transition, in an order that does not depend on how it arrived."""
    grades = rule.transitions[grade]
    used = [entry for entry in evidence if entry.grade in grades and entry.skill_id in rule.skills]
    return sorted(used, key=lambda entry: entry.artifact_id)


def _skill_clause(skill: str, used: list[Evidence], rule: ReadinessRule) -> Clause:
    """Judge one skill by enough artifacts, their mean, and the floor under each criterion."""
    mine = [entry for entry in used if entry.skill_id == skill]
    best = sorted(mine, key=lambda entry: (-entry.mean_level, entry.artifact_id))[: rule.counted_artifacts]
    counted = tuple(entry.artifact_id for entry in best)
    enough = Clause(
        id="evidence",
        met=len(mine) >= rule.min_artifacts,
        observed=len(mine),
        required=rule.min_artifacts,
        artifact_ids=tuple(entry.artifact_id for entry in mine),
    )
    mean = _at_least("mean", _mean_level(best), rule.mean_at_least, counted)
    floor = _at_least("criterion-floor", _lowest_criterion(best), rule.criterion_floor, counted)
    clauses = (enough, mean, floor)
    met = sum(clause.met for clause in clauses)
    return Clause(
        id=skill,
        met=met == len(clauses),
        observed=met,
        required=len(clauses),
        artifact_ids=counted,
        clauses=clauses,
    )


def _at_least(
    clause_id: str, observed: float | None, required: float, artifact_ids: tuple[str, ...]
) -> Clause:
    met = observed is not None and observed >= required
    return Clause(id=clause_id, met=met, observed=observed, required=required, artifact_ids=artifact_ids)


def _mean_level(best: list[Evidence]) -> float | None:
    return round(fmean(entry.mean_level for entry in best), _DIGITS) if best else None


def _lowest_criterion(best: list[Evidence]) -> float | None:
    """Return the lowest of the criteria's medians over the artifacts."""
    levels: dict[str, list[float]] = {}
    for entry in best:
        for criterion_id, level in entry.levels:
            levels.setdefault(criterion_id, []).append(level)
    return round(min(median(values) for values in levels.values()), _DIGITS) if levels else None


def _status(skills: tuple[Clause, ...], rule: ReadinessRule) -> str:
    if not all(_part(skill, "evidence").met for skill in skills):
        return INSUFFICIENT_EVIDENCE
    unmet = [skill for skill in skills if not skill.met]
    return READY if len(unmet) <= len(_compensated(skills, rule)) else NOT_YET


def _root(skills: tuple[Clause, ...], rule: ReadinessRule) -> Clause:
    """Join the skills; a skill that others make up for counts as met here, and a clause says so."""
    made_up = _compensated(skills, rule)
    met = sum(skill.met for skill in skills) + len(made_up)
    clauses = skills
    if rule.compensation is not None:
        clauses = (
            *skills,
            Clause(
                id="compensation",
                met=bool(made_up),
                observed=len(made_up),
                required=rule.compensation.max_skills,
                artifact_ids=tuple(artifact for skill in made_up for artifact in skill.artifact_ids),
            ),
        )
    return Clause(id="readiness", met=met == len(skills), observed=met, required=len(skills), clauses=clauses)


def _compensated(skills: tuple[Clause, ...], rule: ReadinessRule) -> tuple[Clause, ...]:
    """Return the unmet skills that the met ones make up for: all of the unmet, or none."""
    allowed = rule.compensation
    unmet = tuple(skill for skill in skills if not skill.met)
    if allowed is None or len(unmet) > allowed.max_skills:
        return ()
    return unmet if all(_nearly_met(skill, allowed) for skill in unmet) else ()


def _nearly_met(skill: Clause, allowed: Compensation) -> bool:
    mean = _part(skill, "mean").observed
    others = _part(skill, "evidence").met and _part(skill, "criterion-floor").met
    return others and mean is not None and mean >= allowed.mean_at_least


def _part(skill: Clause, clause_id: str) -> Clause:
    return next(clause for clause in skill.clauses if clause.id == clause_id)


def _hash(used: list[Evidence], grade: str, rule: ReadinessRule) -> str:
    """Hash exactly what the decision reads."""
    facts = {
        "evidence": [
            [entry.artifact_id, entry.skill_id, entry.grade, entry.mean_level, sorted(entry.levels)]
            for entry in used
        ],
        "rule_version": rule.version,
        "transition": grade,
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
