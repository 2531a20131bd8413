"""Texts and their cost are shown by a running service before anything is sent."""

from dataclasses import replace

import pytest
from tests.integration.notifications.notifications_season import Season, new_family, wait_until

ASKED = {"purpose": "defense_scheduled", "channel": "sms"}


def test_a_text_is_shown_for_a_family_and_is_not_sent(season: Season) -> None:
    family = new_family(language="es-MX")
    season.enroll(family)
    season.wait_for_copy("guardians", family.guardian.guardian_id, version=1)
    about = {"student": family.student.student_id, "guardian": family.guardian.guardian_id}

    text = season.get("/v1/previews", **ASKED, **about).json()
    mail = season.get(
        "/v1/previews", purpose="outcome_released", channel="email", language="ar", **about
    ).json()

    assert text["text"].startswith("Lincoln Elementary: la defensa de Maya es el ")
    assert (text["language"], text["parts"], text["is_real"], text["refused"]) == ("es", 1, False, None)
    assert text["review"]["reading"] == "not_reviewed"
    assert (mail["language"], mail["version"]) == ("ar", "2026-11")
    assert '<html lang="ar" dir="rtl">' in mail["html"]
    assert season.texts(family) == season.mails(family) == []
    assert season.all_messages(family) == []
    # Both were readings of the student's record.
    assert season.documents("disclosures") == 2


def test_the_student_s_own_appointment_is_shown_once_there_is_one(season: Season) -> None:
    family = new_family()
    season.enroll(family)
    season.schedule(family)
    wait_until(lambda: season.facts().get("told") == 1, "the telling")

    shown = season.get("/v1/previews", **ASKED, student=family.student.student_id).json()

    assert shown["is_real"] is True
    assert "Room 12" in shown["text"]


def test_every_text_is_listed_with_who_has_read_it(season: Season) -> None:
    listed = season.get("/v1/previews/texts").json()

    assert listed["send_unreviewed"] is True
    # 14 purposes on two channels in seven languages.
    assert len(listed["texts"]) == 14 * 2 * 7
    assert {each["reading"] for each in listed["texts"]} == {"not_reviewed"}
    assert len({each["digest"] for each in listed["texts"]}) == len(listed["texts"])


def test_case_21_the_cost_by_language_is_shown_for_a_school_and_for_the_district(season: Season) -> None:
    here, dear, silent = new_family(), new_family(language="ar"), new_family(phone=None)
    school = here.school.school_id
    for family in (here, dear, silent):
        season.enroll(replace(family, student=replace(family.student, school_id=school), school=here.school))
    elsewhere = new_family(language="so")
    season.enroll(elsewhere)
    season.wait_for_copy("guardians", elsewhere.guardian.guardian_id, version=1)

    at_school = season.get("/v1/previews/cost", purpose="defense_scheduled", school=school).json()
    everywhere = season.get("/v1/previews/cost", purpose="defense_scheduled").json()

    rows = {each["wanted"]: each for each in at_school["languages"]}
    assert {name: row["parts"] for name, row in rows.items()} == {"en": 1, "ar": 3}
    assert rows["ar"]["in_unicode"] == rows["ar"]["recipients"] == 1
    assert (rows["en"]["price"], rows["ar"]["price"]) == ("0.0083", "0.0249")
    assert rows["ar"]["price_saved"] == "0.0083"
    assert at_school["total"]["price"] == "0.0332"
    assert at_school["unreached"] == {"no_address": 1}
    assert at_school["currency"] == "USD"
    assert {each["wanted"] for each in everywhere["languages"]} == {"ar", "en", "so"}
    assert everywhere["total"]["recipients"] == 3


@pytest.mark.parametrize("role", ["guardian", "student", "teacher", "scorer", "panelist"])
@pytest.mark.parametrize("path", ["/v1/previews", "/v1/previews/texts", "/v1/previews/cost"])
def test_only_who_answers_for_messages_sees_previews(season: Season, role: str, path: str) -> None:
    assert season.get(path, role=role).status_code == 403


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ({"purpose": "birthday", "channel": "sms"}, 422, "purpose"),
        ({**ASKED, "language": "tlh"}, 422, "language"),
        ({**ASKED, "version": "1999-01"}, 422, "version"),
        ({**ASKED, "version": "../policy"}, 422, "version"),
        ({**ASKED, "guardian": "g-none"}, 404, None),
    ],
)
def test_what_cannot_be_shown_is_a_problem_document(
    season: Season, query: dict[str, str], status: int, field: str | None
) -> None:
    family = new_family()
    season.enroll(family)
    season.wait_for_copy("guardians", family.guardian.guardian_id, version=1)

    answer = season.get("/v1/previews", student=family.student.student_id, **query)

    assert answer.status_code == status
    assert [each["field"] for each in answer.json().get("errors", [])] == ([field] if field else [])
