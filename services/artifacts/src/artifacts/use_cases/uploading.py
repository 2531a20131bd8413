"""Take an upload: the form first, the bytes straight to the store, the artifact last."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from artifacts.domain.artifacts import (
    Artifact,
    Content,
    EmptyFileError,
    FileTooLargeError,
    Form,
    Skill,
    UploadPolicy,
    check_form,
    check_room,
    check_type,
)
from artifacts.domain.people import Student
from artifacts.use_cases import announcing
from artifacts.use_cases.ports import Decide, Finds


class Draft(Protocol):
    """A content that is being received."""

    def write(self, piece: bytes, /) -> None: ...

    def keep(self) -> str: ...


class Contents(Protocol):
    """Where bytes are kept; what a draft does not keep is gone."""

    def receive(self) -> AbstractContextManager[Draft]: ...


class Artifacts(Finds[Artifact], Protocol):
    """The district's artifacts, as far as the caller may see them."""

    def change(self, artifact_id: str, decide: Decide[Artifact], /) -> Artifact | None: ...

    def of_student(self, student_id: str, /) -> list[Artifact]: ...


@dataclass(frozen=True, kw_only=True)
class Upload:
    """One upload.

    Attributes:
        artifact_id: derived from the caller's idempotency key: the same key gives the same artifact.
        pieces: of the file, in order; nothing is read from it before it is asked for.
        sniff: the media type of a file that begins with some bytes.
        head_bytes: how many bytes `sniff` wants to see.
        by: the caller.
    """

    artifact_id: str
    form: Form
    pieces: Iterable[bytes]
    sniff: Callable[[bytes], str]
    head_bytes: int
    by: str
    at: datetime


def upload_artifact(
    upload: Upload,
    *,
    students: Finds[Student],
    artifacts: Artifacts,
    contents: Contents,
    skills: tuple[Skill, ...],
    policy: UploadPolicy,
) -> Artifact:
    """Store a student's artifact and announce it, once for each artifact id.

    Raises:
        UploadError: one of its kinds; nothing of the file is left behind.
    """
    known = artifacts.find(upload.artifact_id)
    if known is not None:
        return known
    student = check_form(upload.form, student=students.find(upload.form.student_id), skills=skills)
    used_bytes = sum(each.size_bytes for each in artifacts.of_student(student.student_id))
    check_room(used_bytes=used_bytes, size_bytes=0, policy=policy)
    with contents.receive() as draft:
        media_type, size_bytes = _receive(upload, draft, policy)
        check_room(used_bytes=used_bytes, size_bytes=size_bytes, policy=policy)
        content = Content(sha256=draft.keep(), size_bytes=size_bytes, media_type=media_type)
    artifact = _artifact(upload, student, content)
    return (
        artifacts.change(upload.artifact_id, lambda _: (artifact, [announcing.artifact(artifact)]))
        or artifact
    )


def _receive(upload: Upload, draft: Draft, policy: UploadPolicy) -> tuple[str, int]:
    """Write the file; return its media type and size. No piece is read after a limit has been passed."""
    head, size_bytes, media_type, most_bytes = b"", 0, "", policy.largest_bytes
    for piece in upload.pieces:
        size_bytes += len(piece)
        if not media_type:
            head += piece[: upload.head_bytes]
            if len(head) >= upload.head_bytes:
                media_type = upload.sniff(head[: upload.head_bytes])
                most_bytes = check_type(media_type, policy=policy)
        if size_bytes > most_bytes:
            raise FileTooLargeError(f"the district takes at most {most_bytes} bytes of this type")
        draft.write(piece)
    if not size_bytes:
        raise EmptyFileError("the file is empty")
    if not media_type:
        media_type = upload.sniff(head)
        if size_bytes > check_type(media_type, policy=policy):
            raise FileTooLargeError("the file is larger than the district takes of its type")
    return media_type, size_bytes


def _artifact(upload: Upload, student: Student, content: Content) -> Artifact:
    return Artifact(
        artifact_id=upload.artifact_id,
        student_id=student.student_id,
        school_id=student.school_id,
        grade=student.grade,
        skill_id=upload.form.skill_id,
        title=upload.form.title,
        reflection=upload.form.reflection,
        sha256=content.sha256,
        size_bytes=content.size_bytes,
        media_type=content.media_type,
        uploaded_at=upload.at,
        uploaded_by=upload.by,
        assignment_id=upload.form.assignment_id,
    )
