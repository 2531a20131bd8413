"""A scorer's desk: the conflicts that they declared, and the leases that they let expire."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from scoring.domain.tasks.rules import LeaseRule


@dataclass(frozen=True, kw_only=True)
class Expiry:
    """A lease that ended without a read."""

    lease_id: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What is known of one scorer besides the roster.

    Attributes:
        students, schools: declared conflicts.
        suspended_at: from when they get nothing to read; None while they do.
    """

    scorer_id: str
    students: frozenset[str] = frozenset()
    schools: frozenset[str] = frozenset()
    expiries: tuple[Expiry, ...] = ()
    suspended_at: datetime | None = None


class SuspendedError(PermissionError):
    """The scorer gets nothing to read until a coordinator has spoken to them."""


def declare(desk: Desk, *, students: frozenset[str], schools: frozenset[str]) -> Desk:
    """Add conflicts; none is ever taken back by its declarer."""
    return replace(desk, students=desk.students | students, schools=desk.schools | schools)


def note_expiry(desk: Desk, lease_id: str, *, at: datetime, rule: LeaseRule) -> Desk:
    """Note an expired lease, once; too many within the window suspend."""
    if any(each.lease_id == lease_id for each in desk.expiries):
        return desk
    recent = [each for each in desk.expiries if at - each.at < rule.window]
    expiries = (*recent, Expiry(lease_id=lease_id, at=at))
    full = len(expiries) >= rule.expiries and desk.suspended_at is None
    return replace(desk, expiries=expiries, suspended_at=at if full else desk.suspended_at)


def reinstate(desk: Desk) -> Desk:
    """Let a scorer read again, with a clean slate."""
    return replace(desk, expiries=(), suspended_at=None)
