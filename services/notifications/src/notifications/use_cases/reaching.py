"""Find out whether families were reached: try what is left to try, and list whom nothing has reached."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from contracts.notifications import FAMILY_UNREACHED, FamilyUnreached
from contracts.notifications import Obstacle as SaidObstacle
from notifications.domain import reach as watches
from notifications.domain.messages import Message, State
from notifications.domain.news import allowed, news
from notifications.domain.outlook import may_have_been_told, outlook
from notifications.domain.planning import Letter
from notifications.domain.reach import Obstacle, Outlook, Reach, ReachRules, ReachState, ToldHow
from notifications.domain.reasons import Reason
from notifications.domain.tellings import Missing, Telling, TellingState
from notifications.use_cases.drafting import Draft, Known, compose, draft_for, look_up
from notifications.use_cases.identities import message_id, readdressed_id
from notifications.use_cases.ports import Aggregates, Desk, silently
from notifications.use_cases.recalling import Recollection, look_again_at

Reaches = Aggregates[Reach]

#: Of these, all messages that can be made have been made.
_TOLD = frozenset({TellingState.TOLD, TellingState.NOBODY, TellingState.STUCK, TellingState.EXPIRED})


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What one round of looking did: messages made for other channels, and families that came on the list."""

    messages: int
    listed: int


def watch_facts(due: Sequence[str], desk: Desk, reaches: Reaches) -> None:
    """Watch over the facts that are about to be told; before that, so that a crash forgets none."""

    def begin(known: Reach | None, *, telling: Telling) -> Reach | None:
        return watches.watch(known, telling.fact, now=desk.now, rules=desk.rules.reach)

    told = [each for each in desk.tellings.existing(due).values() if each.is_to_be_told]
    watched = reaches.existing([each.fact_id for each in told])
    reaches.change_many(
        [
            (each.fact_id, silently(partial(begin, telling=each)))
            for each in told
            if each.fact_id not in watched or watched[each.fact_id].revision < each.fact.revision
        ]
    )


def look_after(due: Sequence[str], desk: Desk, reaches: Reaches) -> Looked:
    """Look at watched families: tell those by another channel whom one has failed, and list the others.

    Messages are written before the watch is: a crash in between makes the same ones again, and their ids
    are taken.
    """
    found = _sights(due, desk, reaches)
    written = _try_what_is_left(found, desk)
    # Those for whom nobody was on record, and somebody is now, are told as if the fact were new.
    anew = {each.reach.fact_id: each.reach.revision - 1 for each in found if each.has_found_somebody}
    look_again_at(anew, desk.tellings, now=desk.now)
    if written:
        found = _sights(due, desk, reaches)
    listed: set[str] = set()

    def decide(current: Reach | None, *, sight: _Sight) -> tuple[Reach, Sequence[Any]] | None:
        # Called again after a conflict: only its last word counts.
        listed.discard(sight.reach.fact_id)
        if current is None or current != sight.reach:
            return None
        after = watches.look(current, sight.outlook, now=desk.now, rules=desk.rules.reach)
        if after.state is ReachState.UNREACHED and current.state is not ReachState.UNREACHED:
            listed.add(current.fact_id)
        is_news = after.announced_at is not None and current.announced_at is None
        return after, [_said(after, desk.now)] if is_news else []

    reaches.change_many([(each.reach.fact_id, partial(decide, sight=each)) for each in found])
    return Looked(messages=written, listed=len(listed))


def look_now(failed: Collection[tuple[str, int]], *, reaches: Reaches, now: datetime) -> None:
    """Have families looked at soon, because a message has failed.

    Args:
        failed: id and revision of the facts that the messages told.
        reaches: where watches are kept.
        now: the time.
    """

    def soon(known: Reach | None, *, revision: int) -> Reach | None:
        return watches.look_now(known, revision=revision, now=now)

    if not failed:
        return
    reaches.change_many(
        [
            (fact_id, silently(partial(soon, revision=revision)))
            for fact_id, revision in dict(sorted(failed)).items()
        ]
    )


def tell_by_hand(known: Reach, *, by: str, how: ToldHow, note: str, reaches: Reaches, now: datetime) -> Reach:
    """Keep that a person has told a family, which closes it.

    Raises:
        NotOnListError: if the family is not on the list.
    """

    def close(current: Reach | None) -> Reach | None:
        return watches.tell_by_hand(current or known, by=by, how=how, note=note, now=now)

    return reaches.change(known.fact_id, silently(close)) or known


