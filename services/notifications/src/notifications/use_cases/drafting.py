"""Draft the messages of one fact: for each guardian and channel what to write, or why nothing is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from notifications.domain.facts import Fact
from notifications.domain.languages import TextRefusedError
from notifications.domain.messages import Message
from notifications.domain.news import News, allowed, news
from notifications.domain.outlook import hold_back
from notifications.domain.planning import DistrictRules, Letter, blank, ready, refused, wanted_address
from notifications.domain.preferences import Preferences
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel, Guardian, School, Student
from notifications.domain.suppressions import Suppression
from notifications.domain.tellings import Missing
from notifications.domain.timing import Slot, slot
from notifications.use_cases.identities import digest_id, message_id, suppression_id
from notifications.use_cases.ports import Desk, Roster
from notifications.use_cases.recalling import Recollection


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the facts of one round need: copies and wishes by id, and what was said before."""

    students: Mapping[str, Student]
    schools: Mapping[str, School]
    guardians: Mapping[str, Guardian]
    wishes: Mapping[str, Preferences]
    said: Recollection

    def missing(self, fact: Fact) -> tuple[Missing, ...]:
        """Return which copies a fact lacks."""
        student = self.students.get(fact.student_id)
        lacks = {
            Missing.STUDENT: student is None,
            Missing.SCHOOL: fact.school_id not in self.schools,
            Missing.GUARDIAN: student is not None
            and any(each not in self.guardians for each in student.guardian_ids),
        }
        return tuple(each for each, lacking in lacks.items() if lacking)

    def audience(self, fact: Fact) -> Sequence[str]:
        """Return the guardians on record, and those who are not any more and were told of it."""
        on_record = self.students[fact.student_id].guardian_ids
        return tuple(dict.fromkeys((*on_record, *self.said.told(fact.fact_id))))


@dataclass(frozen=True, kw_only=True)
class Draft:
    """One message to be: with a letter and its time, or with the reason why there is none."""

    message: Message
    letter: Letter | Reason
    slot: Slot | None = None


@dataclass(frozen=True, kw_only=True)
class Drafts:
    """All messages of one fact.

    Attributes:
        complete: whether none is left out until it is known what became of an older one.
    """

    ready: Sequence[Draft]
    complete: bool


def look_up(facts: Sequence[Fact], roster: Roster, said: Recollection) -> Known:
    """Return the copies that these facts need, as far as they are here, in four queries."""
    students = roster.students.existing({each.student_id for each in facts})
    wanted = {guardian_id for each in students.values() for guardian_id in each.guardian_ids}
    told = {guardian_id for each in facts for guardian_id in said.told(each.fact_id)}
    return Known(
        students=students,
        schools=roster.schools.existing({each.school_id for each in facts}),
        guardians=roster.guardians.existing(wanted | told),
        wishes=roster.wishes.existing(wanted | told),
        said=said,
    )


def draft(fact: Fact, known: Known, *, patient: bool, rules: DistrictRules, now: datetime) -> Drafts:
    """Return a draft for each guardian and each channel.

    Args:
        fact: the revision to tell.
        known: copies of everybody concerned.
        patient: whether to wait for the end of older messages that are under way.
        rules: the district's.
        now: the time.
    """
    drafts: list[Draft] = []
    complete = True
    for guardian_id in known.audience(fact):
        earlier = known.said.to(guardian_id, fact.fact_id)
        for channel in rules.channels:
            whatever = news(fact, channel, earlier, patient=patient)
            if whatever is None:
                complete = False
                continue
            said = allowed(whatever, rules.notices.told)
            one = message_id(rules.district, fact, guardian_id, channel)
            reader = guardian_id, channel
            drafts.append(draft_for(one, fact, said, reader, known=known, rules=rules, now=now))
    return Drafts(ready=drafts, complete=complete)


