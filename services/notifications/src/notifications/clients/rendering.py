"""Write what a family reads: text, HTML, SMS and the calendar entry, from packaged texts."""

from collections.abc import Sequence
from datetime import date, timedelta
from email.utils import parseaddr
from functools import cache, lru_cache

from babel.dates import format_date, format_skeleton, format_time

from notifications.clients.digests import digest_item, digest_letter, unsubscribe_page
from notifications.clients.invitations import Entry, Organizer, invitation, subscription, wall_time
from notifications.clients.phrases import SMS_PHRASES, Phrasebook, Values
from notifications.clients.text_messages import sms, text_message
from notifications.clients.zones import zone_name
from notifications.domain.digests import DigestLetter
from notifications.domain.facts import NamedForm, Place
from notifications.domain.languages import Language, Text, TextRefusedError
from notifications.domain.messages import CANCELLING, INVITING, REMINDING, CalendarMethod, Content, Purpose
from notifications.domain.names import inert
from notifications.domain.planning import DistrictRules, Letter
from notifications.domain.pricing import Sizes
from notifications.domain.roster import Channel
from notifications.domain.segments import count, plain

#: The cut of names in the short text, which must fit when the long one does not.
_SHORT_CHARS = 20
#: What is an entry in a calendar, or takes one out; a reminder leaves the one that is there.
_IN_CALENDAR = (INVITING | CANCELLING) - REMINDING
#: What texts may show of a place.
_PLACE_VALUES = ("room", "date", "day", "starts", "ends", "zone", "zone_name")
#: More than there are times of a district's defenses in all its languages on a busy day.
_TIMES = 4096


class JinjaRenderer:
    """Renders the packaged texts.

    Args:
        email_from: the sender's address, with or without a name; it organises the calendar entries.
    """

    def __init__(self, email_from: str) -> None:
        _, self._organizer = parseaddr(email_from)
        self._phrasebook = cache(Phrasebook)

    def render(self, letter: Letter, *, rules: DistrictRules) -> Content:
        """Return the complete content.

        Raises:
            TextRefusedError: if there is no text that may go out, or none that is short enough.
        """
        phrasebook, language = self._texts(letter, rules)
        values = _values(letter, language, rules, phrasebook)
        if letter.in_digest:
            return digest_item(phrasebook, values, letter, language, rules)
        if letter.channel is Channel.SMS:
            most_parts = rules.channels[Channel.SMS].most_parts
            purpose = letter.news.purpose
            return text_message(phrasebook, purpose, values, language, most_parts=most_parts, rules=rules)
        return self._email(phrasebook, values, letter, language, rules)

    def render_digest(self, letter: DigestLetter, *, rules: DistrictRules) -> Content:
        """Return the complete content of a digest.

        Raises:
            TextRefusedError: as above.
        """
        phrasebook, language = self._chosen(letter.wanted_language, Purpose.DIGEST, letter.channel, rules)
        return digest_letter(phrasebook, letter, language, rules)

    def unsubscribe_page(self, wanted: str, *, done: bool, rules: DistrictRules) -> str:
        """Return the page that asks whether to end emails of a kind, or says that they are ended.

        Raises:
            TextRefusedError: as above.
        """
        # The page is reviewed with the letter that most who open it have got.
        phrasebook, language = self._chosen(wanted, Purpose.DIGEST, Channel.EMAIL, rules)
        return unsubscribe_page(phrasebook, language, rules, done=done)

    def text(self, letter: Letter, *, rules: DistrictRules) -> Text:
        """Return which text a letter is written with.

        Raises:
            TextRefusedError: if there is none that may go out.
        """
        _, language = self._texts(letter, rules)
        return self.written(rules.languages.texts_version, language, letter.news.purpose, letter.channel)

    def written(self, version: str, language: Language, purpose: Purpose, channel: Channel) -> Text:
        """Return a text as it is written now.

        Raises:
            TextRefusedError: if there is none.
        """
        return self._phrasebook(version, language).written(purpose, channel)

    def sizes(self, letter: Letter, *, rules: DistrictRules) -> Sizes:
        """Return what a text message costs, long and short.

        Raises:
            TextRefusedError: if there is no text that may go out.
        """
        phrasebook, language = self._texts(letter, rules)
        values = _values(letter, language, rules, phrasebook)
        long, short = (count(sms(phrasebook, letter.news.purpose, name, values)) for name in SMS_PHRASES)
        return Sizes(language=language.tag, long=long, short=short)

    def family_calendar(self, letters: Sequence[Letter], *, rules: DistrictRules) -> str:
        """Return a calendar to subscribe to; an appointment that cannot be written is left out of it."""
        entries = (self._written_entry(each, rules) for each in letters)
        return subscription([each for each in entries if each], name=rules.sender.name)

    def _written_entry(self, letter: Letter, rules: DistrictRules) -> Entry | None:
        try:
            phrasebook, language = self._texts(letter, rules)
            return self._entry(phrasebook, _values(letter, language, rules, phrasebook), letter)
        except TextRefusedError:
            return None

    def _texts(self, letter: Letter, rules: DistrictRules) -> tuple[Phrasebook, Language]:
        return self._chosen(letter.wanted_language, letter.news.purpose, letter.channel, rules)

    def _chosen(
        self, wanted: str, purpose: Purpose, channel: Channel, rules: DistrictRules
    ) -> tuple[Phrasebook, Language]:
        version = rules.languages.texts_version

        def text_in(language: Language) -> Text:
            return self.written(version, language, purpose, channel)

        language = rules.languages.choose(wanted, text_in)
        return self._phrasebook(version, language), language

    def _email(
        self,
        phrasebook: Phrasebook,
        values: Values,
        letter: Letter,
        language: Language,
        rules: DistrictRules,
    ) -> Content:
        purpose = letter.news.purpose
        return Content(
            language=language.tag,
            template_version=rules.languages.texts_version,
            subject=phrasebook.line(purpose, "subject", values=values),
            text=phrasebook.text(purpose, values, calendar_url=letter.calendar_url) + "\n",
            html=phrasebook.html(purpose, values, calendar_url=letter.calendar_url),
            calendar=self._calendar(phrasebook, values, letter, rules),
            calendar_method=_method(letter),
        )

    def _calendar(self, phrasebook: Phrasebook, values: Values, letter: Letter, rules: DistrictRules) -> str:
        """Return the calendar entry; empty where there is no time to keep free, or to give back."""
        entry = self._entry(phrasebook, values, letter)
        if entry is None or letter.news.purpose not in _IN_CALENDAR:
            return ""
        organizer = Organizer(address=self._organizer, name=rules.sender.name)
        return invitation(entry, organizer, attendee=letter.address)

    def _entry(self, phrasebook: Phrasebook, values: Values, letter: Letter) -> Entry | None:
        place = letter.news.place
        if place is None:
            return None
        _, _, domain = self._organizer.rpartition("@")
        return Entry(
            method=_method(letter),
            uid=f"{letter.fact.kind}-{letter.fact.fact_id}@{domain}",
            revision=letter.fact.revision,
            place=place,
            summary=phrasebook.line("event", letter.fact.kind, values=values),
            location=", ".join(filter(None, (values["school"], values["room"]))),
            written_at=letter.written_at,
        )


