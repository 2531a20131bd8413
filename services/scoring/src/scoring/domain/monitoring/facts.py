"""What the nightly run takes from tasks, papers and the roster: plain tuples, for there are many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple


class ReadFacts(NamedTuple):
    """One read that counts; levels in the rubric's order, as (criterion id, level)."""

    scorer_id: str
    levels: Sequence[tuple[str, int]]
    leased_at: datetime
    given_at: datetime


class UnscorableFacts(NamedTuple):
    """A scorer found something unscorable."""

    scorer_id: str
    at: datetime


class TaskFacts(NamedTuple):
    """One task with its reads, oldest first.

    Attributes:
        is_seed: a paper with settled levels; else an artifact.
        mean_level, released_at: of the score that is out, None without one.
        assignment_id: what it was made for; None if nobody has said.
    """

    artifact_id: str
    is_seed: bool
    student_id: str | None
    school_id: str | None
    grade: str
    skill_id: str
    rubric_id: str
    opened_at: datetime
    mean_level: float | None
    released_at: datetime | None
    reads: Sequence[ReadFacts]
    unscorable: Sequence[UnscorableFacts]
    assignment_id: str | None = None


class StudentFacts(NamedTuple):
    """An enrolled student."""

    student_id: str
    school_id: str
    grade: str | None
    home_language: str | None


#: The settled levels of papers: by paper id, the level of each criterion.
Settled = Mapping[str, Mapping[str, int]]
