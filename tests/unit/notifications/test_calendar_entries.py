"""Case 27: what a calendar program reads from an invitation, its updates and its cancellation."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from tests.unit.notifications.notification_examples import NOW, RULES, Examples
from tests.unit.notifications.notification_letters import SENDER, called_off, moved, rendered

from notifications.clients.letters import letter
from notifications.domain.facts import Fact
from notifications.domain.messages import Content, Purpose
from notifications.domain.news import News
from notifications.domain.planning import DistrictRules, Letter

LOUISVILLE = ZoneInfo("America/Kentucky/Louisville")


def event_of(content: Content) -> Any:
    [event] = icalendar.Calendar.from_ical(content.calendar).walk("VEVENT")
    return event


def mailed(content: Content, *, to: str = "ana@example.org") -> EmailMessage:
    raw = letter(content, message_id="m-1", email_from=SENDER, sender_name="JCPS", to=to, written_at=NOW)
    parsed = message_from_bytes(raw, policy=default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def calendar_part(mail: EmailMessage) -> EmailMessage:
    [part] = [each for each in mail.walk() if each.get_content_type() == "text/calendar"]
    assert isinstance(part, EmailMessage)
    return part


def called(name: str) -> DistrictRules:
    return replace(RULES, sender=replace(RULES.sender, name=name))


@pytest.mark.parametrize(
    "title",
    [
        'Maya; the "great", O\'Brien',
        "Maya\nDTSTART:19990101T000000Z",
        "Maya\\, Ana\\; \\n Eva",
        "مايا",
        "Ñandú 🎒" * 6,
    ],
)
def test_case_27_a_title_is_read_back_as_it_was_written(make: Examples, title: str) -> None:
    content = rendered(make.letter(student=make.student(given_name=title), school=make.school(name=title)))

    event = event_of(content)
    shown = " ".join(title.split())
    assert str(event["summary"]) == f"{shown}'s defense"
    assert str(event["location"]) == f"{shown}, Room 12"
    assert event.decoded("dtstart") == make.starts_at
    # RFC 5545 section 3.1: lines end with CRLF and are folded at 75 octets, wherever a letter has several.
    lines = content.calendar.encode().split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    assert not [line for line in lines if b"\n" in line]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ('JCPS "Backpack"', "JCPS 'Backpack'"),
        ("JCPS; Schools: Louisville, KY", "JCPS; Schools: Louisville, KY"),
        ("Escuelas Públicas", "Escuelas Públicas"),
    ],
)
def test_case_27_a_sender_s_name_stands_in_the_organizer_s_cn(make: Examples, name: str, shown: str) -> None:
    content = rendered(make.letter(), called(name))

    organizer = event_of(content)["organizer"]
    assert organizer == "mailto:backpack@district.example"
    assert organizer.params["CN"] == shown
    unfolded = content.calendar.replace("\r\n ", "")
    [line] = [each for each in unfolded.splitlines() if each.startswith("ORGANIZER")]
    assert line.count('"') in (0, 2)


def a_season(make: Examples) -> Iterator[Letter]:
    """Yield what a family gets: an invitation, two moves over the end of summer time, and the end of it."""
    in_summer = make.place(
        starts_at=datetime(2026, 10, 30, 14, 0, tzinfo=UTC),
        ends_at=datetime(2026, 10, 30, 14, 30, tzinfo=UTC),
    )
    in_winter = make.place(
        starts_at=datetime(2026, 11, 2, 15, 0, tzinfo=UTC), ends_at=datetime(2026, 11, 2, 15, 30, tzinfo=UTC)
    )
    first: Fact = make.defense(place=in_summer)
    yield make.letter(fact=first)
    told = [
        (Purpose.DEFENSE_MOVED, in_winter, in_summer),
        (Purpose.DEFENSE_MOVED, in_summer, in_winter),
        (Purpose.DEFENSE_CANCELLED, in_summer, None),
    ]
    for revision, (purpose, place, before) in enumerate(told, start=2):
        news = News(purpose=purpose, place=place, before=before)
        yield make.letter(fact=replace(first, revision=revision, place=place), news=news)


def test_case_27_an_appointment_is_followed_over_the_change_of_the_clocks(make: Examples) -> None:
    contents = [rendered(each) for each in a_season(make)]
    events = [event_of(each) for each in contents]

    assert {event["uid"] for event in events} == {"defense-d-1@district.example"}
    assert [event["sequence"] for event in events] == [0, 1, 2, 3]
    starts = [event.decoded("dtstart") for event in events]
    assert [each.astimezone(LOUISVILLE).strftime("%H:%M %Z") for each in starts] == [
        "10:00 EDT",
        "10:00 EST",
        "10:00 EDT",
        "10:00 EDT",
    ]
    assert {each.utcoffset() for each in starts} == {timedelta(0)}
    assert not [each for each in contents if "TZID" in each.calendar]
    assert [event["status"] for event in events] == [*["CONFIRMED"] * 3, "CANCELLED"]


def test_case_27_the_method_is_in_both_places_and_nowhere_else(make: Examples) -> None:
    contents = [rendered(each) for each in a_season(make)]

    for content, method in zip(contents, [*["REQUEST"] * 3, "CANCEL"], strict=True):
        part = calendar_part(mailed(content))
        calendar = icalendar.Calendar.from_ical(part.get_content())
        assert part["content-type"].params["method"] == method
        assert part["content-type"].params["charset"] == "utf-8"
        assert calendar["method"] == method
        assert "method" not in event_of(content)
        assert content.calendar.count("METHOD") == 1
        assert calendar["version"] == "2.0"
        assert str(calendar["prodid"])


def attendees(event: Any) -> Sequence[str]:
    found = event["attendee"]
    return [str(each) for each in (found if isinstance(found, list) else [found])]


def test_case_27_each_mail_names_its_own_reader_and_nobody_else(make: Examples) -> None:
    for address in ("ana@example.org", "juan@example.org"):
        mail = mailed(rendered(make.letter(address=address)), to=address)
        [event] = icalendar.Calendar.from_ical(calendar_part(mail).get_content()).walk("VEVENT")

        assert mail["to"] == address
        assert attendees(event) == [f"mailto:{address}"]


@pytest.mark.parametrize("language", ["en", "es"])
def test_case_27_a_cancellation_says_when_it_would_have_been_and_has_the_higher_sequence(
    make: Examples, language: str
) -> None:
    invited = event_of(rendered(make.letter(wanted_language=language)))
    moved_to = event_of(rendered(moved(make, wanted_language=language)))
    gone = event_of(rendered(called_off(make, wanted_language=language)))

    assert gone["uid"] == invited["uid"] == moved_to["uid"]
    assert gone["sequence"] > invited["sequence"]
    assert gone.decoded("dtstart") == make.starts_at
    assert gone.decoded("dtend") - gone.decoded("dtstart") == timedelta(minutes=30)
    assert gone["organizer"] == invited["organizer"]
