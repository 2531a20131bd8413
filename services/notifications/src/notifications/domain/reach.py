"""Whether a family has been reached by a fact: watched until it has, and listed for the school if not."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from notifications.domain.facts import Fact
from notifications.domain.messages import State
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel


class ReachState(StrEnum):
    """How far it is.

    WATCHED has messages under way; UNREACHED is on the work-list, and leaves it by itself when a message
    arrives; TOLD_BY_HAND was told by a person; LAPSED had heard nothing when the day came; MOOT needs not
    hear of it.
    """

    WATCHED = "watched"
    UNREACHED = "unreached"
    REACHED = "reached"
    TOLD_BY_HAND = "told_by_hand"
    LAPSED = "lapsed"
    MOOT = "moot"


#: A person may say of these that the family has been told.
_CAN_BE_TOLD_BY_HAND = frozenset({ReachState.UNREACHED, ReachState.LAPSED})
#: What becomes of messages is looked at again for these.
_STILL_LOOKED_AT = frozenset({ReachState.WATCHED, ReachState.UNREACHED, ReachState.REACHED})


class ToldHow(StrEnum):
    """How a person has told a family."""

    CALLED = "called"
    IN_PERSON = "in_person"
    BY_LETTER = "by_letter"
    OTHERWISE = "otherwise"


class NotOnListError(ValueError):
    """The family is not on the work-list: it was reached, or a person has told it already."""


@dataclass(frozen=True, kw_only=True)
class ReachRules:
    """A district's rules about reaching families, as policy data.

    Attributes:
        confirmed_by: by channel, the state that proves that a message arrived; SENT where none says more.
        in_reserve: channels that are used when no other one reaches a guardian.
        useful_s: another channel is not begun later than so long before the deadline.
        receipt_patience_s: after so long without a receipt a text is unconfirmed.
        listed_before_s: who is not reached so long before the deadline is listed, whatever is under way.
        grace_s: but no sooner than so long after telling them began.
        first_look_s, longest_look_s: the bounds of the doubling wait between looks.
        listed_look_s: how often those on the list are looked at: a contact may have come.
    """

    confirmed_by: Mapping[Channel, State]
    in_reserve: Collection[Channel]
    useful_s: float
    receipt_patience_s: float
    listed_before_s: float
    grace_s: float
    first_look_s: float
    longest_look_s: float
    listed_look_s: float


@dataclass(frozen=True, kw_only=True)
class Obstacle:
    """Why one guardian was not reached on one channel; None where it is nobody's in particular."""

    guardian_id: str | None = None
    channel: Channel | None = None
    reason: Reason


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What the messages of a fact amount to.

    Attributes:
        reached: whether one has arrived with somebody of the family.
        under_way: whether one may yet arrive by itself.
        moot: whether there is nothing to tell the family.
        obstacles: why those who may be told have not been reached.
    """

    reached: bool = False
    under_way: bool = False
    moot: bool = False
    obstacles: tuple[Obstacle, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Whether one student's family has been reached by one fact.

    Attributes:
        fact_id, revision: what they are to hear.
        since: when telling them began.
        due_at: when to look again; None when nothing is to be expected.
        looks: how often it was looked at.
        listed_at, announced_at: when it came on the list, and when others were told that the day is near.
        closed_at: when the family was reached or told.
        closed_by, told_how, note: who has told it by hand, how, and in what words.
        heard_by_hand: whether a person told them of an older revision, of which no message knows.
    """

    fact_id: str
    revision: int
    student_id: str
    school_id: str
    deadline: datetime
    since: datetime
    state: ReachState
    due_at: datetime | None
    looks: int = 0
    obstacles: tuple[Obstacle, ...] = ()
    listed_at: datetime | None = None
    announced_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by: str = ""
    told_how: ToldHow | None = None
    note: str = ""
    heard_by_hand: bool = False

    def near_at(self, rules: ReachRules) -> datetime:
        """Return when the day is near: as policy says, but for what is told at short notice."""
        asked = self.deadline - timedelta(seconds=rules.listed_before_s)
        at = max(asked, self.since + timedelta(seconds=rules.grace_s))
        return at if at < self.deadline else self.since + (self.deadline - self.since) / 2


