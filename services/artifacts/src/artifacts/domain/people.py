"""The schools and people of a district as other services see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

#: Kindergarten to 12; students outside it have no backpack.
GRADES = ("K", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12")


class Kind(StrEnum):
    """What a roster makes somebody; one person may be staff and guardian, and is then two of these."""

    SCHOOL = "school"
    STAFF = "staff"
    GUARDIAN = "guardian"
    STUDENT = "student"


@dataclass(frozen=True, kw_only=True)
class School:
    """A school.

    Attributes:
        source_id: the roster's sourcedId.
        time_zone: IANA name.
        active: False once it has left the roster.
    """

    school_id: str
    source_id: str
    name: str
    time_zone: str
    active: bool = True


@dataclass(frozen=True, kw_only=True)
class Student:
    """A student.

    Attributes:
        source_id: the sourcedId by which the person was first known; another school's row has its own.
        grade: one of GRADES.
        home_language: BCP 47 tag, None if nobody has said.
        guardian_ids, teacher_ids: sorted.
        enrolled: False once no school of the district has them.
    """

    student_id: str
    source_id: str
    school_id: str
    grade: str
    given_name: str
    family_name: str
    home_language: str | None
    guardian_ids: tuple[str, ...]
    teacher_ids: tuple[str, ...]
    enrolled: bool = True


@dataclass(frozen=True, kw_only=True)
class Relation:
    """What a guardian is to a student; `kind` is parent, guardian or relative."""

    student_id: str
    kind: str
    may_be_told: bool


@dataclass(frozen=True, kw_only=True)
class Consent:
    """Whether email or sms may be used for a guardian, who recorded it, and when."""

    channel: str
    granted: bool
    source: str
    recorded_on: date


@dataclass(frozen=True, kw_only=True)
class Guardian:
    """An adult of a family; `active` is False once they have left the roster."""

    guardian_id: str
    source_id: str
    given_name: str
    family_name: str
    language: str
    email: str | None
    phone: str | None
    relations: tuple[Relation, ...]
    consents: tuple[Consent, ...]
    active: bool = True


@dataclass(frozen=True, kw_only=True, order=True)
class Post:
    """What somebody is at one school, in OneRoster's words."""

    school_id: str
    role: str


@dataclass(frozen=True, kw_only=True)
class Staff:
    """Somebody who works at schools of the district; `active` is False once they have left the roster."""

    staff_id: str
    source_id: str
    given_name: str
    family_name: str
    email: str | None
    posts: tuple[Post, ...]
    active: bool = True


@dataclass(frozen=True, kw_only=True)
class DistrictPolicy:
    """How a district reads its roster.

    Attributes:
        time_zone: IANA name, of every school that is not in `school_time_zones`.
        school_time_zones: by the school's sourcedId.
        language: BCP 47 tag for guardians of whom nobody has said.
        agents_may_be_told: whether a OneRoster agent link alone gives the right to hear about the student.
        most_leaving_share: of the enrolled students, how many may leave in one import, 0 to 1.
        always_may_leave: so many students may leave whatever their share.
        most_rows_of_a_person: an identifier that more rows share recognises nobody.
        most_bundle_bytes: unpacked.
    """

    time_zone: str
    school_time_zones: dict[str, str]
    language: str
    agents_may_be_told: bool
    most_leaving_share: float
    always_may_leave: int
    most_rows_of_a_person: int
    most_bundle_bytes: int
