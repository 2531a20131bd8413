"""Every purpose is written in every language, with its calendar entry or without."""

import tomllib
from contextlib import suppress
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.policy import default
from importlib.resources import files
from typing import Any

import icalendar
import pytest
from tests.unit.notifications.notification_examples import NOW, Examples
from tests.unit.notifications.notification_letters import (
    LANGUAGE_TAGS,
    SENDER,
    letter_of,
    of_every_purpose,
    rendered,
)

from notifications.clients.letters import letter
from notifications.clients.phrases import Phrasebook
from notifications.domain.facts import NamedForm
from notifications.domain.languages import Language, TextRefusedError
from notifications.domain.messages import Purpose
from notifications.domain.news import News
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel
from notifications.repository import DistrictPolicies


@pytest.mark.parametrize("language", LANGUAGE_TAGS)
@pytest.mark.parametrize("channel", list(Channel))
def test_every_purpose_is_written_in_every_language_by_the_packaged_policies(
    make: Examples, language: str, channel: Channel
) -> None:
    packaged = DistrictPolicies("").rules("jcps", on=date(2026, 11, 22))
    written: dict[str, Any] = {"channel": channel, "wanted_language": language}

    letters = of_every_purpose(make, **written)
    contents = [rendered(each, packaged) for each in letters]

    assert {each.language for each in contents} == {language}
    assert {each.news.purpose for each in letters} == set(Purpose) - {Purpose.DIGEST}
    for content in contents:
        everything = content.subject + content.text + content.html + content.calendar
        assert [each for each in ("{{", "{%", "None", "&lt;bdi") if each in everything] == []
        assert "Maya" in content.text


def test_an_invitation_to_a_milestone_says_what_it_is_called_in_the_reader_s_language(make: Examples) -> None:
    english = rendered(letter_of(make, Purpose.MILESTONE_SCHEDULED))
    spanish = rendered(letter_of(make, Purpose.MILESTONE_SCHEDULED, wanted_language="es"))

    assert english.subject == "Maya's Exhibition of Learning: Friday, December 4, 2026, 10:30 AM"
    assert spanish.subject.startswith("Exposición de aprendizaje de Maya: viernes")
    [event] = icalendar.Calendar.from_ical(english.calendar).walk("VEVENT")
    assert event["uid"] == "milestone-ms-1@district.example"
    assert str(event["summary"]) == "Maya's Exhibition of Learning"


@pytest.mark.parametrize(
    ("forms", "called"),
    [
        ((NamedForm("en-US", "Exhibition"),), "Exhibition"),
        ((NamedForm("fr", "Exposition"),), "Exposition"),
        ((), "yearly milestone"),
    ],
)
def test_a_milestone_without_a_name_in_any_language_of_ours_still_has_one(
    make: Examples, forms: tuple[NamedForm, ...], called: str
) -> None:
    news = News(purpose=Purpose.MILESTONE_SCHEDULED, place=make.place())
    about = make.letter(fact=make.milestone(forms=forms), news=news)

    assert f"Maya's {called}" in rendered(about).subject


@pytest.mark.parametrize(
    "purpose",
    [
        Purpose.DEFENSE_REMINDER,
        Purpose.MILESTONE_REMINDER,
        Purpose.MILESTONE_MISSED,
        Purpose.HEARING_ADJOURNED,
        Purpose.HEARING_ANNULLED,
        Purpose.OUTCOME_RELEASED,
        Purpose.REDEFENSE_REQUESTED,
    ],
)
def test_a_notice_leaves_the_calendar_alone(make: Examples, purpose: Purpose) -> None:
    content = rendered(letter_of(make, purpose))
    mail = letter(
        content, message_id="m-1", email_from=SENDER, sender_name="JCPS", to="a@example.org", written_at=NOW
    )

    types = [part.get_content_type() for part in message_from_bytes(mail, policy=default).iter_parts()]
    assert content.calendar == ""
    assert types == ["text/plain", "text/html"]