@dataclass(frozen=True, kw_only=True)
class _Sight:
    """One watch with what there is to see.

    Attributes:
        telling: None if the fact is gone.
        messages: of the watched revision.
        earlier: of older ones.
    """

    reach: Reach
    telling: Telling | None
    messages: Sequence[Message]
    earlier: Sequence[Message]
    known: Known
    rules: ReachRules

    @property
    def is_told(self) -> bool:
        """Whether all its messages have been made, as far as can be."""
        telling = self.telling
        if telling is None or telling.fact.revision != self.reach.revision:
            return False
        return telling.state in _TOLD

    @property
    def guardian_ids(self) -> Sequence[str]:
        """Who is on record."""
        student = self.known.students.get(self.reach.student_id)
        return student.guardian_ids if student else ()

    @property
    def has_found_somebody(self) -> bool:
        """Whether nobody was on record when it was told, and somebody is now."""
        telling = self.telling
        return (
            self.is_told
            and telling is not None
            and telling.state is TellingState.NOBODY
            and bool(self.guardian_ids)
        )

    @property
    def outlook(self) -> Outlook:
        """What its messages amount to."""
        if self.telling is None:
            return Outlook(moot=True)
        if self.reach.student_id not in self.known.students:
            return Outlook(under_way=not self.is_told, obstacles=(Obstacle(reason=Reason.COPY_MISSING),))
        seen = outlook(self.messages, self.guardian_ids, confirmed_by=self.rules.confirmed_by)
        waits = not self.is_told or self.has_found_somebody
        return replace(seen, under_way=True) if waits else seen


def _sights(due: Sequence[str], desk: Desk, reaches: Reaches) -> list[_Sight]:
    found = [
        each for each in reaches.existing(due).values() if each.due_at is not None and each.due_at <= desk.now
    ]
    tellings = desk.tellings.existing([each.fact_id for each in found])
    facts = [each.fact for each in tellings.values()]
    messages: dict[str, list[Message]] = {}
    for message in desk.messages.about(facts) if facts else ():
        messages.setdefault(message.fact_id, []).append(message)
    known = look_up(facts, desk.roster, Recollection({}))
    return [
        _Sight(
            reach=each,
            telling=tellings.get(each.fact_id),
            messages=[m for m in messages.get(each.fact_id, ()) if m.revision == each.revision],
            earlier=[m for m in messages.get(each.fact_id, ()) if m.revision < each.revision],
            known=known,
            rules=desk.rules.reach,
        )
        for each in found
    ]


def _try_what_is_left(found: Sequence[_Sight], desk: Desk) -> int:
    latest = desk.now + timedelta(seconds=desk.rules.reach.useful_s)
    drafts = [
        draft
        for each in found
        if each.is_told and latest < each.reach.deadline
        for draft in _left_to_try(each, desk)
    ]
    planned = [each for each in compose(drafts, desk) if each.state is State.CREATED]
    return desk.messages.change_many(
        [(each.message_id, silently(partial(_mend, planned=each))) for each in planned]
    )


def _left_to_try(sight: _Sight, desk: Desk) -> list[Draft]:
    """Return drafts for the channels by which guardians who were not told can be told now."""
    # One guardian of whom we hear nothing must not keep the others in the dark.
    if sight.telling is None or set(sight.known.missing(sight.telling.fact)) - {Missing.GUARDIAN}:
        return []
    told = {each.guardian_id for each in sight.messages if may_have_been_told(each)}
    by_id = {each.message_id: each for each in sight.messages}
    drafts = [
        _again(guardian_id, sight, sight.telling, by_id, desk)
        for guardian_id in sight.guardian_ids
        if guardian_id not in told
    ]
    return [draft for of_one in drafts for draft in of_one]


def _again(
    guardian_id: str, sight: _Sight, telling: Telling, by_id: Mapping[str, Message], desk: Desk
) -> list[Draft]:
    fact = telling.fact
    earlier = [each for each in sight.earlier if each.guardian_id == guardian_id]
    found = []
    for channel in desk.rules.channels:
        whatever = news(fact, channel, earlier, patient=False)
        # Without patience there is always an answer.
        assert whatever is not None
        said = allowed(whatever, desk.rules.notices.told)
        reader = guardian_id, channel
        first = message_id(desk.rules.district, fact, guardian_id, channel)
        draft = draft_for(first, fact, said, reader, known=sight.known, rules=desk.rules, now=desk.now)
        before = by_id.get(first)
        if not isinstance(draft.letter, Letter):
            continue
        if before is None or before.state is State.NOT_SENT:
            found.append(draft)
        elif before.address != draft.letter.address:
            # What failed stays on record; who has another address by now has not been tried there.
            second = readdressed_id(first, draft.letter.address)
            if second not in by_id:
                found.append(replace(draft, message=replace(draft.message, message_id=second)))
    return found


def _mend(known: Message | None, *, planned: Message) -> Message | None:
    return planned if known is None or known.state is State.NOT_SENT else None


def _said(reach: Reach, now: datetime) -> Any:
    obstacles = tuple(
        SaidObstacle(
            guardian_id=each.guardian_id,
            channel=each.channel.value if each.channel else None,
            reason=each.reason.value,
        )
        for each in reach.obstacles
    )
    return FAMILY_UNREACHED.says(
        FamilyUnreached(
            fact_id=reach.fact_id,
            revision=reach.revision,
            student_id=reach.student_id,
            school_id=reach.school_id,
            deadline=reach.deadline,
            obstacles=obstacles,
            unreached_at=now,
        )
    )
