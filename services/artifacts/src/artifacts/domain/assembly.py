"""Make schools and people of what the files of a roster say about them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from artifacts.domain.oneroster import GUARDIAN_ROLES, USERS
from artifacts.domain.people import (
    GRADES,
    Consent,
    DistrictPolicy,
    Guardian,
    Kind,
    Post,
    Relation,
    School,
    Staff,
    Student,
)
from artifacts.domain.problems import LeftOut, Problem, RosterShrinksError

#: Kind and sourcedId to the id that all services use.
Naming = Callable[[Kind, str], str]


@dataclass(frozen=True, kw_only=True)
class UserRow:
    """One row of users.csv; a person has one per school in rosters that Ed-Fi exports.

    Attributes:
        line: where it is in this bundle; 0 if an earlier bundle brought it.
        grades: as `cells.grades` writes them.
    """

    sourced_id: str
    line: int
    given_name: str
    family_name: str
    email: str = ""
    phone: str = ""
    grades: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """A current role at a school; `user` is the row of users.csv that has it."""

    user: str
    role: str
    school: str
    primary: bool = True


@dataclass(frozen=True, kw_only=True)
class Tie:
    """What the supplement says about a guardian and a student; `may_be_told` is None if it says nothing."""

    student: str
    relation: str
    may_be_told: bool | None
    language: str = ""


@dataclass(frozen=True, kw_only=True)
class SchoolRecord:
    """What the roster says about a school."""

    source_id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class PersonRecord:
    """What the roster says about a person; `users` is not empty and sorted by sourcedId."""

    source_id: str
    users: tuple[UserRow, ...]
    assignments: tuple[Assignment, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StudentRecord(PersonRecord):
    """What it says about a student; guardians and teachers by source id."""

    home_languages: tuple[str, ...] = ()
    guardians: tuple[str, ...] = ()
    teachers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class GuardianRecord(PersonRecord):
    """What it says about a guardian; `roles` are their own, of GUARDIAN_ROLES."""

    roles: tuple[str, ...] = ()
    ties: tuple[Tie, ...] = ()
    consents: tuple[Consent, ...] = ()


def school(record: SchoolRecord, *, naming: Naming, policy: DistrictPolicy) -> School:
    """Return the school."""
    return School(
        school_id=naming(Kind.SCHOOL, record.source_id),
        source_id=record.source_id,
        name=record.name,
        time_zone=policy.school_time_zones.get(record.source_id, policy.time_zone),
    )


def staff(record: PersonRecord, *, naming: Naming) -> Staff:
    """Return the staff member with all posts that their rows give them."""
    first = record.users[0]
    posts = {Post(school_id=naming(Kind.SCHOOL, each.school), role=each.role) for each in record.assignments}
    return Staff(
        staff_id=naming(Kind.STAFF, record.source_id),
        source_id=record.source_id,
        given_name=first.given_name,
        family_name=first.family_name,
        email=_first(user.email for user in record.users),
        posts=tuple(sorted(posts)),
    )


def guardian(record: GuardianRecord, *, naming: Naming, policy: DistrictPolicy) -> Guardian:
    """Return the guardian; of two consents of one day for one channel the refusal counts."""
    first = record.users[0]
    own = _first(role for role in record.roles if role in GUARDIAN_ROLES) or "guardian"
    return Guardian(
        guardian_id=naming(Kind.GUARDIAN, record.source_id),
        source_id=record.source_id,
        given_name=first.given_name,
        family_name=first.family_name,
        language=_first(tie.language for tie in record.ties) or policy.language,
        email=_first(user.email for user in record.users),
        phone=_first(user.phone for user in record.users),
        relations=tuple(
            Relation(
                student_id=naming(Kind.STUDENT, tie.student),
                kind=tie.relation or own,
                may_be_told=policy.agents_may_be_told if tie.may_be_told is None else tie.may_be_told,
            )
            for tie in sorted(record.ties, key=lambda tie: tie.student)
        ),
        consents=_latest(record.consents),
    )


def student(record: StudentRecord, *, naming: Naming) -> Student | Problem | None:
    """Return the student, or what the roster must say before we can; None if they are in no grade of ours."""
    home = min(record.assignments, key=lambda each: (not each.primary, each.school), default=None)
    if home is None:
        return _unusable(record.users[0], None, "the student has no current role at a school")
    at_home = sorted(record.users, key=lambda user: user.sourced_id != home.user)
    codes = [code for user in at_home for code in user.grades]
    if not codes:
        return _unusable(at_home[0], "grades", "a student's grade is missing")
    grade = _first(code for code in codes if code in GRADES)
    if grade is None:
        return None
    return Student(
        student_id=naming(Kind.STUDENT, record.source_id),
        source_id=record.source_id,
        school_id=naming(Kind.SCHOOL, home.school),
        grade=grade,
        given_name=at_home[0].given_name,
        family_name=at_home[0].family_name,
        home_language=_first(record.home_languages),
        guardian_ids=tuple(sorted(naming(Kind.GUARDIAN, each) for each in record.guardians)),
        teacher_ids=tuple(sorted(naming(Kind.STAFF, each) for each in record.teachers)),
    )


def check_leaving(*, leaving: int, known: int, policy: DistrictPolicy) -> None:
    """Refuse a roster without which too many students would be left.

    Raises:
        RosterShrinksError: if more leave than the district lets leave at once.
    """
    if leaving > max(policy.always_may_leave, policy.most_leaving_share * known):
        raise RosterShrinksError("students", leaving=leaving, known=known)


def _unusable(user: UserRow, column: str | None, reason: str) -> Problem:
    return Problem(
        file=USERS.name,
        line=user.line or None,
        column=column,
        reason=reason,
        left_out=LeftOut.PERSON,
        sourced_id=user.sourced_id,
    )


def _latest(consents: Iterable[Consent]) -> tuple[Consent, ...]:
    latest: dict[str, Consent] = {}
    for consent in sorted(consents, key=lambda each: (each.recorded_on, not each.granted, each.source)):
        latest[consent.channel] = consent
    return tuple(latest[channel] for channel in sorted(latest))


def _first(words: Iterable[str]) -> str | None:
    return next((word for word in words if word), None)
