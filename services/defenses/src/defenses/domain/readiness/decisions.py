"""Decide whether a student is ready for a transition, and say why."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from defenses.domain.readiness.clauses import MEAN, OWED_BY_SCHOOL, Clause, skill_clause
from defenses.domain.readiness.evidence import WAIVER, Evidence, Snapshot, months_before
from defenses.domain.readiness.rules import Compensation, ReadinessRule

READY = "READY_TO_DEFEND"
NOT_YET = "NOT_YET"
INSUFFICIENT_EVIDENCE = "INSUFFICIENT_EVIDENCE"
WAIVED = "WAIVED"
STATUSES = (READY, NOT_YET, INSUFFICIENT_EVIDENCE, WAIVED)
#: With these a student may be scheduled.
MAY_DEFEND = (READY, WAIVED)


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
        """By skill, the first clause that says which evidence the school still owes."""
        found: dict[str, Clause] = {}
        for skill in self.skills:
            for part in skill.clauses:
                if part.is_missing and part.id in OWED_BY_SCHOOL:
                    found.setdefault(skill.id, part)
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
        return {skill.id: _skill_status(skill) for skill in self.skills}


def decide(snapshot: Snapshot, rule: ReadinessRule) -> Decision | None:
    """Decide about the transition out of a grade; None when the grade is no transition grade of the rule.

    It depends on nothing else: any decision can be made again from its snapshot and its rule version.
    """
    if snapshot.transition not in rule.transitions:
        return None
    used = _evidence_in_scope(snapshot, rule)
    recent = _recent(used, snapshot, rule)
    skills = tuple(skill_clause(skill, used, recent, snapshot, rule) for skill in rule.skills)
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


def _skill_status(skill: Clause) -> str:
    if any(part.is_missing for part in skill.clauses):
        return INSUFFICIENT_EVIDENCE
    return READY if skill.met else NOT_YET


def _status(skills: tuple[Clause, ...], rule: ReadinessRule) -> str:
    if any(_skill_status(skill) == INSUFFICIENT_EVIDENCE for skill in skills):
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
    mean = next(part.observed for part in skill.clauses if part.id == MEAN)
    others = all(part.met for part in skill.clauses if part.id != MEAN)
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
                *([entry.assignment_id] if rule.distinct_assignments is not None else []),
                *([entry.nominated, entry.readers] if rule.nomination is not None else []),
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
