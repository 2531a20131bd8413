"""Who is who: one person for all rows that are theirs, their current roles, their ties and their teachers."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date

from artifacts.domain.oneroster import GUARDIAN_ROLES, STAFF_ROLES, STUDENT_ROLES, USERS
from artifacts.domain.problems import LeftOut, Problem

# CROSS JOIN is SQLite's way to say in which order to join: it guesses wrong where a table has no statistics.
_CURRENT = "({0}.beginDate = '' OR {0}.beginDate <= :today) AND ({0}.endDate = '' OR {0}.endDate >= :today)"


def _words(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


_ROLES = f"""
CREATE TABLE current_role AS
SELECT r.userSourcedId AS user, r.role, r.roleType = 'primary' AS is_primary, r.orgSourcedId AS org,
    o.type = 'school' AS at_school,
    CASE WHEN r.role IN ({_words(STUDENT_ROLES)}) THEN 'student'
        WHEN r.role IN ({_words(GUARDIAN_ROLES)}) THEN 'guardian'
        WHEN r.role IN ({_words(STAFF_ROLES)}) THEN 'staff' END AS kind
FROM roles r JOIN users u ON u.sourcedId = r.userSourcedId JOIN orgs o ON o.sourcedId = r.orgSourcedId
WHERE {_CURRENT.format("r")};
CREATE INDEX current_role_user ON current_role (user, kind);
"""  # noqa: S608 - constants

# An agent who is staff and nothing else is a mentor and hears of the student at work.
_MEMBERS = """
CREATE TABLE member (kind TEXT, user TEXT, source TEXT, PRIMARY KEY (kind, user)) WITHOUT ROWID;
INSERT INTO member SELECT DISTINCT kind, user, user FROM current_role WHERE kind IS NOT NULL;
INSERT OR IGNORE INTO member
SELECT 'guardian', g.guardianSourcedId, g.guardianSourcedId
FROM supplement_guardians g JOIN users u ON u.sourcedId = g.guardianSourcedId;
INSERT OR IGNORE INTO member
SELECT 'guardian', a.sourcedId, a.sourcedId
FROM member s CROSS JOIN users u ON u.sourcedId = s.user
    CROSS JOIN json_each(nullif(u.agentSourcedIds, '')) e CROSS JOIN users a ON a.sourcedId = e.value
WHERE s.kind = 'student' AND NOT EXISTS (SELECT 1 FROM current_role r WHERE r.user = a.sourcedId);
"""

_KEYS = """
CREATE TABLE identity (kind TEXT, key TEXT, given TEXT, user TEXT);
INSERT INTO identity
SELECT m.kind, 'master ' || u.userMasterIdentifier, '', m.user
FROM member m JOIN users u ON u.sourcedId = m.user WHERE u.userMasterIdentifier <> '';
INSERT INTO identity
SELECT m.kind, 'identifier ' || u.identifier, folded(u.givenName), m.user
FROM member m JOIN users u ON u.sourcedId = m.user WHERE u.identifier <> '';
INSERT INTO identity
SELECT m.kind, 'id ' || e.value, folded(u.givenName), m.user
FROM member m CROSS JOIN users u ON u.sourcedId = m.user CROSS JOIN json_each(nullif(u.userIds, '')) e;
CREATE INDEX identity_key ON identity (kind, key, given, user);
CREATE TABLE shared AS
SELECT i.kind, i.key, i.given, i.user FROM identity i
JOIN (SELECT kind, key, given FROM identity GROUP BY kind, key, given HAVING count(*) BETWEEN 2 AND :most) s
ON s.kind = i.kind AND s.key = i.key AND s.given = i.given;
CREATE INDEX shared_key ON shared (kind, key, given, user);
CREATE INDEX shared_user ON shared (kind, user);
"""

#: One round of spreading the smallest sourcedId over everybody who shares a key.
_SPREAD = """
UPDATE member SET source = low.source FROM (
    SELECT a.kind, a.user, min(m.source) AS source
    FROM shared a JOIN shared b ON b.kind = a.kind AND b.key = a.key AND b.given = a.given
    JOIN member m ON m.kind = b.kind AND m.user = b.user
    GROUP BY a.kind, a.user
) AS low WHERE member.kind = low.kind AND member.user = low.user AND low.source < member.source
"""

# A person keeps the id under which they were first known, also when that row has gone, unless the row is now
# another person's. Two halves of a person who was one by mistake cannot both keep it: the first does.
_REMEMBER = """
CREATE TABLE claim AS
SELECT m.kind, m.source AS person, min(p.source) AS source
FROM member m JOIN person p ON p.kind = m.kind AND p.user = m.user
LEFT JOIN member o ON o.kind = p.kind AND o.user = p.source
WHERE o.user IS NULL OR o.source = m.source GROUP BY m.kind, m.source;
CREATE INDEX claim_source ON claim (kind, source, person);
DELETE FROM claim WHERE EXISTS (
    SELECT 1 FROM claim c WHERE c.kind = claim.kind AND c.source = claim.source AND c.person < claim.person);