def watch(known: Reach | None, fact: Fact, *, now: datetime, rules: ReachRules) -> Reach | None:
    """Return the watch over a fact; None if it is watched already, or its day has passed."""
    if (known is not None and known.revision >= fact.revision) or now >= fact.deadline:
        return None
    begun = Reach(
        fact_id=fact.fact_id,
        revision=fact.revision,
        student_id=fact.student_id,
        school_id=fact.school_id,
        deadline=fact.deadline,
        since=now,
        state=ReachState.WATCHED,
        due_at=None,
        heard_by_hand=known is not None and (known.heard_by_hand or known.state is ReachState.TOLD_BY_HAND),
    )
    return replace(begun, due_at=_next(begun, now, rules.first_look_s, rules))


def look(reach: Reach, seen: Outlook, *, now: datetime, rules: ReachRules) -> Reach:
    """Return the watch after a look at its messages."""
    if seen.moot and reach.heard_by_hand:
        # To the messages it is as if nobody had heard of it; so a person must also say what has become of it.
        seen = Outlook(obstacles=(Obstacle(reason=Reason.HEARD_BY_HAND),))
    looked = replace(reach, obstacles=seen.obstacles, looks=reach.looks + 1)
    doubled_s = min(rules.longest_look_s, rules.first_look_s * 2.0 ** min(looked.looks, 32))
    if seen.moot:
        return replace(looked, state=ReachState.MOOT, due_at=None, closed_at=now)
    if seen.reached:
        # One of the family knows; another one's message may still fail, and go by another channel.
        goes_on = seen.under_way and now < reach.deadline
        due_at = _next(reach, now, doubled_s, rules) if goes_on else None
        return replace(looked, state=ReachState.REACHED, due_at=due_at, closed_at=reach.closed_at or now)
    near = now >= reach.near_at(rules)
    if not near and seen.under_way:
        return replace(looked, state=ReachState.WATCHED, due_at=_next(reach, now, doubled_s, rules))
    listed = replace(
        looked,
        listed_at=reach.listed_at or now,
        announced_at=reach.announced_at or (now if near else None),
    )
    if now >= reach.deadline:
        return replace(listed, state=ReachState.LAPSED, due_at=None)
    due_at = _next(reach, now, rules.listed_look_s, rules)
    return replace(listed, state=ReachState.UNREACHED, due_at=due_at)


def _next(reach: Reach, now: datetime, wait_s: float, rules: ReachRules) -> datetime:
    moments = (now + timedelta(seconds=wait_s), reach.near_at(rules), reach.deadline)
    return min(each for each in moments if each > now)


def look_now(reach: Reach | None, *, revision: int, now: datetime) -> Reach | None:
    """Return the watch as due, because a message of this revision failed; None if that changes nothing."""
    if reach is None or reach.revision != revision or reach.state not in _STILL_LOOKED_AT:
        return None
    state = ReachState.WATCHED if reach.state is ReachState.REACHED else reach.state
    return replace(reach, state=state, due_at=now, closed_at=None)


def tell_by_hand(reach: Reach, *, by: str, how: ToldHow, note: str, now: datetime) -> Reach:
    """Return the watch as closed by a person who has told the family.

    Raises:
        NotOnListError: if the family is not on the list.
    """
    if reach.state not in _CAN_BE_TOLD_BY_HAND:
        raise NotOnListError(f"the family is not on the list: {reach.state}")
    return replace(
        reach,
        state=ReachState.TOLD_BY_HAND,
        due_at=None,
        closed_at=now,
        closed_by=by,
        told_how=how,
        note=note,
    )
