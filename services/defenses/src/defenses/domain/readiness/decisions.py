"""Decide whether a student is ready for a transition, and say why."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from statistics import fmean, median
from typing import Any

from defenses.domain.readiness.evidence import WAIVER, Evidence, Snapshot, months_before
from defenses.domain.readiness.rules import Compensation, ReadinessRule

READY = "READY_TO_DEFEND"
NOT_YET = "NOT_YET"
INSUFFICIENT_EVIDENCE = "INSUFFICIENT_EVIDENCE"
WAIVED = "WAIVED"
STATUSES = (READY, NOT_YET, INSUFFICIENT_EVIDENCE, WAIVED)
#: With these a student may be scheduled.
MAY_DEFEND = (READY, WAIVED)

#: Clauses of a skill without which it cannot be judged: what is missing is the school's to mend.
_NEEDED_TO_JUDGE = ("evidence", "recent")

#: Levels are means of whole levels; more digits than this are noise of the division.
_DIGITS = 6


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
        input_hash: SHA-256 (lower-case hex) of all that was read; the same input decides the same.
        as_of: the day it was decided for. Another day on which the same evidence is recent and the same
            exceptions hold gives the same decision.
    """

    transition: str
    status: str
    rule_version: str
    explanation: Clause
    input_hash: str
    as_of: date = field(compare=False)

    @property
    def skills(self) -> tuple[Clause, ...]:
        """The clauses of the skills; those beside them have no parts."""
        return tuple(clause for clause in self.explanation.clauses if clause.clauses)

    @property
    def lacking(self) -> Mapping[str, Clause]:
        """By skill, the clause that says which evidence is missing."""
        missing = ((skill.id, part) for skill in self.skills for part in skill.clauses if _is_missing(part))
        found: dict[str, Clause] = {}
        for skill_id, part in missing:
            found.setdefault(skill_id, part)
        return found

    @property
    def unmet(self) -> tuple[str, ...]:
        """The skills' clauses that are not met, as `skill/clause`."""
        return tuple(
            f"{skill.id}/{part.id}" for skill in self.skills for part in skill.clauses if not part.met
        )

    @property
    def skill_statuses(self) -> Mapping[str, str]:
        """Each skill's own status, whatever others make up for or somebody has waived."""
        lacking = self.lacking
        return {
            skill.id: INSUFFICIENT_EVIDENCE if skill.id in lacking else READY if skill.met else NOT_YET
            for skill in self.skills
        }


def decide(snapshot: Snapshot, rule: ReadinessRule) -> Decision | None:
    """Decide about the transition out of a grade; None when the grade is no transition grade of the rule.

    It depends on nothing else: any decision can be made again from its snapshot and its rule version.
    """
    if snapshot.transition not in rule.transitions:
        return None
    used = _evidence_in_scope(snapshot, rule)
    recent = _recent(used, snapshot, rule)
    skills = tuple(_skill_clause(skill, used, recent, snapshot, rule) for skill in rule.skills)
    waived = any(each.kind == WAIVER for each in snapshot.in_force)
    status = _status(skills, rule)
    if status != READY and waived:
        status = WAIVED
    return Decision(
        transition=snapshot.transition,
        status=status,
        rule_version=rule.version,
        explanation=_root(skills, rule, waived=status == WAIVED),
        input_hash=_hash(used, recent, snapshot, rule),
        as_of=snapshot.as_of,
    )


def in_scope(snapshot: Snapshot, rule: ReadinessRule) -> Snapshot:
    """Return a snapshot without the evidence that the rule does not read."""
    return Snapshot(
        transition=snapshot.transition,
        as_of=snapshot.as_of,
        evidence=tuple(_evidence_in_scope(snapshot, rule)),
        exceptions=snapshot.exceptions,
    )


def _evidence_in_scope(snapshot: Snapshot, rule: ReadinessRule) -> list[Evidence]:
    """Keep what counts for this transition, in an order that does not depend on how it arrived."""
    grades = rule.transitions[snapshot.transition]
    used = [entry for entry in snapshot.evidence if entry.grade in grades and entry.skill_id in rule.skills]
    return sorted(used, key=lambda entry: entry.artifact_id)


