"""A family follows the moves and the cancellation of its defense, into its calendar."""

from datetime import timedelta
from typing import Any

import icalendar
import pytest
from tests.integration.notifications.notifications_season import Family, Season, new_family, wait_until

BOTH_TOLD = {"email": ("sent", None), "sms": ("delivered", None)}


def told(season: Season) -> Family:
    """Return a family that knows of its defense."""
    family = new_family()
    season.enroll(family)
    season.schedule(family)
    wait_until(lambda: season.states(family) == BOTH_TOLD, "the first telling")
    return family


def entries(mails: list[dict[str, Any]]) -> list[tuple[str, str, int, str]]:
    """Return method, status, sequence and UID of the calendar entry in each mail."""
    calendars = [icalendar.Calendar.from_ical(mail["calendar"]) for mail in mails]
    events: list[Any] = [calendar.walk("VEVENT")[0] for calendar in calendars]
    return [
        (str(calendar["method"]), str(event["status"]), int(event["sequence"]), str(event["uid"]))
        for calendar, event in zip(calendars, events, strict=True)
    ]


def settled(season: Season, family: Family, revision: int) -> Any:
    """Return the revision's messages once there is nothing more to do about them."""

    def found() -> Any:
        items = [each for each in season.all_messages(family) if each["revision"] == revision]
        done = {"email": {"sent", "not_sent"}, "sms": {"delivered", "not_sent"}}
        if len(items) == len(done) and all(each["state"] in done[each["channel"]] for each in items):
            return {each["channel"]: (each["purpose"], each["state"], each["reason"]) for each in items}
        return None

    return wait_until(found, f"the end of revision {revision}")


def test_a_move_is_told_once_and_replaces_the_entry_in_the_calendar(season: Season) -> None:
    family = told(season)
    starts_at = family.defense.starts_at + timedelta(days=1)

    for _ in range(3):
        season.move(family, 2, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=30), room="Library")

    assert settled(season, family, 2) == {
        "email": ("defense_moved", "sent", None),
        "sms": ("defense_moved", "delivered", None),
    }
    uid = f"defense-{family.defense.defense_id}@district.example"
    assert entries(season.mails(family)) == [
        ("REQUEST", "CONFIRMED", 0, uid),
        ("REQUEST", "CONFIRMED", 1, uid),
    ]
    assert "No longer: " in season.mails(family)[1]["text"]
    assert len(season.texts(family)) == 2


def test_a_cancellation_is_told_once_and_takes_the_entry_out_of_the_calendar(season: Season) -> None:
    family = told(season)

    for _ in range(3):
        season.cancel(family, 2, to_be_rescheduled=True)

    assert settled(season, family, 2) == {
        "email": ("defense_cancelled", "sent", None),
        "sms": ("defense_cancelled", "delivered", None),
    }
    [_, mail] = season.mails(family)
    uid = f"defense-{family.defense.defense_id}@district.example"
    assert entries([mail]) == [("CANCEL", "CANCELLED", 1, uid)]
    assert mail["subject"].startswith("Canceled: Maya's defense")
    assert "when there is a new time" in mail["text"]
    assert len(season.texts(family)) == 2


def test_of_another_panel_no_family_hears(season: Season) -> None:
    family, marker = told(season), new_family()

    season.reseat(family)
    # It says where the defense is, should it come before its scheduling.
    season.enroll(marker)
    season.reseat(marker)
    season.schedule(marker)

    wait_until(lambda: season.states(marker) == BOTH_TOLD, "the telling")
    assert len(season.mails(family)) == len(season.texts(family)) == 1
    assert len(season.mails(marker)) == len(season.texts(marker)) == 1


def test_case_9_a_defense_that_is_cancelled_before_its_family_is_known_is_never_told(season: Season) -> None:
    family = new_family()
    season.schedule(family)
    season.cancel(family, 2)
    wait_until(lambda: season.facts() == {"waiting": 1}, "the fact")
    season.enroll(family)

    assert settled(season, family, 2) == dict.fromkeys(
        ("email", "sms"), ("defense_cancelled", "not_sent", "never_told")
    )
    assert season.mails(family) == season.texts(family) == []


def test_case_10_a_defense_that_is_back_where_it_was_is_no_news(season: Season) -> None:
    family = told(season)

    season.move(family, 3)

    assert {each[1:] for each in settled(season, family, 3).values()} == {("not_sent", "already_told")}
    assert len(season.mails(family)) == 1


def test_case_7_events_in_the_wrong_order_tell_of_the_highest_revision_only(season: Season) -> None:
    family = new_family()
    season.move(family, 3, room="Gym")
    season.move(family, 2, room="Library")
    season.schedule(family)
    season.enroll(family)

    assert settled(season, family, 3) == {
        "email": ("defense_scheduled", "sent", None),
        "sms": ("defense_scheduled", "delivered", None),
    }
    [mail] = season.mails(family)
    assert "Lincoln Elementary, Gym" in mail["text"]


def test_a_defense_that_gets_another_time_after_its_cancellation_is_in_the_calendar_again(
    season: Season,
) -> None:
    family = told(season)
    season.cancel(family, 2, to_be_rescheduled=True)
    settled(season, family, 2)

    season.move(family, 3, room="Library")

    assert {purpose for purpose, _, _ in settled(season, family, 3).values()} == {"defense_scheduled"}
    assert [each[:3] for each in entries(season.mails(family))] == [
        ("REQUEST", "CONFIRMED", 0),
        ("CANCEL", "CANCELLED", 1),
        ("REQUEST", "CONFIRMED", 2),
    ]


@pytest.mark.parametrize("language", ["es-MX"])
def test_a_spanish_speaking_guardian_hears_of_changes_in_spanish(season: Season, language: str) -> None:
    family = new_family(language=language)
    season.enroll(family)
    season.schedule(family)
    wait_until(lambda: season.states(family) == BOTH_TOLD, "the first telling")

    season.move(family, 2, room="Library")
    settled(season, family, 2)
    season.cancel(family, 3)
    settled(season, family, 3)

    subjects = [mail["subject"].partition(":")[0] for mail in season.mails(family)]
    assert subjects == ["Defensa de Maya", "Nueva hora o lugar", "Cancelada"]
