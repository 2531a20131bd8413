"""Remind families of what they were told, shortly before."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from notifications.domain.facts import Kind
from notifications.domain.messages import Purpose, State
from notifications.domain.news import News, allowed
from notifications.domain.planning import keep_first
from notifications.domain.reminders import next_reminder
from notifications.domain.tellings import Telling, TellingState, remind
from notifications.use_cases.drafting import Draft, Known, compose, draft_for, look_up
from notifications.use_cases.identities import message_id
from notifications.use_cases.ports import Desk, silently
from notifications.use_cases.recalling import Recollection

_REMINDERS = {Kind.DEFENSE: Purpose.DEFENSE_REMINDER, Kind.MILESTONE: Purpose.MILESTONE_REMINDER}


def remind_families(due: Sequence[str], desk: Desk) -> int:
    """Make the reminders that are due, and note when the next ones are.

    A reminder is made when it is due, so that it goes to whom and where it may go by then; of who is not
    reminded nothing is kept, for what they were told says why. Messages are written before their facts are
    marked, as for telling.

    Returns:
        How many messages were written.
    """
    told = [each for each in desk.tellings.existing(due).values() if _is_due(each, desk.now)]
    if not told:
        return 0
    known = look_up([each.fact for each in told], desk.roster, Recollection({}))
    composed = compose([draft for each in told for draft in _drafts(each, known, desk)], desk)
    planned = [each for each in composed if each.state is State.CREATED]
    written = desk.messages.change_many(
        [(each.message_id, silently(partial(keep_first, planned=each))) for each in planned]
    )
    desk.tellings.change_many(
        [(each.fact_id, silently(partial(_mark, seen=each, desk=desk))) for each in told]
    )
    return written


def _is_due(telling: Telling, now: datetime) -> bool:
    """Whether it was told, and a reminder is due; what was told just now is due later."""
    return telling.state is TellingState.TOLD and telling.due_at is not None and telling.due_at <= now


def _drafts(telling: Telling, known: Known, desk: Desk) -> list[Draft]:
    fact, rules = telling.fact, desk.rules
    said = allowed(News(purpose=_REMINDERS[fact.kind], place=fact.place), rules.notices.told)
    return [
        draft_for(
            message_id(rules.district, fact, guardian_id, channel, reminder=telling.due_at),
            fact,
            said,
            (guardian_id, channel),
            known=known,
            rules=rules,
            now=desk.now,
        )
        for guardian_id in known.audience(fact)
        for channel in rules.channels
    ]


def _mark(current: Telling | None, *, seen: Telling, desk: Desk) -> Telling | None:
    next_at = next_reminder(seen.fact, desk.rules.notices.reminders, after=desk.now)
    return remind(current, seen, next_at=next_at)