def _recent(used: list[Evidence], snapshot: Snapshot, rule: ReadinessRule) -> frozenset[str]:
    """Return the artifacts that were scored within the rule's months."""
    if rule.recency is None:
        return frozenset()
    since = months_before(snapshot.as_of, rule.recency.months)
    return frozenset(entry.artifact_id for entry in used if entry.scored_at.date() >= since)


def _skill_clause(
    skill: str, used: list[Evidence], recent: frozenset[str], snapshot: Snapshot, rule: ReadinessRule
) -> Clause:
    """Judge one skill by enough artifacts, new ones, their mean, and the floor under each criterion."""
    mine = [entry for entry in used if entry.skill_id == skill]
    best = sorted(mine, key=lambda entry: (-entry.mean_level, entry.artifact_id))[: rule.counted_artifacts]
    counted = tuple(entry.artifact_id for entry in best)
    needed = min(
        [rule.min_artifacts] + [each.min_artifacts or 1 for each in snapshot.in_force if each.reduces(skill)]
    )
    clauses = [_count("evidence", [entry.artifact_id for entry in mine], needed)]
    if rule.recency is not None:
        fresh = [entry.artifact_id for entry in mine if entry.artifact_id in recent]
        clauses.append(_count("recent", fresh, min(rule.recency.artifacts, needed)))
    clauses.append(_at_least("mean", _mean_level(best), rule.mean_at_least, counted))
    clauses.append(_at_least("criterion-floor", _lowest_criterion(best), rule.criterion_floor, counted))
    met = sum(clause.met for clause in clauses)
    return Clause(
        id=skill,
        met=met == len(clauses),
        observed=met,
        required=len(clauses),
        artifact_ids=counted,
        clauses=tuple(clauses),
    )


def _count(clause_id: str, artifact_ids: list[str], required: int) -> Clause:
    return _at_least(clause_id, len(artifact_ids), required, tuple(artifact_ids))


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


def _is_missing(part: Clause) -> bool:
    return part.id in _NEEDED_TO_JUDGE and not part.met


def _status(skills: tuple[Clause, ...], rule: ReadinessRule) -> str:
    if any(_is_missing(part) for skill in skills for part in skill.clauses):
        return INSUFFICIENT_EVIDENCE
    unmet = [skill for skill in skills if not skill.met]
    return READY if len(unmet) <= len(_compensated(skills, rule)) else NOT_YET


def _root(skills: tuple[Clause, ...], rule: ReadinessRule, *, waived: bool) -> Clause:
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
    if waived:
        clauses = (*clauses, Clause(id="waiver", met=True, observed=1, required=1))
    return Clause(
        id="readiness",
        met=waived or met == len(skills),
        observed=met,
        required=len(skills),
        clauses=clauses,
    )


def _compensated(skills: tuple[Clause, ...], rule: ReadinessRule) -> tuple[Clause, ...]:
    """Return the unmet skills that the met ones make up for: all of the unmet, or none."""
    allowed = rule.compensation
    unmet = tuple(skill for skill in skills if not skill.met)
    if allowed is None or len(unmet) > allowed.max_skills:
        return ()
    return unmet if all(_nearly_met(skill, allowed) for skill in unmet) else ()


def _nearly_met(skill: Clause, allowed: Compensation) -> bool:
    """Whether a skill lacks nothing but some of the mean."""
    mean = next(part.observed for part in skill.clauses if part.id == "mean")
    others = all(part.met for part in skill.clauses if part.id != "mean")
    return others and mean is not None and mean >= allowed.mean_at_least


def _hash(used: list[Evidence], recent: frozenset[str], snapshot: Snapshot, rule: ReadinessRule) -> str:
    """Hash exactly what the decision reads."""
    facts = {
        "evidence": [
            [
                entry.artifact_id,
                entry.skill_id,
                entry.grade,
                entry.mean_level,
                sorted(entry.levels),
                entry.artifact_id in recent,
            ]
            for entry in used
        ],
        "exceptions": [
            [each.exception_id, each.kind, each.min_artifacts, sorted(each.skills)]
            for each in snapshot.in_force
        ],
        "rule": rule.wording,
        "transition": snapshot.transition,
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
