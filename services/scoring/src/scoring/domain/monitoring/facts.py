"""What the nightly run takes from tasks, papers and the roster: plain tuples, for there are many.

Moments are seconds since 1970.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class ReadFacts(NamedTuple):
    """One read that counts; levels by criterion id, in the rubric's order."""

    scorer_id: str
    levels: Mapping[str, int]
    leased_s: float
    given_s: float


class UnscorableFacts(NamedTuple):
    """A scorer found something unscorable."""

    scorer_id: str
    at_s: float


class TaskFacts(NamedTuple):
    """One task with its reads, oldest first.

    Attributes:
        is_seed: a paper with settled levels; else an artifact.
        mean_level, released_s: of the score that is out, None without one.
        assignment_id: what it was made for; None if nobody has said.
    """

    artifact_id: str
    is_seed: bool
    student_id: str | None
    school_id: str | None
    grade: str
    skill_id: str
    rubric_id: str
    opened_s: float
    mean_level: float | None
    released_s: float | None
    reads: Sequence[ReadFacts]
    unscorable: Sequence[UnscorableFacts]
    assignment_id: str | None = None


class StudentFacts(NamedTuple):
    """A student, enrolled or not."""

    student_id: str
    school_id: str
    grade: str | None
    home_language: str | None
    enrolled: bool = True


#: The settled levels of papers: by paper id, the level of each criterion.
Settled = Mapping[str, Mapping[str, int]]
