"""What was sent, to whom, in which state, is shown to those who may see it."""

import pytest
from tests.integration.notifications.notifications_season import Season, new_family, wait_until

TOLD = {"email": ("sent", None), "sms": ("delivered", None)}


def test_messages_are_listed_counted_and_shown_whole_and_every_reading_is_recorded(season: Season) -> None:
    family = new_family()
    season.enroll(family)
    season.schedule(family)
    wait_until(lambda: season.states(family) == TOLD, "the telling")
    before = season.documents("disclosures")

    emails = season.get("/v1/messages", student=family.student.student_id, channel="email").json()
    [email] = emails["items"]
    whole = season.get(f"/v1/messages/{email['message_id']}").json()
    nobody = season.get("/v1/messages", student="s-nobody").json()
    summary = season.get("/v1/messages/summary").json()

    assert emails["next_cursor"] is None
    assert (email["guardian_id"], email["language"]) == (family.guardian.guardian_id, "en")
    assert email["address"].startswith("a•••@")
    assert "html" not in email
    assert whole["calendar"].startswith("BEGIN:VCALENDAR")
    assert {name: whole[name] for name in email} == email
    assert nobody == {"items": [], "next_cursor": None}
    assert summary == {
        "states": {"delivered": 1, "sent": 1},
        "channels": {"email": {"sent": 1}, "sms": {"delivered": 1}},
        "facts": {"told": 1},
    }
    # One for the list of one, one for the message; an empty list and counts show nobody's data.
    assert season.documents("disclosures") == before + 2


def test_lists_are_paged_and_filtered(season: Season) -> None:
    families = [new_family(phone=None) for _ in range(3)]
    for family in families:
        season.enroll(family)
        season.schedule(family)
    wait_until(
        lambda: season.get("/v1/messages/summary").json()["states"] == {"not_sent": 3, "sent": 3},
        "the telling",
    )

    first = season.get("/v1/messages", state="not_sent", limit="2").json()
    second = season.get("/v1/messages", state="not_sent", limit="2", cursor=first["next_cursor"]).json()
    school = season.get("/v1/messages", school=families[0].school.school_id).json()

    listed = [item["student_id"] for page in (first, second) for item in page["items"]]
    assert sorted(listed) == sorted(family.student.student_id for family in families)
    assert {item["reason"] for item in first["items"]} == {"no_address"}
    assert len(school["items"]) == 2


@pytest.mark.parametrize("role", ["guardian", "student", "teacher", "scorer", "panelist"])
def test_case_23_a_guardian_cannot_read_what_another_was_told(season: Season, role: str) -> None:
    assert season.get("/v1/messages", role=role).status_code == 403
    assert season.get("/v1/messages/m-1", role=role).status_code == 403


def test_what_is_not_there_and_what_is_not_asked_well_are_problem_documents(season: Season) -> None:
    missing = season.get("/v1/messages/none")
    wrong = season.get("/v1/messages", state="lost")

    assert (missing.status_code, wrong.status_code) == (404, 422)
    assert wrong.json()["errors"][0]["field"] == "state"