def _method(letter: Letter) -> CalendarMethod:
    return CalendarMethod.CANCEL if letter.news.purpose in CANCELLING else CalendarMethod.REQUEST


def _values(
    letter: Letter, language: Language, rules: DistrictRules, phrasebook: Phrasebook
) -> dict[str, str]:
    """Return what texts may show; nothing else of the student leaves the service."""
    unnamed_form = phrasebook.line("unnamed_form", values={})
    student = inert(letter.student.given_name) or inert(letter.student.family_name)
    school = inert(letter.school.name)
    form = _form(letter.fact.forms, language, rules) or unnamed_form
    fallback = rules.languages.fallback
    news = letter.news
    return {
        "student": student,
        "student_short": inert(student, longest_chars=_SHORT_CHARS),
        "school": school,
        "school_short": inert(school, longest_chars=_SHORT_CHARS),
        "form": form,
        "form_short": inert(form, longest_chars=_SHORT_CHARS),
        **_when_and_where(news.place, language.locale),
        **{f"old_{name}": value for name, value in _when_and_where(news.before, language.locale).items()},
        **_day("plan_by", letter.fact.plan_due_on, language.locale),
        **_day("defend_by", letter.fact.defend_by, language.locale),
        "lasts": _minutes(news.place, phrasebook),
        "new_time_follows": "yes" if letter.fact.to_be_rescheduled else "",
        "again": "yes" if news.again else "",
        "sender": rules.sender.name,
        "contact": rules.sender.contact_in(language.tag, fallback=fallback),
        "portal": rules.sender.portal_in(language.tag, fallback=fallback),
    }


def _form(forms: tuple[NamedForm, ...], language: Language, rules: DistrictRules) -> str:
    """Return what a milestone's form is called: in the text's language, the fallback's, or any."""
    names = {each.language.partition("-")[0].lower(): each.name for each in forms}
    any_name = forms[0].name if forms else ""
    return inert(names.get(language.tag.lower()) or names.get(rules.languages.fallback) or any_name)


@lru_cache(maxsize=_TIMES)
def _when_and_where(place: Place | None, locale: str) -> Values:
    """Return a place as it is told; all empty if there is none, or none on record.

    It is kept, because a school's families are told of few times and writing them is half of the work.
    """
    if place is None:
        return dict.fromkeys(_PLACE_VALUES, "")
    starts, ends = (wall_time(each, place.time_zone) for each in (place.starts_at, place.ends_at))
    return {
        "room": inert(place.room),
        "date": plain(format_date(starts, "full", locale=locale)),
        "day": plain(format_skeleton("MMMEd", starts, locale=locale)),
        "starts": plain(format_time(starts, "short", locale=locale)),
        "ends": plain(format_time(ends, "short", locale=locale)),
        "zone": starts.tzname() or place.time_zone,
        "zone_name": zone_name(starts, place.time_zone, locale),
    }


def _minutes(place: Place | None, phrasebook: Phrasebook) -> str:
    """Return how long it lasts; empty where that is not known."""
    minutes = (place.ends_at - place.starts_at) // timedelta(minutes=1) if place else 0
    return phrasebook.counted("minutes", minutes) if minutes > 0 else ""


def _day(name: str, day: date | None, locale: str) -> dict[str, str]:
    """Return a day as it is told in an email and in a text message; empty if there is none."""
    if day is None:
        return {name: "", f"{name}_day": ""}
    return {
        name: plain(format_date(day, "full", locale=locale)),
        f"{name}_day": plain(format_skeleton("MMMEd", day, locale=locale)),
    }
