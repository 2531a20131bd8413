"""The people and places of a generated district, before any file format."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

GRADES = ("K", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12")
#: The grades in which students defend.
TRANSITION_GRADES = ("5", "8", "12")


@dataclass(frozen=True, kw_only=True)
class School:
    """A school and the grades that it teaches."""

    sourced_id: str
    name: str
    grades: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How large a district is; everything else follows from the shape and a seed.

    Attributes:
        school_year: the calendar year in which it ends.
        sections: homerooms per grade and school.
        teachers: per school, at least 2.
        with_bad_rows: whether the roster also holds a few rows that an import must refuse.
    """

    district: str
    school_year: int
    schools: tuple[School, ...]
    students: int
    sections: int
    teachers: int
    with_bad_rows: bool

    @cached_property
    def schools_by_grade(self) -> dict[str, list[School]]:
        """The schools that teach each grade of the district, lowest grade first."""
        taught = {grade: [each for each in self.schools if grade in each.grades] for grade in GRADES}
        return {grade: schools for grade, schools in taught.items() if schools}


@dataclass(frozen=True, kw_only=True)
class Staff:
    """Somebody who works at one school or more.

    Attributes:
        identifier: the person; a second school is a second row with another sourcedId, as Ed-Fi exports it.
        role: a OneRoster role.
        schools: the first is the primary one.
    """

    sourced_id: str
    identifier: str
    given_name: str
    family_name: str
    role: str
    schools: tuple[School, ...]


@dataclass(frozen=True, kw_only=True)
class SchoolClass:
    """A homeroom or a scheduled class; homeroom sections count from 0, the scheduled class comes next."""

    sourced_id: str
    title: str
    kind: str
    grade: str
    school: School
    teacher_sourced_id: str


def class_id(school: School, grade: str, section: int) -> str:
    """Return the sourcedId of a class."""
    return f"cls-{school.sourced_id[4:]}-{grade}-{section}"


@dataclass(frozen=True, kw_only=True)
class Consent:
    """What a guardian said about one channel."""

    channel: str
    granted: bool


@dataclass(frozen=True, kw_only=True)
class Guardian:
    """An adult of a household.

    Attributes:
        kind: parent, guardian or relative.
        language: BCP 47 tag.
        email, phone: as the roster has them; empty or unusable for some.
        reachable: the channels by which a message can arrive: consented, and with a usable address.
    """

    sourced_id: str
    given_name: str
    family_name: str
    kind: str
    language: str
    email: str
    phone: str
    consents: tuple[Consent, ...]
    reachable: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Student:
    """A student, with the sourcedIds of the guardians who may hear about them and of those who may not.

    Attributes:
        identifier: the person; joins the rows of a student whom two schools have on their books.
        second_school: the other school, for the few who have one; there they take `second_class_id`.
        told: guardians who may be told.
        untold: guardians who may not.
        class_ids: sourcedIds of the classes at the first school.
    """

    sourced_id: str
    identifier: str
    given_name: str
    family_name: str
    grade: str
    home_language: str
    school: School
    second_school: School | None
    second_class_id: str | None
    told: tuple[str, ...]
    untold: tuple[str, ...]
    class_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Household:
    """Guardians and the students who share them."""

    number: int
    guardians: tuple[Guardian, ...]
    students: tuple[Student, ...]
