"""What students upload: the artifact, what a district allows, and what can be wrong with an upload."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from artifacts.domain.people import Student


class UploadError(ValueError):
    """An upload cannot be taken; `field` is the part of the form that is to blame."""

    field = ""


class UnknownSkillError(UploadError):
    """The district has no such success skill."""

    field = "skill_id"


class UnknownStudentError(UploadError):
    """The district has no such student, or the caller may not act for them; the two look the same."""

    field = "student_id"


class WithdrawnStudentError(UploadError):
    """The student has left the district."""

    field = "student_id"


class EmptyFileError(UploadError):
    """The file has no bytes."""

    field = "file"


class FileTooLargeError(UploadError):
    """The file has more bytes than the district allows for its type."""

    field = "file"


class TypeNotAllowedError(UploadError):
    """The file's content is of a type that the district does not take."""

    field = "file"


class QuotaExceededError(UploadError):
    """The student's backpack is full."""

    field = "file"


@dataclass(frozen=True, kw_only=True)
class Form:
    """What an upload says besides its file.

    Attributes:
        assignment_id: what the artifact was made for, by the school's own name of it; None if it is not said.
    """

    student_id: str
    skill_id: str
    title: str
    reflection: str
    assignment_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Content:
    """Stored bytes; `sha256` is lower-case hex and their key."""

    sha256: str
    size_bytes: int
    media_type: str


@dataclass(frozen=True, kw_only=True)
class Artifact:
    """Evidence for one success skill, with school and grade as they were when it was uploaded."""

    artifact_id: str
    student_id: str
    school_id: str
    grade: str
    skill_id: str
    title: str
    reflection: str
    sha256: str
    size_bytes: int
    media_type: str
    uploaded_at: datetime
    uploaded_by: str
    assignment_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class UploadPolicy:
    """What a district takes.

    Attributes:
        most_bytes: by media type; a type that is not in it is not taken.
        quota_bytes: of one student's whole backpack.
    """

    most_bytes: dict[str, int]
    quota_bytes: int

    @property
    def largest_bytes(self) -> int:
        """No file of any type may be larger."""
        return max(self.most_bytes.values())


@dataclass(frozen=True, kw_only=True)
class Skill:
    """A success skill; ids are stable, names change."""

    skill_id: str
    name: str


def check_form(form: Form, *, student: Student | None, skills: tuple[Skill, ...]) -> Student:
    """Return the student for whom the upload is.

    Raises:
        UnknownStudentError, WithdrawnStudentError, UnknownSkillError: if it is for nobody or nothing.
    """
    if student is None:
        raise UnknownStudentError("there is no such student")
    if not student.enrolled:
        raise WithdrawnStudentError("the student is not enrolled any more")
    if all(skill.skill_id != form.skill_id for skill in skills):
        raise UnknownSkillError("the district has no such success skill")
    return student


def check_type(media_type: str, *, policy: UploadPolicy) -> int:
    """Return how many bytes a file of this type may have.

    Raises:
        TypeNotAllowedError: if the district does not take it.
    """
    if media_type not in policy.most_bytes:
        allowed = ", ".join(sorted(policy.most_bytes))
        raise TypeNotAllowedError(f"the content is {media_type}; the district takes {allowed}")
    return policy.most_bytes[media_type]


def check_room(*, used_bytes: int, size_bytes: int, policy: UploadPolicy) -> None:
    """Refuse what does not fit into the backpack any more.

    Raises:
        QuotaExceededError: if it does not.
    """
    if used_bytes + size_bytes > policy.quota_bytes:
        raise QuotaExceededError(f"the backpack holds at most {policy.quota_bytes} bytes")
