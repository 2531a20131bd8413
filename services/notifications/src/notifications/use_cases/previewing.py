"""Show a text as a family would get it, and what all of them would cost, without sending anything."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from notifications.domain.digests import DigestLetter, Section
from notifications.domain.facts import Fact, Standing
from notifications.domain.languages import Languages, Text, TextRefusedError
from notifications.domain.messages import Content, Purpose
from notifications.domain.planning import DistrictRules, Letter, wanted_address
from notifications.domain.preferences import Preferences
from notifications.domain.pricing import Sizes, Tally
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel, Guardian, School, Student
from notifications.domain.specimens import kind_of, specimen, told_as
from notifications.domain.tellings import Telling
from notifications.use_cases.drafting import in_force
from notifications.use_cases.family_calendars import StudentTellings
from notifications.use_cases.identities import suppression_id
from notifications.use_cases.ports import Roster, Suppressions

#: Who is invited in a preview that is nobody's.
_NOBODY = "family@example.org"
#: What a digest tells in a preview.
_IN_DIGEST = Purpose.MILESTONE_SCHEDULED


class NotInTextsError(ValueError):
    """A language or a version was asked for in which there are no texts."""

    def __init__(self, field: str, asked: str) -> None:
        super().__init__(f"there are no texts in {asked}")
        self.field = field


class UnknownHereError(LookupError):
    """Nothing is known here of the student, the school or the guardian."""


class Specimens(Protocol):
    """Writes a letter that nobody gets."""

    def render(self, letter: Letter, *, rules: DistrictRules) -> Content: ...

    def render_digest(self, letter: DigestLetter, *, rules: DistrictRules) -> Content: ...

    def text(self, letter: Letter, *, rules: DistrictRules) -> Text: ...

    def sizes(self, letter: Letter, *, rules: DistrictRules) -> Sizes: ...


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is to be shown.

    Attributes:
        guardian_id: whose language and address are taken; None for nobody's.
        language: shown whether it is reviewed or not; None for the one that the guardian would get.
        version: of the texts; None for the district's.
    """

    purpose: Purpose
    channel: Channel
    student_id: str
    guardian_id: str | None = None
    language: str | None = None
    version: str | None = None


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A text as it would be read.

    Attributes:
        is_real: whether it tells of an appointment of the student, and not of an example.
        refused: why this guardian would not get it; None if they would.
    """

    content: Content
    text: Text
    is_real: bool
    refused: Reason | None


def preview(
    asked: Asked,
    *,
    roster: Roster,
    tellings: StudentTellings,
    suppressions: Suppressions,
    specimens: Specimens,
    rules: DistrictRules,
    now: datetime,
) -> Preview:
    """Return a text as a guardian would read it about a student.

    Raises:
        UnknownHereError: if student, school or guardian is not on record here.
        NotInTextsError: if there are no texts of that version or language.
        TextRefusedError: if a text cannot be written, or none may go out.
    """
    student = roster.students.find(asked.student_id)
    school = roster.schools.find(student.school_id) if student else None
    guardian = roster.guardians.find(asked.guardian_id) if asked.guardian_id else None
    if student is None or school is None or (asked.guardian_id and guardian is None):
        raise UnknownHereError("student, school or guardian is not on record here")
    told = _told(asked)
    real = _appointment(told, tellings.of_students((asked.student_id,)))
    address, refused = _reader(
        student, guardian, asked, roster=roster, suppressions=suppressions, rules=rules
    )
    fact = _fact(told, student, school, real, now)
    letter = Letter(
        news=told_as(asked.purpose, fact),
        channel=asked.channel,
        fact=fact,
        student=student,
        school=school,
        address=address,
        wanted_language=guardian.language if guardian else rules.languages.fallback,
        written_at=now,
    )
    shown_by = replace(rules, languages=_languages(asked, rules.languages))
    try:
        text = specimens.text(letter, rules=shown_by)
    except TextRefusedError as error:
        if asked.version is not None and error.reason is Reason.TEXT_MISSING:
            raise NotInTextsError("version", asked.version) from None
        raise
    return Preview(
        content=_written(letter, specimens, shown_by),
        text=text,
        is_real=real is not None,
        refused=refused,
    )


def _written(letter: Letter, specimens: Specimens, rules: DistrictRules) -> Content:
    """Return a letter's content; a digest's is that of one thing to tell."""
    if letter.news.purpose is not Purpose.DIGEST:
        return specimens.render(letter, rules=rules)
    item = replace(letter, news=told_as(_IN_DIGEST, letter.fact), in_digest=True)
    section = Section(student=letter.student, contents=(specimens.render(item, rules=rules),))
    digest = DigestLetter(channel=letter.channel, wanted_language=letter.wanted_language, sections=(section,))
    return specimens.render_digest(digest, rules=rules)


def _languages(asked: Asked, languages: Languages) -> Languages:
    """Return the languages as they are asked for: one that is named is shown although nobody has read it."""
    shown = replace(languages, texts_version=asked.version or languages.texts_version)
    if asked.language is None:
        return shown
    known = languages.known.get(asked.language.lower())
    if known is None:
        raise NotInTextsError("language", asked.language)
    return replace(shown, known={known.tag.lower(): known}, fallback=known.tag, send_unreviewed=True)


def _told(asked: Asked) -> Purpose:
    """Return what is told of the student."""
    return _IN_DIGEST if asked.purpose is Purpose.DIGEST else asked.purpose


def _appointment(purpose: Purpose, tellings: Sequence[Telling]) -> Fact | None:
    """Return the student's next appointment of the kind that a purpose tells of."""
    found = [
        each.fact
        for each in tellings
        if each.fact.kind is kind_of(purpose) and each.fact.standing is Standing.SET
    ]
    return min(found, key=lambda fact: fact.deadline, default=None)


