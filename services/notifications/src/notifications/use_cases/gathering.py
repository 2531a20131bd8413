"""Make the day's digests: one message for each guardian and channel of everything that waited for it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from notifications.domain import digests
from notifications.domain.delivery import drop, hold
from notifications.domain.digests import DigestLetter, Section
from notifications.domain.languages import TextRefusedError
from notifications.domain.messages import Message, State
from notifications.domain.reasons import Reason
from notifications.domain.roster import Guardian, Student
from notifications.domain.timing import digest_slot
from notifications.use_cases.checking import Objection, second_look
from notifications.use_cases.digesting import follow_digests
from notifications.use_cases.identities import digest_id
from notifications.use_cases.ports import Decide, Desk, silently
from notifications.use_cases.recalling import look_again_at

#: How long to wait for what is being written to another address.
_WRITTEN_ANEW = timedelta(seconds=5)


def gather_digests(due: Sequence[str], desk: Desk) -> int:
    """Make the digests that these waiting messages are for, or let them follow one that is made already.

    A digest is written before it is sent, and takes its items under way only then: until that moment a newer
    revision supersedes what waits, and the digest is made anew without it.

    Returns:
        How many digests were written.
    """
    here = [each for each in desk.messages.existing(due).values() if each.is_open]
    wanted = {each.digest_id for each in here}
    if not wanted:
        return 0
    known = desk.messages.existing(wanted)
    made = {name for name, each in known.items() if not digests.may_be_rewritten(each)}
    # Items under way that are due again: whoever took them along has vanished, or their digest has ended.
    lapsed = {each.digest_id for each in here if each.state is not State.CREATED}
    revived = follow_digests(sorted(made | lapsed), messages=desk.messages, now=desk.now)
    look_again_at({each.fact_id: each.revision for each in revived}, desk.tellings, now=desk.now)
    items = [each for each in desk.messages.in_digests(wanted) if each.is_open]
    under_way = {each.digest_id for each in items if each.state is not State.CREATED}
    waiting = [each for each in items if each.state is State.CREATED]
    _put_off([each for each in waiting if each.digest_id in made], desk)
    return _make([each for each in waiting if each.digest_id not in made | under_way], desk)


def _put_off(late: Sequence[Message], desk: Desk) -> None:
    """Have what missed its digest wait for the next one, if it is of use so long."""
    if not late:
        return
    schools = desk.roster.schools.existing({each.school_id for each in late})
    chosen = desk.roster.wishes.existing({each.guardian_id for each in late})

    def put_off(current: Message | None, *, seen: Message) -> Message | None:
        if current is None or current.state is not State.CREATED or current.digest_id != seen.digest_id:
            return None
        clocks = desk.rules.clocks(schools.get(seen.school_id), chosen.get(seen.guardian_id))
        slot = digest_slot(seen.channel, clocks, now=desk.now)
        if slot.digest_on is None or slot.due_at >= current.deadline:
            return current.ended(State.EXPIRED, Reason.NEXT_DIGEST)
        later = digest_id(desk.rules.district, seen.guardian_id, seen.channel, slot.digest_on)
        return replace(current, digest_id=later, due_at=slot.due_at)

    desk.messages.change_many([(each.message_id, silently(partial(put_off, seen=each))) for each in late])


def _make(waiting: Sequence[Message], desk: Desk) -> int:
    """Write a digest of those of these messages that may still go out; the others end, or wait longer."""
    if not waiting:
        return 0
    second = second_look(
        waiting,
        tellings=desk.tellings,
        roster=desk.roster,
        suppressions=desk.suppressions,
        rules=desk.rules,
        now=desk.now,
    )
    objections = dict(second.objections)
    anew = [each for each in waiting if each.message_id in second.elsewhere]
    look_again_at({each.fact_id: each.revision - 1 for each in anew}, desk.tellings, now=desk.now)
    told = [
        each
        for each in waiting
        if not any(each.message_id in found for found in (objections, second.elsewhere, second.held))
    ]
    students = desk.roster.students.existing({each.student_id for each in told})
    guardians = desk.roster.guardians.existing({each.guardian_id for each in told})
    planned = []
    for name, items in _by_digest(told).items():
        try:
            planned.append(_digest(name, items, students, guardians, desk))
        except TextRefusedError as error:
            objections.update({each.message_id: Objection(State.NOT_SENT, error.reason) for each in items})
    lease = timedelta(seconds=desk.rules.delivery.lease_s)

    def wait(current: Message | None) -> Message | None:
        if current is None or current.state is not State.CREATED:
            return None
        objection = objections.get(current.message_id)
        if objection is not None:
            return drop(current, objection.state, objection.reason)
        held = second.held.get(current.message_id)
        if held is not None:
            return hold(current, held)
        pause = _WRITTEN_ANEW if current.message_id in second.elsewhere else lease
        return replace(current, due_at=desk.now + pause)

    written = desk.messages.change_many([(each.message_id, _write(each)) for each in planned])
    desk.messages.change_many([(each.message_id, silently(wait)) for each in waiting])
    return written


def _by_digest(items: Iterable[Message]) -> Mapping[str, list[Message]]:
    """Return the items of each digest, a student's together, in the order in which they were made."""
    found: dict[str, list[Message]] = {}
    for each in sorted(items, key=lambda item: (item.student_id, item.created_at, item.message_id)):
        found.setdefault(each.digest_id, []).append(each)
    return found


def _digest(
    name: str,
    items: Sequence[Message],
    students: Mapping[str, Student],
    guardians: Mapping[str, Guardian],
    desk: Desk,
) -> Message:
    guardian = guardians.get(items[0].guardian_id)
    wanted_language = guardian.language if guardian else items[0].wanted_language
    letter = DigestLetter(
        channel=items[0].channel,
        wanted_language=wanted_language,
        sections=[
            _section(students[each], items) for each in dict.fromkeys(item.student_id for item in items)
        ],
    )
    content = desk.renderer.render_digest(letter, rules=desk.rules)
    return digests.digest(name, items, content, wanted_language=wanted_language, now=desk.now)


def _section(student: Student, items: Sequence[Message]) -> Section:
    mine = (each for each in items if each.student_id == student.student_id)
    return Section(student=student, contents=[each.content for each in mine if each.content])


def _write(planned: Message) -> Decide[Message]:
    return silently(partial(digests.rewrite, planned=planned))
