"""Show what a student made, and remember to whom it was shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from artifacts.domain.artifacts import Artifact, Disclosure
from artifacts.domain.backpack import Backpack, Readiness, Score, pack
from artifacts.domain.people import Student
from artifacts.use_cases.ports import Decide, Finds
from artifacts.use_cases.uploading import Artifacts


class Contents(Protocol):
    """Where bytes are kept; a key that is not there is an OSError."""

    def read(self, key: str, /) -> Iterator[bytes]: ...


class Disclosures(Protocol):
    """Who has seen whose work."""

    def change(self, disclosure_id: str, decide: Decide[Disclosure], /) -> Disclosure | None: ...


class Scores(Protocol):
    """What scoring says about artifacts."""

    def of_student(self, student_id: str, /) -> list[Score]: ...


class Decisions(Protocol):
    """What defenses decides about students."""

    def of_student(self, student_id: str, /) -> list[Readiness]: ...


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Who reads, and the id of the disclosure that this read would be.

    Attributes:
        role: as the token says; a student reads their own work, which is no disclosure.
    """

    subject: str
    role: str
    disclosure_id: str
    at: datetime


def read_content(
    artifact_id: str,
    reader: Reader,
    *,
    artifacts: Finds[Artifact],
    contents: Contents,
    disclosures: Disclosures,
) -> tuple[Artifact, Iterator[bytes]]:
    """Return an artifact and its bytes, piece by piece.

    Raises:
        LookupError: if there is none that the reader may see.
    """
    artifact = artifacts.get(artifact_id)
    pieces = contents.read(artifact.sha256)
    _remember(reader, artifact.student_id, "artifact", artifact_id, disclosures)
    return artifact, pieces


def show_backpack(
    student_id: str,
    reader: Reader,
    *,
    students: Finds[Student],
    artifacts: Artifacts,
    scores: Scores,
    decisions: Decisions,
    disclosures: Disclosures,
) -> Backpack:
    """Return everything that a student has collected, with scores and readiness.

    Raises:
        LookupError: if there is no such student that the reader may see.
    """
    student = students.get(student_id)
    _remember(reader, student_id, "backpack", None, disclosures)
    return pack(
        student,
        artifacts=artifacts.of_student(student_id),
        scores=scores.of_student(student_id),
        readiness=decisions.of_student(student_id),
    )


def _remember(
    reader: Reader, student_id: str, what: str, artifact_id: str | None, disclosures: Disclosures
) -> None:
    if reader.role == "student":
        return
    disclosure = Disclosure(
        disclosure_id=reader.disclosure_id,
        seen_by=reader.subject,
        role=reader.role,
        student_id=student_id,
        what=what,
        artifact_id=artifact_id,
        seen_at=reader.at,
    )
    disclosures.change(reader.disclosure_id, lambda _: (disclosure, []))