@pytest.mark.parametrize("channel", list(Channel))
@pytest.mark.parametrize("language", LANGUAGE_TAGS)
def test_a_result_is_named_neither_by_mail_nor_by_text_message(
    make: Examples, channel: Channel, language: str
) -> None:
    packaged = DistrictPolicies("").rules("jcps", on=date(2026, 11, 22))
    about = letter_of(make, Purpose.OUTCOME_RELEASED, channel=channel, wanted_language=language)

    content = rendered(about, packaged)

    for word in ("READY", "NOT_YET", "not yet", "passed", "failed", "level", "indicator"):
        assert word not in content.text + content.html
    assert packaged.sender.portal[language].split()[-1] in content.text


def test_the_next_steps_are_told_with_their_last_days(make: Examples) -> None:
    content = rendered(letter_of(make, Purpose.REDEFENSE_REQUESTED))

    assert "A plan with you and Maya: by Thursday, December 10, 2026" in content.text
    assert "The second defense: by Friday, January 15, 2027" in content.text
    assert "earlier result" not in content.text


def test_who_has_read_an_earlier_result_is_told_that_the_newer_one_holds(make: Examples) -> None:
    assert "earlier result" in rendered(letter_of(make, Purpose.OUTCOME_RELEASED)).text


def test_case_19_in_a_text_from_right_to_left_a_name_keeps_its_own_direction(make: Examples) -> None:
    packaged = DistrictPolicies("").rules("jcps", on=date(2026, 11, 22))
    dear = make.letter(wanted_language="ar", student=make.student(given_name="Maya <b>"))

    content = rendered(dear, packaged)

    assert '<html lang="ar" dir="rtl">' in content.html
    assert "<bdi>Maya &lt;b&gt;</bdi>" in content.html
    assert "\u2068Maya <b>\u2069" in content.text
    assert "\u2068" not in rendered(make.letter()).text


@pytest.mark.parametrize(
    ("tag", "phrase"),
    # The letters' own file has no phrases; and the subject asks for what nobody gives here.
    [("letters", "greeting"), ("en", "why")],
)
def test_case_20_a_phrase_that_is_missing_or_lacks_a_word_is_refused(tag: str, phrase: str) -> None:
    language = Language(tag=tag, locale="en", direction="ltr")

    with pytest.raises(TextRefusedError) as refused:
        Phrasebook("2026-11", language).line(phrase, values={})

    assert refused.value.reason is Reason.TEXT_MISSING


def test_every_language_has_every_phrase() -> None:
    def names(phrases: dict[str, Any], above: str = "") -> set[str]:
        return {
            each
            for name, value in phrases.items()
            for each in (names(value, f"{above}{name}.") if isinstance(value, dict) else {above + name})
        }

    texts = files("notifications") / "templates" / "2026-11"
    known = {tag: names(tomllib.loads((texts / f"{tag}.toml").read_text())) for tag in LANGUAGE_TAGS}
    # Plural forms are each language's own; `test_proofreading` has them.
    known = {tag: {each for each in found if not each.startswith("counted.")} for tag, found in known.items()}

    assert [tag for tag, phrases in known.items() if phrases != known["en"]] == []


@pytest.mark.parametrize("language", LANGUAGE_TAGS)
def test_case_21_the_dearest_text_message_still_has_a_short_form(make: Examples, language: str) -> None:
    packaged = DistrictPolicies("").rules("jcps", on=date(2026, 11, 22))
    dear: dict[str, Any] = {
        "channel": Channel.SMS,
        "wanted_language": language,
        "school": make.school(name="The Very Long Name of a School of Many Words in the District"),
        "student": make.student(given_name="Łucja Maria Antonina Krystyna Konstancja Zofia"),
    }

    for about in of_every_purpose(make, **dear):
        assert rendered(about, packaged).parts <= 3


def test_a_time_at_the_end_of_time_is_refused_and_not_an_accident(make: Examples) -> None:
    last = datetime.max.replace(tzinfo=UTC)
    early = datetime.min.replace(tzinfo=UTC)

    for moment in (last, early):
        about = make.letter(
            fact=make.defense(place=make.place(starts_at=moment, ends_at=moment, time_zone="Asia/Tokyo"))
        )
        with suppress(TextRefusedError):
            assert rendered(about).calendar
