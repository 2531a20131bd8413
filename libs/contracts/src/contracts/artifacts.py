"""Events of the artifacts service, which alone may change this file: the roster and the artifacts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from marshmallow import fields, validate

from contracts.base import Contract, EventSchema

#: Kindergarten to 12, without leading zeros.
GRADES = ("K", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12")

_ID = validate.Length(1, 200)
_GRADE = validate.OneOf(GRADES)
_LANGUAGE = validate.Regexp(r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")


@dataclass(frozen=True, kw_only=True)
class SchoolUpdated:
    """A school as the roster has it now.

    Attributes:
        time_zone: IANA name, such as `America/Kentucky/Louisville`.
        active: False once the school has left the roster.
    """

    school_id: str
    name: str
    time_zone: str
    active: bool


class SchoolUpdatedSchema(EventSchema[SchoolUpdated]):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = SchoolUpdated
    school_id = fields.String(required=True, validate=_ID)
    name = fields.String(required=True, validate=validate.Length(1, 300))
    time_zone = fields.String(required=True, validate=validate.Length(1, 100))
    active = fields.Boolean(required=True)


@dataclass(frozen=True, kw_only=True)
class StudentEnrolled:
    """A student as the roster has them now, enrolled in one school.

    Attributes:
        grade: one of GRADES.
        home_language: BCP 47 tag, None when the roster does not say.
        guardian_ids: every guardian on record, told or not; siblings are students who share one.
        teacher_ids: staff who teach the student now.
    """

    student_id: str
    school_id: str
    grade: str
    given_name: str
    family_name: str
    home_language: str | None
    guardian_ids: tuple[str, ...]
    teacher_ids: tuple[str, ...]


class StudentEnrolledSchema(EventSchema[StudentEnrolled]):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = StudentEnrolled
    student_id = fields.String(required=True, validate=_ID)
    school_id = fields.String(required=True, validate=_ID)
    grade = fields.String(required=True, validate=_GRADE)
    given_name = fields.String(required=True)
    family_name = fields.String(required=True)
    home_language = fields.String(required=True, allow_none=True, validate=_LANGUAGE)
    guardian_ids = fields.List(fields.String(validate=_ID), required=True)
    teacher_ids = fields.List(fields.String(validate=_ID), required=True)


@dataclass(frozen=True, kw_only=True)
class StudentWithdrawn:
    """A student is enrolled in no school of the district any more."""

    student_id: str
    school_id: str


class StudentWithdrawnSchema(EventSchema[StudentWithdrawn]):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = StudentWithdrawn
    student_id = fields.String(required=True, validate=_ID)
    school_id = fields.String(required=True, validate=_ID)


@dataclass(frozen=True, kw_only=True)
class Relation:
    """What one guardian is to one student.

    Attributes:
        kind: parent, guardian or relative, as the roster's role says.
        may_be_told: the guardian's right to hear about the student; False under a court order.
    """

    student_id: str
    kind: str
    may_be_told: bool


class RelationSchema(EventSchema[Relation]):
    """Wire form of a relation."""

    event = Relation
    student_id = fields.String(required=True, validate=_ID)
    kind = fields.String(required=True, validate=validate.OneOf(("parent", "guardian", "relative")))
    may_be_told = fields.Boolean(required=True)


@dataclass(frozen=True, kw_only=True)
class Consent:
    """Whether one channel may be used for one guardian.

    Attributes:
        channel: email or sms.
        source: who or what recorded it, such as `enrollment-form`.
        recorded_on: the day on which it was given or refused.
    """

    channel: str
    granted: bool
    source: str
    recorded_on: date


class ConsentSchema(EventSchema[Consent]):
    """Wire form of a consent."""

    event = Consent
    channel = fields.String(required=True, validate=validate.OneOf(("email", "sms")))
    granted = fields.Boolean(required=True)
    source = fields.String(required=True, validate=validate.Length(1, 100))
    recorded_on = fields.Date(required=True)


@dataclass(frozen=True, kw_only=True)
class GuardianUpdated:
    """A guardian as the roster has them now.

    Attributes:
        language: BCP 47 tag of the language in which they are told.
        email, phone: as the roster has them, not checked; None when it has none.
        active: False once the guardian has left the roster; they are told nothing more.
    """

    guardian_id: str
    given_name: str
    family_name: str
    language: str
    email: str | None
    phone: str | None
    relations: tuple[Relation, ...]
    consents: tuple[Consent, ...]
    active: bool


class GuardianUpdatedSchema(EventSchema[GuardianUpdated]):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = GuardianUpdated
    guardian_id = fields.String(required=True, validate=_ID)
    given_name = fields.String(required=True)
    family_name = fields.String(required=True)
    language = fields.String(required=True, validate=_LANGUAGE)
    email = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)
    relations = fields.List(fields.Nested(RelationSchema), required=True)
    consents = fields.List(fields.Nested(ConsentSchema), required=True)
    active = fields.Boolean(required=True)


@dataclass(frozen=True, kw_only=True)
class Post:
    """What one staff member is at one school; `role` is OneRoster's, such as `teacher`."""

    school_id: str
    role: str


