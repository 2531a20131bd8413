"""Show what a student made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from artifacts.domain.artifacts import Artifact
from artifacts.domain.backpack import Backpack, Readiness, Score, pack
from artifacts.domain.people import Student
from artifacts.use_cases.ports import Finds
from artifacts.use_cases.uploading import Artifacts


class Contents(Protocol):
    """Where bytes are kept; a key that is not there is an OSError."""

    def read(self, key: str, /) -> Iterator[bytes]: ...


class Scores(Protocol):
    """What scoring says about artifacts."""

    def of_student(self, student_id: str, /) -> list[Score]: ...


class Decisions(Protocol):
    """What defenses decides about students."""

    def of_student(self, student_id: str, /) -> list[Readiness]: ...


def read_content(
    artifact_id: str,
    *,
    artifacts: Finds[Artifact],
    contents: Contents,
) -> tuple[Artifact, Iterator[bytes]]:
    """Return an artifact and its bytes, piece by piece.

    Raises:
        LookupError: if there is none that the reader may see.
    """
    artifact = artifacts.get(artifact_id)
    pieces = contents.read(artifact.sha256)
    return artifact, pieces


def show_backpack(
    student_id: str,
    *,
    students: Finds[Student],
    artifacts: Artifacts,
    scores: Scores,
    decisions: Decisions,
) -> Backpack:
    """Return everything that a student has collected, with scores and readiness.

    Raises:
        LookupError: if there is no such student that the reader may see.
    """
    student = students.get(student_id)
    return pack(
        student,
        artifacts=artifacts.of_student(student_id),
        scores=scores.of_student(student_id),
        readiness=decisions.of_student(student_id),
    )
