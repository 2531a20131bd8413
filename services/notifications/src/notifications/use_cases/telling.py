"""Make the messages of facts as soon as the roster's copies are here, and older messages have ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from notifications.domain.messages import Message
from notifications.domain.planning import keep_first
from notifications.domain.reminders import next_reminder
from notifications.domain.tellings import (
    Missing,
    Telling,
    TellingState,
    finish,
    wait,
)
from notifications.use_cases.drafting import Drafts, Known, compose, draft, look_up
from notifications.use_cases.ports import Decide, Desk, silently
from notifications.use_cases.recalling import recall


@dataclass(frozen=True, kw_only=True)
class Told:
    """What one round of telling did.

    Attributes:
        messages: how many were written.
        waiting: facts that still lack a copy, or the end of an older message.
        stuck: the ids of facts that have lacked one for longer than patience since this round.
    """

    messages: int
    waiting: int
    stuck: tuple[str, ...]


def tell_families(due: Sequence[str], desk: Desk) -> Told:
    """Make the messages of due facts; a fact that lacks something is looked at again later.

    Messages are written before their facts are marked: a crash in between makes the same messages again,
    and their ids are taken.
    """
    pending = [each for each in desk.tellings.existing(due).values() if each.is_to_be_told]
    facts = [each.fact for each in pending]
    known = look_up(facts, desk.roster, recall(facts, desk.messages))
    missing = {each.fact_id: known.missing(each.fact) for each in pending}
    drafts = {
        each.fact_id: _draft(each, known, desk)
        for each in pending
        if _can_be_told(each, missing[each.fact_id])
    }
    for fact_id, drafted in drafts.items():
        if not drafted.complete:
            missing[fact_id] += (Missing.ANSWER,)
    planned = compose([each for drafted in drafts.values() for each in drafted.ready], desk)
    written = desk.messages.change_many([(each.message_id, _create(each)) for each in planned])
    marks = {
        each.fact_id: partial(_mark, seen=each, missing=missing[each.fact_id], known=known, desk=desk)
        for each in pending
    }
    desk.tellings.change_many([(each, silently(mark)) for each, mark in marks.items()])
    return Told(
        messages=written,
        waiting=sum(1 for lacking in missing.values() if lacking),
        stuck=tuple(
            each.fact_id
            for each in pending
            if each.state is TellingState.WAITING and _is_stuck(marks[each.fact_id](each))
        ),
    )


def _can_be_told(telling: Telling, missing: tuple[Missing, ...]) -> bool:
    """One guardian of whom we hear nothing must not keep the others in the dark for ever."""
    return not missing or (telling.state is TellingState.STUCK and missing == (Missing.GUARDIAN,))


def _draft(telling: Telling, known: Known, desk: Desk) -> Drafts:
    patient = telling.state is not TellingState.STUCK
    return draft(telling.fact, known, patient=patient, rules=desk.rules, now=desk.now)


def _mark(
    current: Telling | None,
    *,
    seen: Telling,
    missing: tuple[Missing, ...],
    known: Known,
    desk: Desk,
) -> Telling | None:
    if not missing:
        anybody = bool(known.students[seen.fact.student_id].guardian_ids)
        remind_at = next_reminder(seen.fact, desk.rules.notices.reminders, after=desk.now)
        return finish(current, seen, anybody=anybody, remind_at=remind_at)
    return wait(current, seen, missing, now=desk.now, rules=desk.rules.waiting)


def _is_stuck(telling: Telling | None) -> bool:
    return telling is not None and telling.state is TellingState.STUCK


def _create(planned: Message) -> Decide[Message]:
    def create(known: Message | None) -> Message | None:
        return keep_first(known, planned)

    return silently(create)
