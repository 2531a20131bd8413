"""What a decision is made from: scored artifacts, exceptions, and the day."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

WAIVER = "waiver"
REDUCED_COUNTS = "reduced_counts"
EXCEPTION_KINDS = (WAIVER, REDUCED_COUNTS)

_MONTHS = 12


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
class ReadinessException:
    """What somebody has approved for one student, such as an accommodation or a late transfer.

    Attributes:
        kind: `waiver` of the whole rule, or `reduced_counts`.
        approved_by: who answers for it.
        recorded_by: who wrote it down.
        reason: may be confidential; it goes into no event and no log.
        ends_on: the last day on which it holds.
        min_artifacts: with reduced counts, how many a skill needs, at least 1; None with a waiver.
        skills: with reduced counts, of which skills; empty for all.
    """

    exception_id: str
    kind: str
    approved_by: str
    recorded_by: str
    reason: str
    approved_at: datetime
    ends_on: date
    min_artifacts: int | None = None
    skills: tuple[str, ...] = ()

    def reduces(self, skill: str) -> bool:
        """Whether it lowers the counts of a skill."""
        return self.kind == REDUCED_COUNTS and (not self.skills or skill in self.skills)


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """Everything that is known of a student when it is decided; the rule says what of it counts.

    Attributes:
        transition: the student's grade.
        as_of: the day from which months are counted back, and on which exceptions hold.
        evidence: one entry per artifact, in any order.
    """

    transition: str
    as_of: date
    evidence: tuple[Evidence, ...]
    exceptions: tuple[ReadinessException, ...] = ()

    @property
    def in_force(self) -> tuple[ReadinessException, ...]:
        """The exceptions that hold on the day, by id."""
        held = [each for each in self.exceptions if self.as_of <= each.ends_on]
        return tuple(sorted(held, key=lambda each: each.exception_id))

    def to_tree(self) -> dict[str, Any]:
        """Return it as plain JSON values, without what a decision does not read."""
        return {
            "transition": self.transition,
            "as_of": self.as_of.isoformat(),
            "evidence": [
                {
                    "artifact_id": entry.artifact_id,
                    "skill_id": entry.skill_id,
                    "grade": entry.grade,
                    "levels": [list(level) for level in entry.levels],
                    "mean_level": entry.mean_level,
                    "scored_at": entry.scored_at.isoformat(),
                }
                for entry in sorted(self.evidence, key=lambda entry: entry.artifact_id)
            ],
            "exceptions": [
                {
                    "exception_id": each.exception_id,
                    "kind": each.kind,
                    "min_artifacts": each.min_artifacts,
                    "skills": list(each.skills),
                }
                for each in self.in_force
            ],
        }


def months_before(day: date, months: int) -> date:
    """Return the same day so many months earlier, or the last of that month if it is shorter."""
    whole = day.year * _MONTHS + day.month - 1 - months
    year, month = divmod(whole, _MONTHS)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