CREATE INDEX claim_person ON claim (kind, person);
UPDATE member SET source = claim.source FROM claim
WHERE claim.kind = member.kind AND claim.person = member.source AND claim.source <> member.source;
INSERT OR REPLACE INTO person SELECT kind, user, source FROM member;
CREATE INDEX member_source ON member (kind, source);
"""

_TIES = """
CREATE TABLE tie (guardian TEXT, student TEXT, relation TEXT, may_be_told INTEGER, language TEXT,
    PRIMARY KEY (guardian, student)) WITHOUT ROWID;
INSERT INTO tie
SELECT g.source, s.source, max(t.relation), min(t.mayBeTold = 'true'), max(t.language)
FROM supplement_guardians t
CROSS JOIN member g ON g.kind = 'guardian' AND g.user = t.guardianSourcedId
CROSS JOIN member s ON s.kind = 'student' AND s.user = t.studentSourcedId
GROUP BY g.source, s.source;
INSERT OR IGNORE INTO tie
SELECT g.source, s.source, '', NULL, ''
FROM member s CROSS JOIN users u ON u.sourcedId = s.user
    CROSS JOIN json_each(nullif(u.agentSourcedIds, '')) e
    CROSS JOIN member g ON g.kind = 'guardian' AND g.user = e.value
WHERE s.kind = 'student';
CREATE INDEX tie_student ON tie (student, guardian);
"""

_TEACHERS = f"""
CREATE TABLE class_teacher AS
SELECT DISTINCT e.classSourcedId AS class, m.source AS teacher
FROM enrollments e JOIN classes c ON c.sourcedId = e.classSourcedId
JOIN member m ON m.kind = 'staff' AND m.user = e.userSourcedId
WHERE e.role = 'teacher' AND {_CURRENT.format("e")};
CREATE INDEX class_teacher_class ON class_teacher (class, teacher);
CREATE TABLE teaches (student TEXT, teacher TEXT, PRIMARY KEY (student, teacher)) WITHOUT ROWID;
INSERT OR IGNORE INTO teaches
SELECT m.source, t.teacher
FROM enrollments e CROSS JOIN member m ON m.kind = 'student' AND m.user = e.userSourcedId
CROSS JOIN class_teacher t ON t.class = e.classSourcedId
WHERE e.role = 'student' AND {_CURRENT.format("e")};
"""  # noqa: S608 - constants

_RESULTS = """
CREATE TABLE settled (source TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE leaving (kind TEXT, id TEXT);
CREATE INDEX consent_guardian ON supplement_consents (guardianSourcedId);
"""

_TOO_COMMON = """
SELECT i.kind, count(*), min(u.line), min(u.sourcedId), i.key
FROM identity i JOIN users u ON u.sourcedId = i.user
GROUP BY i.kind, i.key, i.given HAVING count(*) > :most
"""
_TWO_NAMES = """
SELECT i.kind, count(DISTINCT i.given), max(u.line), max(u.sourcedId), i.key
FROM identity i JOIN users u ON u.sourcedId = i.user
GROUP BY i.kind, i.key HAVING count(DISTINCT i.given) > 1
"""
_COLUMNS = {"master": "userMasterIdentifier", "identifier": "identifier", "id": "userIds"}


def link(db: sqlite3.Connection, *, today: date, most_rows: int) -> Iterator[Problem]:
    """Work out who is who today; yield what keeps people apart who may be one."""
    values = {"today": today.isoformat(), "most": most_rows}
    for script in (_ROLES, _MEMBERS, _KEYS):
        _run(db, script, values)
    while db.execute(_SPREAD).rowcount > 0:
        pass
    yield from _doubts(db, _TOO_COMMON, values, "is the same for {} rows, so that it recognises nobody")
    yield from _doubts(
        db, _TWO_NAMES, values, "is also that of a row with another given name; they stay apart"
    )
    for script in (_REMEMBER, _TIES, _TEACHERS, _RESULTS):
        _run(db, script, values)


def _run(db: sqlite3.Connection, script: str, values: dict[str, object]) -> None:
    # executescript takes no values.
    for statement in filter(str.strip, script.split(";\n")):
        wanted = {name: value for name, value in values.items() if f":{name}" in statement}
        db.execute(statement, wanted)


def _doubts(db: sqlite3.Connection, query: str, values: dict[str, object], reason: str) -> Iterator[Problem]:
    wanted = {name: value for name, value in values.items() if f":{name}" in query}
    for _, count, line, sourced_id, key in db.execute(query, wanted):
        yield Problem(
            file=USERS.name,
            line=line or None,
            column=_COLUMNS[key.partition(" ")[0]],
            reason=reason.format(count),
            left_out=LeftOut.VALUE,
            sourced_id=sourced_id,
        )
