"""Digests as families read them: a section a student, in each language, in as many parts as policy allows."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from tests.unit.notifications.notification_examples import Examples
from tests.unit.notifications.notification_letters import LANGUAGE_TAGS, SENDER, of_every_purpose, rendered

from notifications.clients.rendering import JinjaRenderer
from notifications.domain.digests import DigestLetter, Section
from notifications.domain.languages import TextRefusedError
from notifications.domain.messages import Content
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel, Student
from notifications.domain.segments import count
from notifications.repository import DistrictPolicies

PACKAGED = DistrictPolicies("").rules("jcps", on=Examples.now.date())


def sections(
    make: Examples, students: Sequence[Student], channel: Channel = Channel.EMAIL, language: str = "en"
) -> list[Section]:
    """Return a section for each student, of news of every purpose."""
    found = []
    for student in students:
        letters = of_every_purpose(
            make, student=student, channel=channel, wanted_language=language, in_digest=True
        )
        told = [
            replace(each, student=student, channel=channel, wanted_language=language, in_digest=True)
            for each in letters
        ]
        contents = [rendered(each, PACKAGED) for each in told]
        found.append(Section(student=student, contents=contents))
    return found


def digest(
    told: Sequence[Section], channel: Channel = Channel.EMAIL, language: str = "en", *, most_parts: int = 0
) -> Content:
    rules = replace(PACKAGED, preferences=replace(PACKAGED.preferences, digest_parts=most_parts))
    letter = DigestLetter(channel=channel, wanted_language=language, sections=told)
    return JinjaRenderer(SENDER).render_digest(letter, rules=rules)


def siblings(make: Examples) -> list[Student]:
    return [make.student(), make.student(student_id="s-2", given_name="Omar")]


def test_case_23_each_item_is_under_its_own_student(make: Examples) -> None:
    email = digest(sections(make, siblings(make)))

    maya, omar = email.html.split("<h2")[1:]
    assert "<bdi>Maya</bdi>" in maya
    assert "Omar" not in maya.split("<h3", 1)[1]
    assert "Maya" not in omar.split("If you have questions")[0]
    assert maya.count("<h3") == omar.count("<h3") == len(of_every_purpose(make))
    assert email.subject == "News of Maya and Omar"
    assert email.text.index("\nMaya\n") < email.text.index("\nOmar\n")
    assert email.calendar == ""


def test_an_item_says_nothing_of_a_calendar_entry_that_it_does_not_have(make: Examples) -> None:
    email = digest(sections(make, siblings(make)))

    assert "attached" not in email.text
    assert "attached" not in email.html


def test_siblings_of_one_name_are_told_apart(make: Examples) -> None:
    twins = [make.student(), make.student(student_id="s-2", family_name="López")]

    email = digest(sections(make, twins))

    assert "<bdi>Maya García</bdi>" in email.html
    assert "<bdi>Maya López</bdi>" in email.html


@pytest.mark.parametrize("language", LANGUAGE_TAGS)
def test_a_digest_is_whole_in_every_language(make: Examples, language: str) -> None:
    email = digest(sections(make, siblings(make), language=language), language=language)
    text = digest(sections(make, siblings(make), Channel.SMS, language), Channel.SMS, language)

    assert email.language == text.language == language
    direction = "rtl" if language == "ar" else "ltr"
    assert f'<html lang="{language}" dir="{direction}">' in email.html
    assert f'<div lang="{language}" dir="{direction}">' in email.html
    for written in (email.subject, email.text, email.html, text.text):
        assert "{{" not in written
        assert "Maya" in written
        assert "Omar" in written
    assert "STOP" in text.text
    assert count(text.text).parts == text.parts


@pytest.mark.parametrize("language", LANGUAGE_TAGS)
def test_an_item_of_a_text_is_whole_but_for_how_texts_end(make: Examples, language: str) -> None:
    """Day, time, zone and place are in it; that STOP ends the messages is said once, by the digest."""
    told = sections(make, [make.student()], Channel.SMS, language)

    for item in told[0].contents:
        assert "STOP" not in item.text
        assert "Maya" in item.text
    assert "EST" in told[0].contents[0].text
    assert "Room 12" in told[0].contents[0].text
    assert digest(told, Channel.SMS, language).text.count("STOP") == 1


def test_a_text_that_would_cost_too_much_says_where_to_read_it(make: Examples) -> None:
    told = sections(make, siblings(make), Channel.SMS)

    short = digest(told, Channel.SMS, most_parts=2)

    assert short.parts <= 2
    assert short.text.startswith(
        "Backpack of Success Skills: there is news of Maya and Omar. See the family portal"
    )
    with pytest.raises(TextRefusedError) as refused:
        digest(told, Channel.SMS, "ar", most_parts=1)
    assert refused.value.reason is Reason.TEXT_TOO_LONG


def test_case_19_names_are_inert_in_digests(make: Examples) -> None:
    evil = make.student(given_name="<script>{{7*7}}\u202e</script>")

    email = digest(sections(make, [evil]))

    assert "<script>" not in email.html
    assert "&lt;script&gt;" in email.html
    assert "\u202e" not in email.html + email.text
    assert "{{7*7}}" in email.text
