"""What a family reads: complete, inert, in the school's time."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from tests.unit.notifications.notification_examples import LANGUAGES, NOW, RULES, Examples
from tests.unit.notifications.notification_letters import SENDER, called_off, moved, rendered

from notifications.clients.letters import letter, message_id_header
from notifications.clients.rendering import JinjaRenderer
from notifications.clients.zones import zone_name
from notifications.domain.languages import Review, TextRefusedError
from notifications.domain.messages import CalendarMethod, Content
from notifications.domain.planning import ChannelRule
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel
from notifications.domain.segments import Encoding


def test_an_english_text_message_says_what_when_and_where(make: Examples) -> None:
    content = rendered(make.letter(channel=Channel.SMS))

    assert content == Content(
        language="en",
        template_version="2026-11",
        text=(
            "Lincoln Elementary: Maya's defense is Fri, Dec 4, 10:30 AM EST, Room 12. "
            "Questions? Call the school. Reply STOP to opt out."
        ),
        parts=1,
        encoding=Encoding.GSM_7,
    )


def test_a_spanish_text_message_stays_in_the_cheap_alphabet(make: Examples) -> None:
    content = rendered(make.letter(channel=Channel.SMS, wanted_language="es-MX"))

    assert content == Content(
        language="es",
        template_version="2026-11",
        text=(
            "Lincoln Elementary: la defensa de Maya es el vie, 4 de dic, 10:30 a.m. EST, Room 12. "
            "¿Preguntas? Llame a la escuela. Responda STOP para no recibir mensajes."
        ),
        parts=1,
        encoding=Encoding.GSM_7,
    )


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "en",
            (
                "Lincoln Elementary: Maya's defense has moved. Now: Fri, Dec 4, 10:30 AM EST, Room 12. "
                "Before: Thu, Dec 3, 10:30 AM, Library. Questions? Call the school. Reply STOP to opt out."
            ),
        ),
        (
            "es",
            (
                "Lincoln Elementary: la defensa de Maya ha cambiado. Ahora: vie, 4 de dic, 10:30 a.m. EST, "
                "Room 12. Antes: jue, 3 de dic, 10:30 a.m., Library. ¿Preguntas? Llame a la escuela. "
                "Responda STOP para no recibir mensajes."
            ),
        ),
    ],
)
def test_a_text_message_about_a_move_says_what_holds_now_and_what_held_before(
    make: Examples, language: str, text: str
) -> None:
    content = rendered(moved(make, channel=Channel.SMS, wanted_language=language))

    assert (content.text, content.parts, content.encoding) == (text, 2, Encoding.GSM_7)


@pytest.mark.parametrize(
    ("language", "follows", "text"),
    [
        (
            "en",
            False,
            (
                "Lincoln Elementary: Maya's defense on Fri, Dec 4, 10:30 AM EST, is canceled. "
                "Questions? Call the school. Reply STOP to opt out."
            ),
        ),
        (
            "es",
            True,
            (
                "Lincoln Elementary: la defensa de Maya del vie, 4 de dic, 10:30 a.m. EST, se cancela. "
                "Le enviaremos una nueva hora. ¿Preguntas? Llame a la escuela. "
                "Responda STOP para no recibir mensajes."
            ),
        ),
    ],
)
def test_a_text_message_about_a_cancellation_says_what_is_off_and_whether_more_follows(
    make: Examples, language: str, text: str, follows: bool
) -> None:
    content = rendered(
        called_off(make, channel=Channel.SMS, wanted_language=language, to_be_rescheduled=follows)
    )

    assert (content.text, content.encoding) == (text, Encoding.GSM_7)


@pytest.mark.parametrize("language", ["en", "es"])
def test_case_21_every_purpose_has_a_short_text(make: Examples, language: str) -> None:
    school = make.school(name="The Very Long Name of a School of Many Words in the District")
    two_parts = replace(RULES, channels={Channel.SMS: replace(RULES.channels[Channel.SMS], most_parts=2)})
    dear: dict[str, Any] = {
        "channel": Channel.SMS,
        "wanted_language": language,
        "school": school,
        "student": make.student(given_name="Łucja"),
    }

    for about in (moved(make, **dear), called_off(make, **dear)):
        content = rendered(about, two_parts)

        assert content.text.startswith("The Very Long Nam...: ")
        assert "STOP" in content.text


def test_an_email_about_a_move_says_what_held_before_and_without_a_record_of_it_nothing(
    make: Examples,
) -> None:
    content = rendered(moved(make))
    unrecorded = rendered(make.letter(news=replace(moved(make).news, before=None)))

    assert content.subject == "New time or place: Maya's defense, Friday, December 4, 2026, 10:30 AM"
    assert "When: Friday, December 4, 2026, 10:30 AM to 11:00 AM (Eastern Standard Time)" in content.text
    assert "No longer: Thursday, December 3, 2026, 10:30 AM (Eastern Standard Time), Library" in content.text
    assert ">No longer:</strong>" in content.html
    assert "No longer" not in unrecorded.text + unrecorded.html


def test_an_email_about_a_cancellation_says_whether_there_will_be_another_time(make: Examples) -> None:
    for_good = rendered(called_off(make))
    for_now = rendered(called_off(make, to_be_rescheduled=True))

    assert for_good.subject == "Canceled: Maya's defense, Friday, December 4, 2026, 10:30 AM"
    assert "Friday, December 4, 2026, 10:30 AM (Eastern Standard Time), Lincoln Elementary" in for_good.text
    assert "new time" not in for_good.text + for_good.html
    assert "when there is a new time" in for_now.text
    assert "when there is a new time" in for_now.html


def test_case_20_a_district_that_sends_only_reviewed_texts_tells_of_a_move_in_its_fallback(
    make: Examples,
) -> None:
    about = moved(make, wanted_language="es")
    english = JinjaRenderer(SENDER).text(replace(about, wanted_language="en"), rules=RULES)
    read = Review(text=english, by="A. Reader", on=date(2026, 11, 3))
    careful = replace(RULES, languages=replace(LANGUAGES, send_unreviewed=False, reviews=(read,)))

    assert rendered(about, careful).language == "en"
    with pytest.raises(TextRefusedError):
        rendered(called_off(make, wanted_language="es"), careful)


def test_a_text_message_holds_no_more_than_it_must(make: Examples) -> None:
    text = rendered(make.letter(channel=Channel.SMS)).text

    for told_elsewhere in ("García", "s-1", "g-1", "d-1", "ana@example.org"):
        assert told_elsewhere not in text


@pytest.mark.parametrize(
    ("starts_at", "when"),
    [
        (datetime(2026, 10, 31, 14, 0, tzinfo=UTC), "Sat, Oct 31, 10:00 AM EDT"),
        # The clocks went back in the night to November 1st: the same wall time is another moment.
        (datetime(2026, 11, 2, 15, 0, tzinfo=UTC), "Mon, Nov 2, 10:00 AM EST"),
    ],
)
def test_case_22_times_are_the_school_s_wall_time_with_weekday_and_zone(
    make: Examples, starts_at: datetime, when: str
) -> None:
    defense = make.defense(place=make.place(starts_at=starts_at, ends_at=starts_at + timedelta(minutes=30)))

    assert when in rendered(make.letter(channel=Channel.SMS, fact=defense)).text


@pytest.mark.parametrize(
    ("time_zone", "locale", "name"),
    [
        ("America/Kentucky/Louisville", "en_US", "Eastern Standard Time"),
        ("America/Kentucky/Louisville", "es_US", "hora estándar oriental"),
        ("America/Kentucky/Louisville", "ar", "التوقيت الرسمي الشرقي لأمريكا الشمالية"),
        ("America/Denver", "en_US", "Mountain Standard Time"),
        # In Kinyarwanda zones have no names yet, and some zones have one in no language.
        ("America/Denver", "rw", "MST"),
        ("UTC", "en_US", "UTC"),
    ],
)
def test_case_22_a_zone_is_called_by_its_name_in_the_reader_s_language(
    make: Examples, time_zone: str, locale: str, name: str
) -> None:
    assert zone_name(make.starts_at.astimezone(ZoneInfo(time_zone)), time_zone, locale) == name


def test_case_22_in_summer_a_zone_has_its_summer_name() -> None:
    zone = "America/Kentucky/Louisville"
    summer = datetime(2026, 10, 1, 12, tzinfo=ZoneInfo(zone))

    assert zone_name(summer, zone, "en_US") == "Eastern Daylight Time"


@pytest.mark.parametrize("zone", ["Mars/Phobos", "../etc/passwd", "America", " "])
def test_case_22_in_an_unknown_zone_no_time_is_told(make: Examples, zone: str) -> None:
    with pytest.raises(TextRefusedError) as refused:
        rendered(make.letter(fact=make.defense(place=make.place(time_zone=zone))))

    assert refused.value.reason is Reason.ZONE_UNKNOWN


def test_case_21_a_text_that_costs_too_much_is_told_shortly(make: Examples) -> None:
    school = make.school(name="The Very Long Name of a School of Many Words in the District")
    dear = make.letter(channel=Channel.SMS, student=make.student(given_name="Łucja"), school=school)
    one_part = replace(RULES, channels={Channel.SMS: replace(RULES.channels[Channel.SMS], most_parts=2)})

    content = rendered(dear, one_part)

    assert content.text == (
        "The Very Long Nam...: Łucja's defense: Fri, Dec 4, 10:30 AM. Reply STOP to opt out."
    )
    assert (content.parts, content.encoding) == (2, Encoding.UCS_2)


def test_case_21_a_text_that_even_shortly_costs_too_much_is_refused(make: Examples) -> None:
    dear = make.letter(channel=Channel.SMS, student=make.student(given_name="Łucja"))
    one_part = replace(RULES, channels={Channel.SMS: replace(RULES.channels[Channel.SMS], most_parts=1)})

    with pytest.raises(TextRefusedError) as refused:
        rendered(dear, one_part)

    assert refused.value.reason is Reason.TEXT_TOO_LONG


def test_a_district_may_leave_the_cost_open(make: Examples) -> None:
    rule = ChannelRule(consent=RULES.channels[Channel.SMS].consent, most_parts=0)
    unlimited = replace(RULES, channels={Channel.SMS: rule})

    content = rendered(
        make.letter(channel=Channel.SMS, fact=make.defense(place=make.place(room="ق" * 60))), unlimited
    )

    assert content.parts == 3


def test_an_email_is_complete_in_three_forms(make: Examples) -> None:
    content = rendered(make.letter())

    assert content.subject == "Maya's defense: Friday, December 4, 2026, 10:30 AM"
    assert "When: Friday, December 4, 2026, 10:30 AM to 11:00 AM (Eastern Standard Time)" in content.text
    assert "Where: Lincoln Elementary, Room 12" in content.text
    assert '<html lang="en" dir="ltr">' in content.html
    assert '<div lang="en" dir="ltr"' in content.html
    assert "<img" not in content.html
    assert "http" not in content.html


def test_a_calendar_entry_has_one_uid_for_life_and_a_sequence_that_rises(make: Examples) -> None:
    first = icalendar.Calendar.from_ical(rendered(make.letter()).calendar)
    second = icalendar.Calendar.from_ical(rendered(make.letter(fact=make.defense(revision=2))).calendar)

    [event], [moved] = first.walk("VEVENT"), second.walk("VEVENT")
    assert (event["uid"], event["sequence"]) == ("defense-d-1@district.example", 0)
    assert (moved["uid"], moved["sequence"]) == ("defense-d-1@district.example", 1)
    assert first["method"] == "REQUEST"
    assert "method" not in event
    assert event.decoded("dtstart") == make.starts_at
    assert event.decoded("dtstamp") == NOW
    assert event["attendee"] == "mailto:ana@example.org"
    assert event["organizer"] == "mailto:backpack@district.example"
    assert "DTSTART:20261204T153000Z" in rendered(make.letter()).calendar


def test_a_cancellation_takes_the_entry_out_of_the_calendar(make: Examples) -> None:
    content = rendered(called_off(make))

    calendar = icalendar.Calendar.from_ical(content.calendar)
    [event] = calendar.walk("VEVENT")
    assert calendar["method"] == "CANCEL"
    assert (event["uid"], event["sequence"]) == ("defense-d-1@district.example", 1)
    assert event["status"] == "CANCELLED"
    assert event.decoded("dtstart") == make.starts_at
    assert event["attendee"] == "mailto:ana@example.org"
    assert content.calendar_method is CalendarMethod.CANCEL


def test_a_move_asks_for_the_new_time_in_the_same_entry(make: Examples) -> None:
    content = rendered(moved(make))

    calendar = icalendar.Calendar.from_ical(content.calendar)
    [event] = calendar.walk("VEVENT")
    assert (calendar["method"], event["status"], event["sequence"]) == ("REQUEST", "CONFIRMED", 1)
    assert event.decoded("dtstart") == make.starts_at


@pytest.mark.parametrize("called", [False, True])
def test_the_method_of_the_calendar_is_also_in_the_mail(make: Examples, called: bool) -> None:
    content = rendered(called_off(make) if called else moved(make))
    mail = letter(
        content, message_id="m-1", email_from=SENDER, sender_name="JCPS", to="a@example.org", written_at=NOW
    )

    calendar = list(message_from_bytes(mail, policy=default).iter_parts())[2]
    method = calendar["content-type"].params["method"]
    assert method == ("CANCEL" if called else "REQUEST")
    assert f"METHOD:{method}" in calendar.get_content()


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "{{7*7}}",
        "((name))",
        "=cmd",
        "O'Brien",
        "Ma\u202eya",
        "👩‍👧",
        'a\r\nBCC: b;c,d"e',
        "x" * 300,
    ],
)
def test_case_19_a_name_is_inert_in_every_form(make: Examples, name: str) -> None:
    content = rendered(make.letter(student=make.student(given_name=name)))
    mail = letter(
        content, message_id="m-1", email_from=SENDER, sender_name="JCPS", to="a@example.org", written_at=NOW
    )

    [event] = icalendar.Calendar.from_ical(content.calendar).walk("VEVENT")
    parsed = message_from_bytes(mail, policy=default)
    assert "<script>" not in content.html
    assert "49" not in content.subject.replace("2026", "")
    assert "\u202e" not in content.text + content.html + content.subject
    assert "\n" not in str(event["summary"])
    assert parsed["bcc"] is None
    assert parsed["to"] == "a@example.org"
    assert len(content.subject) < 130


def test_case_19_a_given_name_of_spaces_is_replaced_by_the_family_name(make: Examples) -> None:
    about = make.letter(channel=Channel.SMS, student=make.student(given_name="  "))

    assert "García's defense" in rendered(about).text


def test_case_20_a_missing_text_is_refused_and_not_half_filled(make: Examples) -> None:
    unknown = replace(RULES, languages=replace(LANGUAGES, texts_version="1999-01"))

    with pytest.raises(TextRefusedError) as refused:
        rendered(make.letter(), unknown)

    assert refused.value.reason is Reason.TEXT_MISSING


def test_case_20_a_language_without_a_contact_of_its_own_uses_the_fallback_s(make: Examples) -> None:
    sender = replace(RULES.sender, contact={"en": "the office"})

    assert (
        "avise a the office."
        in rendered(make.letter(wanted_language="es"), replace(RULES, sender=sender)).text
    )


def test_a_mail_has_three_alternatives_and_one_recipient(make: Examples) -> None:
    content = rendered(make.letter())

    raw = letter(
        content,
        message_id="m-1",
        email_from=SENDER,
        sender_name="Jefferson County Schools",
        to="ana@example.org",
        written_at=NOW,
    )

    mail = message_from_bytes(raw, policy=default)
    kinds = [part.get_content_type() for part in mail.iter_parts()]
    calendar = list(mail.iter_parts())[2]
    assert mail["from"] == "Jefferson County Schools <backpack@district.example>"
    assert mail["to"] == "ana@example.org"
    assert mail["message-id"] == "<m-1@district.example>"
    assert mail["auto-submitted"] == "auto-generated"
    assert mail.get_content_type() == "multipart/alternative"
    assert kinds == ["text/plain", "text/html", "text/calendar"]
    assert calendar["content-type"].params["method"] == "REQUEST"
    assert b"\r\n" in raw
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_a_message_id_is_the_same_at_every_attempt() -> None:
    assert message_id_header("m-1", SENDER) == "<m-1@district.example>"
    assert message_id_header("m-1", "a@b.example") == "<m-1@b.example>"