def _fact(purpose: Purpose, student: Student, school: School, real: Fact | None, now: datetime) -> Fact:
    example = specimen(purpose, student.student_id, school, now=now)
    return replace(real, standing=example.standing) if real else example


def _reader(
    student: Student,
    guardian: Guardian | None,
    asked: Asked,
    *,
    roster: Roster,
    suppressions: Suppressions,
    rules: DistrictRules,
) -> tuple[str, Reason | None]:
    """Return where a preview goes, and why its guardian would not get it."""
    if guardian is None:
        return _NOBODY, None
    if asked.channel not in rules.channels:
        return _NOBODY, Reason.CHANNEL_UNUSED
    told = _told(asked)
    if told not in rules.notices.told:
        return _NOBODY, Reason.DISTRICT_SILENT
    chosen = roster.wishes.find(guardian.guardian_id)
    address = wanted_address(student, guardian, asked.channel, told, chosen=chosen, rules=rules)
    if isinstance(address, Reason):
        return _NOBODY, address
    return address, in_force(suppressions.find(suppression_id(asked.channel, address)))


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """Counts what telling families of one thing by text message costs, some students at a time.

    Every text is written, for one name with a rare letter makes a message dearer than all others.
    """

    purpose: Purpose
    roster: Roster
    suppressions: Suppressions
    specimens: Specimens
    rules: DistrictRules
    now: datetime
    tally: Tally

    def count(self, students: Sequence[Student]) -> None:
        """Count the guardians of these students; each is told once a student."""
        guardian_ids = {guardian_id for each in students for guardian_id in each.guardian_ids}
        guardians = self.roster.guardians.existing(guardian_ids)
        wishes = self.roster.wishes.existing(guardian_ids)
        schools = self.roster.schools.existing({each.school_id for each in students})
        letters: list[Letter] = []
        for student in students:
            school = schools.get(student.school_id)
            known = [guardians[each] for each in student.guardian_ids if each in guardians]
            if school is not None:
                drafts = (self._letter(student, school, each, wishes.get(each.guardian_id)) for each in known)
                letters += [each for each in drafts if each]
        suppressed = self.suppressions.existing(
            {suppression_id(Channel.SMS, each.address) for each in letters}
        )
        for letter in letters:
            reason = in_force(suppressed.get(suppression_id(Channel.SMS, letter.address)))
            if reason is None:
                self._add(letter)
            else:
                self.tally.unreached[reason] += 1

    def _letter(
        self, student: Student, school: School, guardian: Guardian, chosen: Preferences | None
    ) -> Letter | None:
        address = wanted_address(
            student, guardian, Channel.SMS, self.purpose, chosen=chosen, rules=self.rules
        )
        if isinstance(address, Reason):
            self.tally.unreached[address] += 1
            return None
        try:
            fact = specimen(self.purpose, student.student_id, school, now=self.now)
        except TextRefusedError as error:
            self.tally.unreached[error.reason] += 1
            return None
        return Letter(
            news=told_as(self.purpose, fact),
            channel=Channel.SMS,
            fact=fact,
            student=student,
            school=school,
            address=address,
            wanted_language=guardian.language,
            written_at=self.now,
        )

    def _add(self, letter: Letter) -> None:
        try:
            self.tally.add(letter.wanted_language, self.specimens.sizes(letter, rules=self.rules))
        except TextRefusedError as error:
            self.tally.unreached[error.reason] += 1
