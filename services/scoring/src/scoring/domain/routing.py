"""Routing: who may read an artifact, and which of them does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b


@dataclass(frozen=True, kw_only=True)
class Post:
    """What somebody is at one school."""

    school_id: str
    role: str


@dataclass(frozen=True, kw_only=True)
class Scorer:
    """A staff member as the roster has them now; `active` is False once they have left."""

    staff_id: str
    posts: tuple[Post, ...]
    active: bool


@dataclass(frozen=True, kw_only=True)
class Student:
    """What routing needs to know of a student; `enrolled` is False once no school has them."""

    student_id: str
    school_id: str
    teacher_ids: frozenset[str]
    enrolled: bool


def choose_scorer(
    artifact_id: str,
    student: Student,
    staff: Iterable[Scorer],
    *,
    roles: Iterable[str],
    away_from: Iterable[str] = (),
) -> str | None:
    """Return who reads an artifact: random among those who may, yet always the same one.

    Each candidate's weight is a hash of artifact and candidate, and the heaviest reads. So nobody can steer
    who reads what, no process has to ask another, and a candidate who leaves changes no other choice.

    Args:
        artifact_id: what is to be read.
        student: whose it is; neither their school's staff nor their teachers may read it.
        staff: everybody in question.
        roles: the roles that read, by district policy.
        away_from: further schools whose staff may not read, such as where the artifact was made.

    Returns:
        The staff id, or None if nobody may; nobody reads for a student who has left, until they come back.

    Source: Thaler and Ravishankar (1998), IEEE/ACM Transactions on Networking 6(1), pp. 1-14.
    """
    if not student.enrolled:
        return None
    allowed = frozenset(roles)
    schools = frozenset((student.school_id, *away_from))
    candidates = (each.staff_id for each in staff if _may_read(each, student, allowed, schools))
    return max(candidates, key=lambda staff_id: _weight(artifact_id, staff_id), default=None)


def _may_read(each: Scorer, student: Student, roles: frozenset[str], schools: frozenset[str]) -> bool:
    return (
        each.active
        and any(post.role in roles for post in each.posts)
        and not any(post.school_id in schools for post in each.posts)
        and each.staff_id not in student.teacher_ids
    )


def _weight(artifact_id: str, staff_id: str) -> bytes:
    return blake2b(f"{artifact_id}\x1f{staff_id}".encode(), digest_size=16).digest()
