"""One fact on its way to a family: it waits until the copies that it needs are here."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from notifications.domain.facts import Defense, newest


class TellingState(StrEnum):
    """How far a fact has come.

    WAITING lacks copies of the roster; STUCK has lacked them for longer than a district's patience, and
    those guardians who are known have been told; TOLD has its messages; NOBODY has a student without
    guardians on record, whom a person must tell; EXPIRED was overtaken by the day.
    """

    WAITING = "waiting"
    STUCK = "stuck"
    TOLD = "told"
    NOBODY = "nobody"
    EXPIRED = "expired"


class Missing(StrEnum):
    """Which copy is not here yet."""

    STUDENT = "student"
    SCHOOL = "school"
    GUARDIAN = "guardian"


@dataclass(frozen=True, kw_only=True)
class WaitingRules:
    """A district's rules about facts that lack copies, as policy data.

    Attributes:
        first_delay_s, longest_delay_s: the bounds of the doubling wait between looks.
        patience_s: after so long it is stuck, which somebody must see.
    """

    first_delay_s: float
    longest_delay_s: float
    patience_s: float


@dataclass(frozen=True, kw_only=True)
class Telling:
    """A fact with what is known about telling it.

    Attributes:
        since: when this revision was heard of.
        due_at: when to look again; None when there is nothing more to do.
        looks: how often copies were missing.
    """

    defense: Defense
    state: TellingState
    since: datetime
    due_at: datetime | None
    looks: int = 0
    missing: tuple[Missing, ...] = ()


def begin(known: Telling | None, told: Defense, *, now: datetime) -> Telling | None:
    """Return the telling of a fact that is news; None when it is older or the same."""
    if newest(known.defense if known else None, told) is None:
        return None
    return Telling(defense=told, state=TellingState.WAITING, since=now, due_at=now)


def wait(
    telling: Telling | None,
    about: Defense,
    missing: tuple[Missing, ...],
    *,
    now: datetime,
    rules: WaitingRules,
) -> Telling | None:
    """Return the telling with the time of its next look; None when a newer revision has come."""
    if telling is None or telling.defense != about:
        return None
    if now >= about.starts_at:
        return replace(telling, state=TellingState.EXPIRED, due_at=None, missing=missing)
    patient = (now - telling.since).total_seconds() < rules.patience_s
    delay_s = min(rules.longest_delay_s, rules.first_delay_s * 2.0 ** min(telling.looks, 32))
    return replace(
        telling,
        state=TellingState.WAITING if patient else TellingState.STUCK,
        due_at=now + timedelta(seconds=delay_s),
        looks=telling.looks + 1,
        missing=missing,
    )


def finish(telling: Telling | None, about: Defense, *, anybody: bool) -> Telling | None:
    """Return the telling as done; None when a newer revision has come.

    Args:
        telling: as it is now.
        about: the revision of the messages that were made.
        anybody: whether the student has a guardian on record.
    """
    if telling is None or telling.defense != about:
        return None
    state = TellingState.TOLD if anybody else TellingState.NOBODY
    return replace(telling, state=state, due_at=None, missing=())
