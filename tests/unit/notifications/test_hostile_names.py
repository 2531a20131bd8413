"""Case 19: whatever a name, a school or a room is called, it is read as words and does nothing."""

from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from html.parser import HTMLParser
from typing import Any

import icalendar
import pytest
from tests.unit.notifications.notification_examples import NOW, RULES, Examples
from tests.unit.notifications.notification_letters import SENDER, of_every_purpose, rendered

from notifications.clients.letters import letter
from notifications.domain.languages import Language
from notifications.domain.messages import Content
from notifications.domain.planning import DistrictRules
from notifications.domain.roster import Channel

NAMES = {
    "script": "<script>alert(1)</script>",
    "image": '<img src=x onerror="alert(1)">',
    "entity": "&lt;b&gt; &amp; Sons",
    "jinja": "{{7*7}}{% for x in y %}",
    "notify": "((name))",
    "formula": "=cmd|' /C calc'!A0",
    "apostrophe": "O'Brien",
    "long": "x" * 300,
    "override": "Ma\u202eya\u2066",
    "emoji": "👩\u200d👧 🎒",
    "domain": "evil.com",
    "address": "https://evil.com/a@b.example",
    "dots": "evil\u3002com \uff0eorg",
    "header": 'a\r\nBCC: b@example.org;c,d"e',
    "calendar": "END:VEVENT\nBEGIN:VALARM;X=\\n,y",
    "zalgo": "M\u0301\u0301\u0301a",
    "percent": "%s %(x)s {0} $HOME",
}
ARABIC = Language(tag="ar", locale="ar", direction="rtl")
LINKING = ("evil.com", "https://", "b@example", "a@b", "evil\u3002com")
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067"


class Tags(HTMLParser):
    """Counts the tags of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: dict[str, int] = {}
        self.attributes: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] = self.tags.get(tag, 0) + 1
        self.attributes |= {name for name, _ in attrs}


def rules(language: str) -> DistrictRules:
    languages = replace(RULES.languages, known={**RULES.languages.known, "ar": ARABIC}, fallback=language)
    return replace(RULES, languages=languages, channels={**RULES.channels})


def contents(make: Examples, name: str, channel: Channel, language: str = "en") -> list[Content]:
    """Return every purpose's text in which student, school, room and form are called so."""
    called: dict[str, Any] = {
        "channel": channel,
        "student": make.student(given_name=name),
        "school": make.school(name=name),
        "wanted_language": language,
    }
    letters = []
    for each in of_every_purpose(make, **called):
        place = replace(each.news.place, room=name) if each.news.place else None
        forms = tuple(replace(form, name=name) for form in each.fact.forms)
        news = replace(each.news, place=place)
        letters.append(replace(each, news=news, fact=replace(each.fact, place=place, forms=forms)))
    unlimited = rules(language)
    free = {**unlimited.channels, Channel.SMS: replace(unlimited.channels[Channel.SMS], most_parts=0)}
    return [rendered(each, replace(unlimited, channels=free)) for each in letters]


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_case_19_a_name_adds_no_tag_and_no_attribute_to_an_email(
    make: Examples, name: str, language: str
) -> None:
    usual = contents(make, "Maya", Channel.EMAIL, language)

    for hostile, plain in zip(contents(make, name, Channel.EMAIL, language), usual, strict=True):
        assert Tags(hostile.html).tags == Tags(plain.html).tags
        assert Tags(hostile.html).attributes == Tags(plain.html).attributes
        assert not [each for each in (*LINKING, *BIDI) if each in hostile.html]


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_case_19_a_name_makes_no_line_no_link_and_no_code_in_what_is_read_as_text(
    make: Examples, name: str
) -> None:
    usual = contents(make, "Maya", Channel.EMAIL)

    for hostile, plain in zip(contents(make, name, Channel.EMAIL), usual, strict=True):
        assert hostile.text.count("\n") == plain.text.count("\n")
        assert "\n" not in hostile.subject
        assert "49" not in hostile.subject.replace("2026", "")
        assert not [each for each in (*LINKING, *BIDI) if each in hostile.text + hostile.subject]
        if name.startswith("{{"):
            assert "{{7*7}}" in hostile.text
    for text in contents(make, name, Channel.SMS):
        assert "\n" not in text.text
        assert not [each for each in (*LINKING, *BIDI) if each in text.text]
        assert not text.text.startswith(("+", "-", "@"))


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_case_19_a_name_adds_nothing_to_a_calendar_and_no_header_to_a_mail(make: Examples, name: str) -> None:
    for content in contents(make, name, Channel.EMAIL):
        raw = letter(
            content,
            message_id="m-1",
            email_from=SENDER,
            sender_name="JCPS",
            to="a@example.org",
            written_at=NOW,
        )
        mail = message_from_bytes(raw, policy=default)
        assert sorted(mail.keys()) == sorted(message_from_bytes(_plain_mail(make), policy=default).keys())
        assert mail["to"] == "a@example.org"
        assert not mail.defects
        if content.calendar:
            calendar = icalendar.Calendar.from_ical(content.calendar)
            assert [each.name for each in calendar.walk()] == ["VCALENDAR", "VEVENT"]
            [event] = calendar.walk("VEVENT")
            assert sorted(event.keys()) == sorted(
                [
                    *("ATTENDEE", "DTEND", "DTSTAMP", "DTSTART", "LOCATION"),
                    *("ORGANIZER", "SEQUENCE", "STATUS", "SUMMARY", "UID"),
                ]
            )
            assert "\n" not in str(event["summary"]) + str(event["location"])


def _plain_mail(make: Examples) -> bytes:
    return letter(
        rendered(make.letter()),
        message_id="m-1",
        email_from=SENDER,
        sender_name="JCPS",
        to="a@example.org",
        written_at=NOW,
    )


@pytest.mark.parametrize("name", ["   ", "\u200b\u202e", "\t\r\n", ""])
def test_case_19_a_name_of_which_nothing_can_be_seen_is_replaced(make: Examples, name: str) -> None:
    about = make.letter(student=make.student(given_name=name), fact=make.defense(place=make.place(room=name)))

    content = rendered(about)

    assert content.subject.startswith("García's defense")
    assert "Where: Lincoln Elementary" in content.text


def test_case_19_a_name_of_three_hundred_letters_leaves_room_for_the_time(make: Examples) -> None:
    [first, *_] = contents(make, "x" * 300, Channel.SMS)

    assert "x" * 57 + "..." in first.text
    assert "x" * 58 not in first.text
    assert "Fri, Dec 4, 10:30 AM EST" in first.text
