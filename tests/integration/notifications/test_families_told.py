"""A family is told by a running service, once, through a real relay and a provider."""

from dataclasses import replace

import icalendar
from tests.integration.notifications.notifications_season import Season, new_family, wait_until

from contracts.artifacts import STUDENT_ENROLLED, STUDENT_WITHDRAWN, StudentWithdrawn

BOTH_TOLD = {"email": ("sent", None), "sms": ("delivered", None)}


def test_a_family_gets_one_email_with_an_invitation_and_one_text(season: Season) -> None:
    family = new_family()
    season.enroll(family)
    season.schedule(family)

    wait_until(lambda: season.states(family) == BOTH_TOLD, "the telling")

    [mail] = season.mail.mails(to=family.guardian.email or "")
    [text] = season.sms.messages(to=family.guardian.phone or "")
    [event] = icalendar.Calendar.from_ical(mail["calendar"]).walk("VEVENT")
    assert mail["subject"].startswith("Maya's defense: ")
    assert "Lincoln Elementary, Room 12" in mail["text"]
    assert '<html lang="en" dir="ltr">' in mail["html"]
    assert "METHOD:REQUEST" in mail["calendar"]
    assert event.decoded("dtstart") == family.defense.starts_at
    assert event["uid"] == f"defense-{family.defense.defense_id}@district.example"
    assert text["body"].startswith("Lincoln Elementary: Maya's defense is ")


def test_a_spanish_speaking_guardian_is_told_in_spanish(season: Season) -> None:
    family = new_family(language="es-MX")
    season.enroll(family)
    season.schedule(family)

    wait_until(lambda: season.states(family) == BOTH_TOLD, "the telling")

    [mail] = season.mail.mails(to=family.guardian.email or "")
    [text] = season.sms.messages(to=family.guardian.phone or "")
    assert mail["subject"].startswith("Defensa de Maya: ")
    assert "Responda STOP" in text["body"]
    assert {each["language"] for each in season.messages(family).values()} == {"es"}


def test_case_1_the_same_event_twice_tells_once(season: Season) -> None:
    family, marker = new_family(), new_family()
    season.enroll(family)
    season.enroll(marker)
    for _ in range(3):
        season.schedule(family)
    # One queue keeps its order: once the marker is told, the repetitions were handled.
    season.schedule(marker)

    wait_until(lambda: season.states(family) == season.states(marker) == BOTH_TOLD, "the telling")

    assert len(season.mail.mails(to=family.guardian.email or "")) == 1
    assert len(season.sms.messages(to=family.guardian.phone or "")) == 1


def test_case_7_a_defense_may_be_heard_of_before_its_family(season: Season) -> None:
    family = new_family()
    season.schedule(family)
    wait_until(lambda: season.facts().get("waiting") == 1, "the waiting")

    season.enroll(family)

    wait_until(lambda: season.states(family) == BOTH_TOLD, "the telling")
    assert season.facts() == {"told": 1}


def test_case_7_an_older_copy_never_replaces_a_newer_one(season: Season) -> None:
    family = new_family()
    renamed = replace(family.student, given_name="Maia")
    season.publish(STUDENT_ENROLLED, family.student.student_id, renamed, version=2)
    season.enroll(family)
    season.schedule(family)

    wait_until(lambda: season.states(family) == BOTH_TOLD, "the telling")

    [mail] = season.mail.mails(to=family.guardian.email or "")
    assert mail["subject"].startswith("Maia's defense: ")


def test_case_24_what_is_not_sent_is_on_record_with_the_reason(season: Season) -> None:
    family = new_family(email="ask the office", phone=None)
    season.enroll(family)
    season.schedule(family)

    wait_until(lambda: season.states(family), "the record")

    assert season.states(family) == {
        "email": ("not_sent", "email_invalid"),
        "sms": ("not_sent", "no_address"),
    }


def test_a_family_whose_student_has_left_is_not_told(season: Season) -> None:
    family = new_family()
    season.enroll(family)
    season.wait_for_copy("students", family.student.student_id, version=1)
    left = StudentWithdrawn(student_id=family.student.student_id, school_id=family.school.school_id)
    season.publish(STUDENT_WITHDRAWN, family.student.student_id, left, version=2)
    # The copy of the student must be the newer one when the fact is told.
    season.wait_for_copy("students", family.student.student_id, version=2)
    season.schedule(family)

    wait_until(lambda: season.states(family), "the record")

    assert set(season.states(family).values()) == {("not_sent", "student_withdrawn")}
