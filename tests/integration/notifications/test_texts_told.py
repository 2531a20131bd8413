"""Texts through a real relay and provider: any language, any name, any alphabet."""

from dataclasses import replace

import icalendar
import pytest
from tests.integration.notifications.notifications_season import Family, Season, new_family, wait_until

BOTH_TOLD = {"email": ("sent", None), "sms": ("delivered", None)}


def told(season: Season, family: Family) -> None:
    season.enroll(family)
    season.schedule(family)
    wait_until(lambda: season.states(family) == BOTH_TOLD, "the telling")


@pytest.mark.parametrize(
    ("wanted", "language"), [("hmn", "en"), ("prs", "en"), ("som", "so"), ("es-419", "es")]
)
def test_case_20_a_family_whose_language_has_no_text_is_told_in_the_next_one(
    season: Season, wanted: str, language: str
) -> None:
    family = new_family(language=wanted)

    told(season, family)

    messages = season.messages(family).values()
    assert {(each["wanted_language"], each["language"]) for each in messages} == {(wanted, language)}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("Maya\r\nBcc: all@evil.com", "Maya Bcc: all @ evil. com"),
        ("{{7*7}}\u202e", "{{7*7}}"),
    ],
)
def test_case_19_a_name_arrives_as_words(season: Season, name: str, shown: str) -> None:
    family = new_family()

    told(season, replace(family, student=replace(family.student, given_name=name)))

    [mail], [text] = season.mails(family), season.texts(family)
    [event] = icalendar.Calendar.from_ical(mail["calendar"]).walk("VEVENT")
    assert mail["recipients"] == [family.guardian.email]
    assert f"The defense of {shown} is scheduled" in mail["text"]
    assert "<script" not in mail["html"]
    assert str(event["summary"]) == f"{shown}'s defense"
    assert f"{shown}'s defense is" in text["body"]


@pytest.mark.parametrize("language", ["en", "es", "ar", "ne"])
def test_case_21_a_text_message_costs_what_the_provider_says(season: Season, language: str) -> None:
    family = new_family(language=language)

    told(season, family)

    [text] = season.texts(family)
    assert season.messages(family)["sms"]["parts"] == text["segments"] <= 3
