"""What a decision is made from: scored artifacts, exceptions, and the day."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

WAIVER = "waiver"
REDUCED_COUNTS = "reduced_counts"
EXCEPTION_KINDS = (WAIVER, REDUCED_COUNTS)

_MONTHS = 12
#: What is taken of a score that does not say it.
_UNSAID = {"assignment_id": None, "nominated": False, "readers": 1}


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One artifact with its score.

    Attributes:
        grade: the student's grade when the artifact was uploaded.
        levels: (criterion id, level) on the rubric's scale, in the rubric's order.
        mean_level: mean of the levels, as the scoring service decided it.
        version: of the score; a newer one replaces an older one.
        assignment_id: what the artifact was made for; None if nobody has said.
        nominated: whether the student has chosen to be judged by it.
        readers: how many people have read it independently.
        school_id: the student's school when the artifact was uploaded; None in what the first release kept.
    """

    artifact_id: str
    skill_id: str
    grade: str
    levels: tuple[tuple[str, float], ...]
    mean_level: float
    scored_at: datetime
    version: int
    assignment_id: str | None = None
    nominated: bool = False
    readers: int = 1
    school_id: str | None = None

    @property
    def said(self) -> dict[str, Any]:
        """What scoring has said beyond the score; empty for a score that says no more."""
        told = {"assignment_id": self.assignment_id, "nominated": self.nominated, "readers": self.readers}
        return {name: value for name, value in told.items() if value != _UNSAID[name]}


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
                    **entry.said,
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

    @classmethod
    def from_tree(cls, tree: Mapping[str, Any]) -> Snapshot:
        """Return the snapshot that `to_tree` gave.

        Of an exception it is known that it held on the day, and who approved it is not told; the version of a
        score decides nothing.
        """
        as_of = date.fromisoformat(tree["as_of"])
        return cls(
            transition=tree["transition"],
            as_of=as_of,
            evidence=tuple(_told_evidence(each) for each in tree["evidence"]),
            exceptions=tuple(_told_exception(each, as_of) for each in tree["exceptions"]),
        )


def _told_evidence(told: Mapping[str, Any]) -> Evidence:
    levels = tuple((criterion, level) for criterion, level in told["levels"])
    scored_at = datetime.fromisoformat(told["scored_at"])
    return Evidence(**{**told, "levels": levels, "scored_at": scored_at}, version=1)


def _told_exception(told: Mapping[str, Any], held_on: date) -> ReadinessException:
    return ReadinessException(
        **{**told, "skills": tuple(told["skills"])},
        approved_by="",
        recorded_by="",
        reason="",
        approved_at=datetime.combine(held_on, time.min, UTC),
        ends_on=held_on,
    )


def months_before(day: date, months: int) -> date:
    """Return the same day so many months earlier, or the last of that month if it is shorter."""
    whole = day.year * _MONTHS + day.month - 1 - months
    year, month = divmod(whole, _MONTHS)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
