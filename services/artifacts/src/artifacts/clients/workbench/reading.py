"""What the workbench has about each school and person, one at a time."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import date
from typing import Any

from artifacts.domain.assembly import (
    Assignment,
    GuardianRecord,
    PersonRecord,
    SchoolRecord,
    StudentRecord,
    Tie,
    UserRow,
)
from artifacts.domain.people import Consent

_USERS = """
(SELECT json_group_array(json_array(u.sourcedId, u.line, u.givenName, u.familyName, u.email, u.sms, u.phone,
    u.grades, u.preferredGivenName, u.preferredFamilyName))
 FROM member m JOIN users u ON u.sourcedId = m.user WHERE m.kind = p.kind AND m.source = p.source)
"""
_ASSIGNMENTS = """
(SELECT json_group_array(json_array(r.user, r.role, r.org, r.is_primary))
 FROM member m JOIN current_role r ON r.user = m.user AND r.kind = m.kind
 WHERE m.kind = p.kind AND m.source = p.source AND r.at_school)
"""
_ROLES = """
(SELECT json_group_array(DISTINCT r.role)
 FROM member m JOIN current_role r ON r.user = m.user AND r.kind = m.kind
 WHERE m.kind = p.kind AND m.source = p.source)
"""
_PEOPLE = "FROM (SELECT DISTINCT kind, source FROM member WHERE kind = ?) p ORDER BY p.source"
_LANGUAGES = """
(SELECT json_group_array(l.homeLanguage)
 FROM member m JOIN supplement_languages l ON l.studentSourcedId = m.user
 WHERE m.kind = p.kind AND m.source = p.source)
"""
_GUARDIANS = "(SELECT json_group_array(t.guardian) FROM tie t WHERE t.student = p.source)"
_TEACHERS = "(SELECT json_group_array(t.teacher) FROM teaches t WHERE t.student = p.source)"
_TIES = """
(SELECT json_group_array(json_array(t.student, t.relation, t.may_be_told, t.language))
 FROM tie t JOIN settled s ON s.source = t.student WHERE t.guardian = p.source)
"""
_CONSENTS = """
(SELECT json_group_array(json_array(c.channel, c.granted, c.source, c.recordedOn))
 FROM member m JOIN supplement_consents c ON c.guardianSourcedId = m.user
 WHERE m.kind = p.kind AND m.source = p.source)
"""


def schools(db: sqlite3.Connection) -> Iterator[SchoolRecord]:
    """Yield the schools; departments and the district itself are none."""
    for sourced_id, name in db.execute("SELECT sourcedId, name FROM orgs WHERE type = 'school'"):
        yield SchoolRecord(source_id=sourced_id, name=name)


def staff(db: sqlite3.Connection) -> Iterator[PersonRecord]:
    """Yield everybody with a staff role."""
    query = f"SELECT p.source, {_USERS}, {_ASSIGNMENTS} {_PEOPLE}"
    for source, users, assignments in db.execute(query, ("staff",)):
        yield PersonRecord(source_id=source, users=_users(users), assignments=_assignments(assignments))


def students(db: sqlite3.Connection) -> Iterator[StudentRecord]:
    """Yield everybody with a student role."""
    query = f"SELECT p.source, {_USERS}, {_ASSIGNMENTS}, {_LANGUAGES}, {_GUARDIANS}, {_TEACHERS} {_PEOPLE}"
    for source, users, assignments, languages, guardians, teachers in db.execute(query, ("student",)):
        yield StudentRecord(
            source_id=source,
            users=_users(users),
            assignments=_assignments(assignments),
            home_languages=tuple(json.loads(languages)),
            guardians=tuple(json.loads(guardians)),
            teachers=tuple(json.loads(teachers)),
        )


def guardians(db: sqlite3.Connection) -> Iterator[GuardianRecord]:
    """Yield everybody with a guardian's role or tie; ties only to students that are settled."""
    query = f"SELECT p.source, {_USERS}, {_ROLES}, {_TIES}, {_CONSENTS} {_PEOPLE}"
    for source, users, roles, ties, consents in db.execute(query, ("guardian",)):
        yield GuardianRecord(
            source_id=source,
            users=_users(users),
            roles=tuple(sorted(json.loads(roles))),
            ties=tuple(_tie(*each) for each in json.loads(ties)),
            consents=tuple(_consent(*each) for each in json.loads(consents)),
        )


def _users(text: str) -> tuple[UserRow, ...]:
    return tuple(_user(*each) for each in sorted(json.loads(text)))


def _user(sourced_id: str, line: int, *cells: str) -> UserRow:
    given, family, email, sms, phone, grades, preferred_given, preferred_family = cells
    return UserRow(
        sourced_id=sourced_id,
        line=line,
        given_name=preferred_given or given,
        family_name=preferred_family or family,
        email=email,
        phone=sms or phone,
        grades=tuple(json.loads(grades or "[]")),
    )


def _assignments(text: str) -> tuple[Assignment, ...]:
    return tuple(
        Assignment(user=user, role=role, school=school, primary=bool(primary))
        for user, role, school, primary in json.loads(text)
    )


def _tie(student: str, relation: str, may_be_told: Any, language: str) -> Tie:
    told = None if may_be_told is None else bool(may_be_told)
    return Tie(student=student, relation=relation, may_be_told=told, language=language)


def _consent(channel: str, granted: str, source: str, recorded_on: str) -> Consent:
    return Consent(
        channel=channel,
        granted=granted == "true",
        source=source,
        recorded_on=date.fromisoformat(recorded_on),
    )