class PostSchema(EventSchema[Post]):
    """Wire form of a post."""

    event = Post
    school_id = fields.String(required=True, validate=_ID)
    role = fields.String(required=True, validate=validate.Length(1, 100))


@dataclass(frozen=True, kw_only=True)
class StaffUpdated:
    """A staff member as the roster has them now; `active` is False once they have left it."""

    staff_id: str
    given_name: str
    family_name: str
    email: str | None
    posts: tuple[Post, ...]
    active: bool


class StaffUpdatedSchema(EventSchema[StaffUpdated]):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = StaffUpdated
    staff_id = fields.String(required=True, validate=_ID)
    given_name = fields.String(required=True)
    family_name = fields.String(required=True)
    email = fields.String(required=True, allow_none=True)
    posts = fields.List(fields.Nested(PostSchema), required=True)
    active = fields.Boolean(required=True)


@dataclass(frozen=True, kw_only=True)
class ArtifactUploaded:
    """A student's artifact is stored and can be read.

    Attributes:
        grade: the student's grade when it was uploaded.
        sha256: lower-case hex; the key of its bytes.
        media_type: sniffed from the content.
        assignment_id: what the artifact was made for; None if nobody has said.
    """

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
    assignment_id: str | None = None


class ArtifactUploadedSchema(EventSchema[ArtifactUploaded]):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = ArtifactUploaded
    unsaid = {"assignment_id": None}
    artifact_id = fields.String(required=True, validate=_ID)
    student_id = fields.String(required=True, validate=_ID)
    school_id = fields.String(required=True, validate=_ID)
    grade = fields.String(required=True, validate=_GRADE)
    skill_id = fields.String(required=True, validate=_ID)
    title = fields.String(required=True, validate=validate.Length(1, 300))
    reflection = fields.String(required=True)
    sha256 = fields.String(required=True, validate=validate.Regexp(r"^[0-9a-f]{64}$"))
    size_bytes = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    media_type = fields.String(required=True, validate=validate.Length(1, 200))
    uploaded_at = fields.AwareDateTime(required=True)
    assignment_id = fields.String(load_default=None, validate=_ID)


SCHOOL_UPDATED = Contract("artifacts", "school.updated", 1, SchoolUpdatedSchema)
STUDENT_ENROLLED = Contract("artifacts", "student.enrolled", 1, StudentEnrolledSchema)
STUDENT_WITHDRAWN = Contract("artifacts", "student.withdrawn", 1, StudentWithdrawnSchema)
GUARDIAN_UPDATED = Contract("artifacts", "guardian.updated", 1, GuardianUpdatedSchema)
STAFF_UPDATED = Contract("artifacts", "staff.updated", 1, StaffUpdatedSchema)
ARTIFACT_UPLOADED = Contract("artifacts", "artifact.uploaded", 1, ArtifactUploadedSchema)

CONTRACTS = (
    SCHOOL_UPDATED,
    STUDENT_ENROLLED,
    STUDENT_WITHDRAWN,
    GUARDIAN_UPDATED,
    STAFF_UPDATED,
    ARTIFACT_UPLOADED,
)
