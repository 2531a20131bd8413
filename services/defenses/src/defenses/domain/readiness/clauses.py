"""What a rule asks of one skill, clause by clause, and what the evidence shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from statistics import fmean, median
from typing import Any

from defenses.domain.readiness.evidence import Evidence, Snapshot
from defenses.domain.readiness.rules import Nomination, ReadinessRule

EVIDENCE, RECENT, ASSIGNMENTS = OWED_BY_SCHOOL = ("evidence", "recent", "assignments")
NOMINATED, CONFIRMED = ("nominated", "confirmed")
MEAN, CRITERION_FLOOR = ("mean", "criterion-floor")
#: Clauses of a skill without which it cannot be judged.
NEEDED_TO_JUDGE = (*OWED_BY_SCHOOL, NOMINATED, CONFIRMED)

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

    @property
    def is_missing(self) -> bool:
        """Whether it says that something is missing without which a skill cannot be judged."""
        return self.id in NEEDED_TO_JUDGE and not self.met

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


def skill_clause(
    skill: str, used: Sequence[Evidence], recent: AbstractSet[str], snapshot: Snapshot, rule: ReadinessRule
) -> Clause:
    """Judge one skill.

    Args:
        skill: its id.
        used: the evidence that the rule reads, of all skills.
        recent: ids of the artifacts of it that are new enough.
        snapshot: says which exceptions hold.
        rule: what is asked.
    """
    mine = [entry for entry in used if entry.skill_id == skill]
    needed = min(
        [rule.min_artifacts] + [each.min_artifacts or 1 for each in snapshot.in_force if each.reduces(skill)]
    )
    clauses = (
        *_enough(mine, recent, needed, rule),
        *_nomination(mine, needed, rule),
        *_levels(_judged(mine, rule), rule),
    )
    met = sum(clause.met for clause in clauses)
    return Clause(
        id=skill,
        met=met == len(clauses),
        observed=met,
        required=len(clauses),
        artifact_ids=_ids(_judged(mine, rule)),
        clauses=clauses,
    )


def _enough(
    mine: Sequence[Evidence], recent: AbstractSet[str], needed: int, rule: ReadinessRule
) -> Iterator[Clause]:
    """Yield what the school owes: enough artifacts, new ones, and of different assignments."""
    yield _at_least(EVIDENCE, len(mine), needed, mine)
    if rule.recency is not None:
        fresh = [entry for entry in mine if entry.artifact_id in recent]
        yield _at_least(RECENT, len(fresh), min(rule.recency.artifacts, needed), fresh)
    if rule.distinct_assignments is not None:
        # Artifacts of which nobody has said what they were made for count as of one assignment.
        distinct = len({entry.assignment_id for entry in mine})
        yield _at_least(ASSIGNMENTS, distinct, min(rule.distinct_assignments, needed), mine)


def _nomination(mine: Sequence[Evidence], needed: int, rule: ReadinessRule) -> Iterator[Clause]:
    """Yield whether the student has chosen enough, and whether enough people have read what is near."""
    asked = rule.nomination
    if asked is None:
        return
    chosen = [entry for entry in mine if entry.nominated]
    yield _at_least(NOMINATED, len(chosen), min(asked.artifacts, needed), chosen)
    near = [entry for entry in _judged(mine, rule) if _is_near(entry, asked, rule.mean_at_least)]
    fewest = min((entry.readers for entry in near), default=asked.readers)
    yield _at_least(CONFIRMED, fewest, asked.readers, near)


def _is_near(entry: Evidence, asked: Nomination, cut: float) -> bool:
    return round(abs(entry.mean_level - cut), _DIGITS) <= asked.confirm_within


def _judged(mine: Sequence[Evidence], rule: ReadinessRule) -> list[Evidence]:
    """Return what the level is judged by: the best of all, or of those that the student has chosen."""
    asked = rule.nomination
    pool = mine if asked is None else [entry for entry in mine if entry.nominated]
    most = rule.counted_artifacts if asked is None else asked.artifacts
    return sorted(pool, key=lambda entry: (-entry.mean_level, entry.artifact_id))[:most]


def _levels(judged: Sequence[Evidence], rule: ReadinessRule) -> Iterator[Clause]:
    yield _at_least(MEAN, _mean_level(judged), rule.mean_at_least, judged)
    yield _at_least(CRITERION_FLOOR, _lowest_criterion(judged), rule.criterion_floor, judged)


def _at_least(clause_id: str, observed: float | None, required: float, seen: Sequence[Evidence]) -> Clause:
    met = observed is not None and observed >= required
    return Clause(id=clause_id, met=met, observed=observed, required=required, artifact_ids=_ids(seen))


def _ids(seen: Sequence[Evidence]) -> tuple[str, ...]:
    return tuple(entry.artifact_id for entry in seen)


def _mean_level(judged: Sequence[Evidence]) -> float | None:
    return round(fmean(entry.mean_level for entry in judged), _DIGITS) if judged else None


def _lowest_criterion(judged: Sequence[Evidence]) -> float | None:
    """Return the lowest of the criteria's medians over the artifacts."""
    levels: dict[str, list[float]] = {}
    for entry in judged:
        for criterion_id, level in entry.levels:
            levels.setdefault(criterion_id, []).append(level)
    return round(min(median(values) for values in levels.values()), _DIGITS) if levels else None
