"""One fact on its way to a family: it waits until what it needs is here."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from notifications.domain.facts import Fact, newest


class TellingState(StrEnum):
    """How far a fact has come.

    WAITING lacks copies of the roster or the end of older messages; STUCK has lacked them for longer than a
    district's patience, and those guardians who are known have been told; TOLD has its messages, and is due
    again for a reminder; NOBODY has a student without guardians on record, whom a person must tell; EXPIRED
    was overtaken by the day.
    """

    WAITING = "waiting"
    STUCK = "stuck"
    TOLD = "told"
    NOBODY = "nobody"
    EXPIRED = "expired"


#: These are still to be told.
_UNTOLD = frozenset({TellingState.WAITING, TellingState.STUCK})


class Missing(StrEnum):
    """What is not here yet: a copy, or the answer whether a message of an older revision was taken."""

    STUDENT = "student"
    SCHOOL = "school"
    GUARDIAN = "guardian"
    ANSWER = "answer"


@dataclass(frozen=True, kw_only=True)
class WaitingRules:
    """A district's rules about facts that wait, as policy data.

    Attributes:
        first_delay_s, longest_delay_s: the bounds of the doubling wait between looks.
        patience_s: after so long it is stuck, which somebody must see.
        settle_s: how long a change waits for being changed again before families hear of it.
    """

    first_delay_s: float
    longest_delay_s: float
    patience_s: float
    settle_s: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Telling:
    """A fact with what is known about telling it.

    Attributes:
        since: from when on this revision was to be told.
        due_at: when to look again, or to remind of it; None when there is nothing more to do.
        looks: how often something was missing.
    """

    fact: Fact
    state: TellingState
    since: datetime
    due_at: datetime | None
    looks: int = 0
    missing: tuple[Missing, ...] = ()

    @property
    def fact_id(self) -> str:
        """The fact's own id."""
        return self.fact.fact_id

    @property
    def is_to_be_told(self) -> bool:
        """Whether its messages are still to be made, now or later."""
        return self.state in _UNTOLD


def begin(known: Telling | None, told: Fact, *, now: datetime, settle_s: float = 0.0) -> Telling | None:
    """Return the telling of a fact that is news; None when it is older or the same.

    Args:
        known: as it is now.
        told: the fact.
        now: the time.
        settle_s: what follows another revision waits so long: the next one may take it back.
    """
    if newest(known.fact if known else None, told) is None:
        return None
    due_at = now + timedelta(seconds=settle_s) if known else now
    return Telling(fact=told, state=TellingState.WAITING, since=due_at, due_at=due_at)


def look_again(telling: Telling | None, *, since: int, now: datetime) -> Telling | None:
    """Return the telling as due, because what it was decided by has changed; None if that is too old.

    Args:
        telling: as it is now.
        since: the revision up to which the change makes no difference.
        now: the time.
    """
    if telling is None or telling.fact.revision <= since:
        return None
    if telling.is_to_be_told:
        # Its patience goes on.
        return replace(telling, due_at=now)
    return replace(telling, state=TellingState.WAITING, since=now, due_at=now, looks=0)


def wait(
    telling: Telling | None,
    seen: Telling,
    missing: tuple[Missing, ...],
    *,
    now: datetime,
    rules: WaitingRules,
) -> Telling | None:
    """Return the telling with the time of its next look; None when it is not as this round saw it."""
    if telling is None or telling != seen:
        return None
    if now >= telling.fact.deadline:
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


def finish(
    telling: Telling | None, seen: Telling, *, anybody: bool, remind_at: datetime | None = None
) -> Telling | None:
    """Return the telling as done; None when it is not as this round saw it.

    Args:
        telling: as it is now.
        seen: as it was when its messages were made.
        anybody: whether the student has a guardian on record.
        remind_at: when they are first reminded of it; None if they are not.
    """
    if telling is None or telling != seen:
        return None
    state = TellingState.TOLD if anybody else TellingState.NOBODY
    return replace(telling, state=state, due_at=remind_at if anybody else None, missing=())


def remind(telling: Telling | None, seen: Telling, *, next_at: datetime | None) -> Telling | None:
    """Return the telling as reminded of; None when it is not as this round saw it.

    Args:
        telling: as it is now.
        seen: as it was when its reminders were made.
        next_at: when they are reminded of it again; None if they are not.
    """
    return replace(telling, due_at=next_at) if telling is not None and telling == seen else None
