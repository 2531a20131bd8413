"""Write what a family reads: text, HTML, SMS and the calendar entry, from reviewed templates."""

from collections.abc import Mapping
from email.utils import parseaddr
from functools import cache

from babel.dates import format_date, format_skeleton, format_time
from jinja2 import PackageLoader, StrictUndefined, Template, TemplateError, select_autoescape
from jinja2.sandbox import ImmutableSandboxedEnvironment

from notifications.clients.invitations import Invitation, invitation, wall_time
from notifications.domain.facts import Place
from notifications.domain.languages import Language, TextRefusedError
from notifications.domain.messages import CalendarMethod, Content, Purpose
from notifications.domain.names import inert
from notifications.domain.planning import DistrictRules, Letter
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel
from notifications.domain.segments import Segments, count, plain

#: The cut of names in the short text, which must fit when the long one does not.
_SHORT_CHARS = 20
#: What templates may show of a place.
_PLACE_VALUES = ("room", "date", "day", "starts", "ends", "zone")


class JinjaRenderer:
    """Renders the packaged templates; a placeholder that nothing fills is an error, never a gap.

    Args:
        email_from: the sender's address, with or without a name; it organises the calendar entries.
    """

    def __init__(self, email_from: str) -> None:
        _, self._organizer = parseaddr(email_from)
        self._environment = ImmutableSandboxedEnvironment(
            loader=PackageLoader("notifications", "templates"),
            autoescape=select_autoescape(("html",)),
            undefined=StrictUndefined,
            auto_reload=False,
        )
        self._template = cache(self._load)

    def render(self, letter: Letter, *, rules: DistrictRules) -> Content:
        """Return the complete content.

        Raises:
            TextRefusedError: if there is no text that may go out, or none that is short enough.
        """
        language = rules.languages.choose(letter.wanted_language)
        values = _values(letter, language, rules)
        folder = f"{rules.languages.texts_version}/{language.tag}/{letter.news.purpose}"
        if letter.channel is Channel.SMS:
            return self._sms(folder, values, language, rules)
        return self._email(folder, values, language, letter, rules)

    def _email(
        self,
        folder: str,
        values: Mapping[str, str],
        language: Language,
        letter: Letter,
        rules: DistrictRules,
    ) -> Content:
        called_off = letter.news.purpose is Purpose.DEFENSE_CANCELLED
        method = CalendarMethod.CANCEL if called_off else CalendarMethod.REQUEST
        calendar = invitation(
            Invitation(
                method=method,
                defense_id=letter.defense.defense_id,
                revision=letter.defense.revision,
                place=letter.news.place,
                summary=self._fill(folder, "event.txt", values),
                location=", ".join(filter(None, (values["school"], values["room"]))),
                organizer=self._organizer,
                organizer_name=rules.sender.name,
                attendee=letter.address,
                written_at=letter.written_at,
            )
        )
        return Content(
            language=language.tag,
            template_version=rules.languages.texts_version,
            subject=" ".join(self._fill(folder, "subject.txt", values).split()),
            text=self._fill(folder, "text.txt", values) + "\n",
            html=self._fill(folder, "body.html", values),
            calendar=calendar,
            calendar_method=method,
        )

    def _sms(
        self, folder: str, values: Mapping[str, str], language: Language, rules: DistrictRules
    ) -> Content:
        text, cost = self._short_enough(folder, values, most_parts=rules.channels[Channel.SMS].most_parts)
        return Content(
            language=language.tag,
            template_version=rules.languages.texts_version,
            text=text,
            parts=cost.parts,
            encoding=cost.encoding,
        )

    def _short_enough(
        self, folder: str, values: Mapping[str, str], *, most_parts: int
    ) -> tuple[str, Segments]:
        for name in ("sms.txt", "sms_short.txt"):
            text = " ".join(plain(self._fill(folder, name, values)).split())
            cost = count(text)
            if not most_parts or cost.parts <= most_parts:
                return text, cost
        raise TextRefusedError(Reason.TEXT_TOO_LONG)

    def _fill(self, folder: str, name: str, values: Mapping[str, str]) -> str:
        try:
            return self._template(f"{folder}/{name}").render(values)
        except TemplateError:
            # Its text may quote what was to be filled in, so it is not chained.
            raise TextRefusedError(Reason.TEXT_MISSING) from None

    def _load(self, name: str) -> Template:
        return self._environment.get_template(name)


def _values(letter: Letter, language: Language, rules: DistrictRules) -> dict[str, str]:
    """Return what templates may show; nothing else of the student leaves the service."""
    student = inert(letter.student.given_name) or inert(letter.student.family_name)
    school = inert(letter.school.name)
    contacts = rules.sender.contact
    return {
        "language": language.tag,
        "direction": language.direction,
        "student": student,
        "student_short": inert(student, longest_chars=_SHORT_CHARS),
        "school": school,
        "school_short": inert(school, longest_chars=_SHORT_CHARS),
        **_when_and_where(letter.news.place, language.locale),
        **{f"old_{name}": value for name, value in _before(letter.news.before, language.locale).items()},
        "new_time_follows": "yes" if letter.defense.to_be_rescheduled else "",
        "sender": rules.sender.name,
        "contact": contacts.get(language.tag) or contacts.get(rules.languages.fallback) or rules.sender.name,
    }


def _before(place: Place | None, locale: str) -> dict[str, str]:
    """Return where a guardian believed that a defense would be; all empty if nothing is on record."""
    return dict.fromkeys(_PLACE_VALUES, "") if place is None else _when_and_where(place, locale)


def _when_and_where(place: Place, locale: str) -> dict[str, str]:
    starts, ends = (wall_time(each, place.time_zone) for each in (place.starts_at, place.ends_at))
    return {
        "room": inert(place.room),
        "date": plain(format_date(starts, "full", locale=locale)),
        "day": plain(format_skeleton("MMMEd", starts, locale=locale)),
        "starts": plain(format_time(starts, "short", locale=locale)),
        "ends": plain(format_time(ends, "short", locale=locale)),
        "zone": starts.tzname() or place.time_zone,
    }
