"""Look at waiting messages once more before they go out: much may have changed since they were made."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from notifications.domain.messages import CANCELLING, REMINDING, Message, State
from notifications.domain.planning import DistrictRules, usable_address
from notifications.domain.preferences import Frequency, Preferences, frequency
from notifications.domain.reasons import Reason
from notifications.domain.roster import Guardian, School, Student
from notifications.domain.suppressions import Suppression
from notifications.domain.tellings import Telling
from notifications.domain.timing import held_until
from notifications.use_cases.drafting import in_force
from notifications.use_cases.identities import suppression_id
from notifications.use_cases.ports import Roster, Suppressions, Tellings


@dataclass(frozen=True)
class Objection:
    """Why a waiting message must not go out any more."""

    state: State
    reason: Reason


@dataclass(frozen=True, kw_only=True)
class Second:
    """What a second look at waiting messages finds, by message id.

    Attributes:
        objections: why they must not go out.
        elsewhere: those whose guardian has another address by now, and which are to be written anew.
        held: until when those wait that are due in quiet hours.
    """

    objections: Mapping[str, Objection]
    elsewhere: Collection[str]
    held: Mapping[str, datetime]


@dataclass(frozen=True, kw_only=True)
class _Now:
    """How everything stands that decides about one message."""

    telling: Telling | None
    student: Student | None
    school: School | None
    guardian: Guardian | None
    chosen: Preferences | None
    suppression: Suppression | None


def second_look(
    waiting: Sequence[Message],
    *,
    tellings: Tellings,
    roster: Roster,
    suppressions: Suppressions,
    rules: DistrictRules,
    now: datetime,
) -> Second:
    """Look at rights, wishes, hours and the fact once more, in six queries for all messages."""
    if not waiting:
        return Second(objections={}, elsewhere=(), held={})
    told = tellings.existing({each.fact_id for each in waiting})
    students = roster.students.existing({each.student_id for each in waiting})
    schools = roster.schools.existing({each.school_id for each in waiting})
    guardians = roster.guardians.existing({each.guardian_id for each in waiting})
    wishes = roster.wishes.existing({each.guardian_id for each in waiting})
    suppressed = suppressions.existing({suppression_of(each) for each in waiting})
    objections: dict[str, Objection] = {}
    elsewhere: set[str] = set()
    held: dict[str, datetime] = {}
    for each in waiting:
        as_it_is = _Now(
            telling=told.get(each.fact_id),
            student=students.get(each.student_id),
            school=schools.get(each.school_id),
            guardian=guardians.get(each.guardian_id),
            chosen=wishes.get(each.guardian_id),
            suppression=suppressed.get(suppression_of(each)),
        )
        found = _objection(each, as_it_is, rules=rules, at=now)
        replaced = found is not None and found.reason is Reason.ADDRESS_REPLACED
        until = held_until(each, rules.clocks(as_it_is.school, as_it_is.chosen), now=now)
        if replaced and _is_written_anew(each, as_it_is.student):
            elsewhere.add(each.message_id)
        elif found is not None:
            objections[each.message_id] = found
        elif until is not None:
            held[each.message_id] = until
    return Second(objections=objections, elsewhere=elsewhere, held=held)


def suppression_of(message: Message) -> str:
    """Return the id of the suppression of a message's address."""
    # A message that waits has an address.
    return suppression_id(message.channel, message.address or "")


def _objection(message: Message, now: _Now, *, rules: DistrictRules, at: datetime) -> Objection | None:
    if now.telling is not None and now.telling.fact.revision > message.revision:
        return Objection(State.SUPERSEDED, Reason.NEWER_REVISION)
    if at >= message.deadline:
        return Objection(State.EXPIRED, Reason.DEADLINE_PASSED)
    address = _address_now(message, now, rules=rules)
    if isinstance(address, Reason):
        return Objection(State.NOT_SENT, address)
    if address != message.address:
        return Objection(State.NOT_SENT, Reason.ADDRESS_REPLACED)
    wished = frequency(message.purpose, message.channel, now.chosen, rules.preferences)
    if wished is Frequency.OFF:
        return Objection(State.NOT_SENT, Reason.SWITCHED_OFF)
    reason = in_force(now.suppression)
    return None if reason is None else Objection(State.NOT_SENT, reason)


def _is_written_anew(message: Message, student: Student | None) -> bool:
    """Whether telling its fact once more leads to this message again."""
    if message.purpose in REMINDING:
        return False
    on_record = student is not None and message.guardian_id in student.guardian_ids
    return on_record or message.purpose in CANCELLING


def _address_now(message: Message, now: _Now, *, rules: DistrictRules) -> str | Reason:
    """Return where the guardian can be told now, or why they must not be."""
    rule = rules.channels.get(message.channel)
    if rule is None:
        return Reason.CHANNEL_UNUSED
    if now.student is None or now.guardian is None:
        return Reason.MAY_NOT_BE_TOLD
    return usable_address(now.student, now.guardian, message.channel, rule, message.purpose)