def draft_for(
    message_id: str,
    fact: Fact,
    said: News,
    reader: tuple[str, Channel],
    *,
    known: Known,
    rules: DistrictRules,
    now: datetime,
) -> Draft:
    """Return the draft of one message.

    Args:
        message_id: its own.
        fact: what it is about.
        said: what it says of it.
        reader: the guardian's id, and the channel.
        known: copies of everybody concerned.
        rules: the district's.
        now: the time.
    """
    guardian_id, channel = reader
    guardian = known.guardians.get(guardian_id)
    message = blank(
        message_id,
        fact,
        said,
        guardian_id,
        channel,
        wanted_language=guardian.language if guardian else "",
        now=now,
    )
    letter = _letter(message, said, fact, known, guardian, rules)
    if isinstance(letter, Reason):
        return Draft(message=message, letter=letter)
    when = slot(message, said, rules.clocks(letter.school, known.wishes.get(guardian_id)), now=now)
    return Draft(message=message, letter=replace(letter, in_digest=when.digest_on is not None), slot=when)


def _letter(
    message: Message,
    said: News,
    fact: Fact,
    known: Known,
    guardian: Guardian | None,
    rules: DistrictRules,
) -> Letter | Reason:
    if said.silent is not None:
        return said.silent
    if guardian is None:
        return Reason.GUARDIAN_UNKNOWN
    student = known.students[fact.student_id]
    channel: Channel = message.channel
    chosen = known.wishes.get(guardian.guardian_id)
    address = wanted_address(student, guardian, channel, said.purpose, chosen=chosen, rules=rules)
    if isinstance(address, Reason):
        return address
    return Letter(
        news=said,
        channel=channel,
        fact=fact,
        student=student,
        school=known.schools[fact.school_id],
        address=address,
        wanted_language=guardian.language,
        written_at=message.created_at,
    )


def compose(drafts: Sequence[Draft], desk: Desk) -> list[Message]:
    """Return the messages to store: complete ones, and those that say why they are not sent."""
    letters = [each.letter for each in drafts if isinstance(each.letter, Letter)]
    suppressed = desk.suppressions.existing({suppression_id(each.channel, each.address) for each in letters})
    calendars = desk.calendar_urls(
        {each.message.guardian_id for each in drafts if _shows_calendar(each.letter)}
    )
    written = [
        refused(each.message, each.letter)
        if isinstance(each.letter, Reason)
        else _write(each.message, _with_calendar(each, calendars), each.slot, suppressed, desk)
        for each in drafts
    ]
    return hold_back(written, desk.rules.reach.in_reserve)


def _shows_calendar(letter: Letter | Reason) -> bool:
    return isinstance(letter, Letter) and letter.channel is Channel.EMAIL and letter.news.place is not None


def _with_calendar(drafted: Draft, calendars: Mapping[str, str]) -> Letter:
    # Asked of drafts with a letter only.
    assert isinstance(drafted.letter, Letter)
    url = calendars.get(drafted.message.guardian_id, "") if _shows_calendar(drafted.letter) else ""
    return replace(drafted.letter, calendar_url=url)


def _write(
    message: Message,
    letter: Letter,
    when: Slot | None,
    suppressed: Mapping[str, Suppression],
    desk: Desk,
) -> Message:
    reason = in_force(suppressed.get(suppression_id(letter.channel, letter.address)))
    if reason is not None:
        return refused(message, reason)
    try:
        content = desk.renderer.render(letter, rules=desk.rules)
    except TextRefusedError as error:
        return refused(message, error.reason)
    # A letter that is to be written has its time.
    assert when is not None
    digest = (
        digest_id(desk.rules.district, message.guardian_id, message.channel, when.digest_on)
        if when.digest_on
        else ""
    )
    return ready(message, letter.address, content, when, digest_id=digest)


def in_force(suppression: Suppression | None) -> Reason | None:
    """Return why an address must not be used, None if it may."""
    return suppression.reason if suppression is not None and suppression.active else None
