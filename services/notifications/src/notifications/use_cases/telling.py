"""Take in a fact, and make its messages as soon as the roster's copies are here, and older messages ended.

Events of several services arrive in any order, so a defense may be known before its student. The fact is
kept as an aggregate of its own and looked at again, instead of failing its event: a long wait is then a
state that somebody can see, and a crash at any point leaves a fact that is still due.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from contracts.defenses import DefenseCancelled, DefenseScheduled
from notifications.domain.facts import Defense
from notifications.domain.messages import Message
from notifications.domain.planning import DistrictRules, keep_first
from notifications.domain.tellings import (
    Missing,
    Telling,
    TellingState,
    WaitingRules,
    begin,
    finish,
    wait,
)
from notifications.use_cases.drafting import Drafts, Known, compose, draft, look_up
from notifications.use_cases.ports import (
    Decide,
    Messages,
    Renderer,
    Roster,
    Suppressions,
    Tellings,
    silently,
)
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


def note_defense(event: DefenseScheduled, *, tellings: Tellings, rules: WaitingRules, now: datetime) -> None:
    """Keep where a defense is, scheduled or moved; an older revision changes nothing."""
    told = Defense(
        defense_id=event.defense_id,
        revision=event.revision,
        student_id=event.student_id,
        school_id=event.school_id,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        time_zone=event.time_zone,
        room=event.room,
    )

    _note(told, tellings=tellings, rules=rules, now=now)


def note_cancellation(
    event: DefenseCancelled, *, tellings: Tellings, rules: WaitingRules, now: datetime
) -> None:
    """Keep that a defense does not take place; an older revision changes nothing."""
    told = Defense(
        defense_id=event.defense_id,
        revision=event.revision,
        student_id=event.student_id,
        school_id=event.school_id,
        starts_at=event.starts_at,
        ends_at=event.starts_at,
        time_zone=event.time_zone,
        room="",
        cancelled=True,
        to_be_rescheduled=event.to_be_rescheduled,
    )
    _note(told, tellings=tellings, rules=rules, now=now)


def _note(told: Defense, *, tellings: Tellings, rules: WaitingRules, now: datetime) -> None:
    def heard(known: Telling | None) -> Telling | None:
        return begin(known, told, now=now, settle_s=rules.settle_s)

    tellings.change(told.defense_id, silently(heard))


def tell_families(
    due: Sequence[str],
    *,
    tellings: Tellings,
    roster: Roster,
    messages: Messages,
    suppressions: Suppressions,
    renderer: Renderer,
    rules: DistrictRules,
    now: datetime,
) -> Told:
    """Make the messages of due facts; a fact that lacks something is looked at again later.

    Messages are written before their facts are marked: a crash in between makes the same messages again,
    and their ids are taken.
    """
    facts = [each for each in tellings.existing(due).values() if each.due_at is not None]
    known = look_up(facts, roster, recall(facts, messages))
    missing = {each.defense.defense_id: known.missing(each.defense) for each in facts}
    drafts = {
        fact.defense.defense_id: _draft(fact, known, rules=rules, now=now)
        for fact in facts
        if _can_be_told(fact, missing[fact.defense.defense_id])
    }
    for defense_id, drafted in drafts.items():
        if not drafted.complete:
            missing[defense_id] += (Missing.ANSWER,)
    planned = compose(
        [each for drafted in drafts.values() for each in drafted.ready],
        suppressions=suppressions,
        renderer=renderer,
        rules=rules,
        now=now,
    )
    written = messages.change_many([(each.message_id, _create(each)) for each in planned])
    marks = {
        fact.defense.defense_id: partial(
            _mark, about=fact, missing=missing[fact.defense.defense_id], known=known, rules=rules, now=now
        )
        for fact in facts
    }
    tellings.change_many([(each, silently(mark)) for each, mark in marks.items()])
    return Told(
        messages=written,
        waiting=sum(1 for lacking in missing.values() if lacking),
        stuck=tuple(
            fact.defense.defense_id
            for fact in facts
            if fact.state is TellingState.WAITING and _is_stuck(marks[fact.defense.defense_id](fact))
        ),
    )


def _can_be_told(fact: Telling, missing: tuple[Missing, ...]) -> bool:
    """One guardian of whom we hear nothing must not keep the others in the dark for ever."""
    return not missing or (fact.state is TellingState.STUCK and missing == (Missing.GUARDIAN,))


def _draft(fact: Telling, known: Known, *, rules: DistrictRules, now: datetime) -> Drafts:
    patient = fact.state is not TellingState.STUCK
    return draft(fact.defense, known, patient=patient, rules=rules, now=now)


def _mark(
    current: Telling | None,
    *,
    about: Telling,
    missing: tuple[Missing, ...],
    known: Known,
    rules: DistrictRules,
    now: datetime,
) -> Telling | None:
    if not missing:
        anybody = bool(known.students[about.defense.student_id].guardian_ids)
        return finish(current, about.defense, anybody=anybody)
    return wait(current, about.defense, missing, now=now, rules=rules.waiting)


def _is_stuck(telling: Telling | None) -> bool:
    return telling is not None and telling.state is TellingState.STUCK


def _create(planned: Message) -> Decide[Message]:
    def create(known: Message | None) -> Message | None:
        return keep_first(known, planned)

    return silently(create)
