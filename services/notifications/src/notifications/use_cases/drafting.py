"""Draft the messages of one fact: for each guardian and channel what to write, or why nothing is written."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from notifications.domain.facts import Defense
from notifications.domain.languages import TextRefusedError
from notifications.domain.messages import Message
from notifications.domain.planning import DistrictRules, Letter, blank, ready, refused, usable_address
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel, Guardian, School, Student
from notifications.domain.suppressions import Suppression
from notifications.domain.tellings import Missing, Telling
from notifications.use_cases.identities import message_id, suppression_id
from notifications.use_cases.ports import Renderer, Roster, Suppressions


@dataclass(frozen=True, kw_only=True)
class Known:
    """The copies that the facts of one round need, by id."""

    students: Mapping[str, Student]
    schools: Mapping[str, School]
    guardians: Mapping[str, Guardian]

    def missing(self, defense: Defense) -> tuple[Missing, ...]:
        """Return which copies a fact lacks."""
        student = self.students.get(defense.student_id)
        lacks = {
            Missing.STUDENT: student is None,
            Missing.SCHOOL: defense.school_id not in self.schools,
            Missing.GUARDIAN: student is not None
            and any(each not in self.guardians for each in student.guardian_ids),
        }
        return tuple(each for each, lacking in lacks.items() if lacking)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """One message to be: with a letter, or with the reason why there is none."""

    message: Message
    letter: Letter | Reason


def look_up(facts: Sequence[Telling], roster: Roster) -> Known:
    """Return the copies that these facts need, as far as they are here, in three queries."""
    students = roster.students.existing({each.defense.student_id for each in facts})
    wanted = {guardian_id for each in students.values() for guardian_id in each.guardian_ids}
    return Known(
        students=students,
        schools=roster.schools.existing({each.defense.school_id for each in facts}),
        guardians=roster.guardians.existing(wanted),
    )


def draft(defense: Defense, known: Known, *, rules: DistrictRules, now: datetime) -> Iterator[Draft]:
    """Yield a draft for each guardian on record and each channel."""
    student = known.students[defense.student_id]
    for guardian_id in student.guardian_ids:
        guardian = known.guardians.get(guardian_id)
        for channel in rules.channels:
            message = blank(
                message_id(rules.district, defense, guardian_id, channel),
                defense,
                guardian_id,
                channel,
                wanted_language=guardian.language if guardian else "",
                now=now,
            )
            yield Draft(message=message, letter=_letter(message, defense, known, guardian, rules))


def _letter(
    message: Message, defense: Defense, known: Known, guardian: Guardian | None, rules: DistrictRules
) -> Letter | Reason:
    if guardian is None:
        return Reason.GUARDIAN_UNKNOWN
    student = known.students[defense.student_id]
    channel: Channel = message.channel
    address = usable_address(student, guardian, channel, rules.channels[channel])
    if isinstance(address, Reason):
        return address
    return Letter(
        purpose=message.purpose,
        channel=channel,
        defense=defense,
        student=student,
        school=known.schools[defense.school_id],
        address=address,
        wanted_language=guardian.language,
        written_at=message.created_at,
    )


def compose(
    drafts: Sequence[Draft],
    *,
    suppressions: Suppressions,
    renderer: Renderer,
    rules: DistrictRules,
    now: datetime,
) -> list[Message]:
    """Return the messages to store: complete ones, and those that say why they are not sent."""
    letters = [each.letter for each in drafts if isinstance(each.letter, Letter)]
    suppressed = suppressions.existing({suppression_id(each.channel, each.address) for each in letters})
    return [
        refused(each.message, each.letter)
        if isinstance(each.letter, Reason)
        else _write(each.message, each.letter, suppressed=suppressed, renderer=renderer, rules=rules, now=now)
        for each in drafts
    ]


def _write(
    message: Message,
    letter: Letter,
    *,
    suppressed: Mapping[str, Suppression],
    renderer: Renderer,
    rules: DistrictRules,
    now: datetime,
) -> Message:
    reason = in_force(suppressed.get(suppression_id(letter.channel, letter.address)))
    if reason is not None:
        return refused(message, reason)
    try:
        content = renderer.render(letter, rules=rules)
    except TextRefusedError as error:
        return refused(message, error.reason)
    return ready(message, letter.address, content, now=now)


def in_force(suppression: Suppression | None) -> Reason | None:
    """Return why an address must not be used, None if it may."""
    return suppression.reason if suppression is not None and suppression.active else None
