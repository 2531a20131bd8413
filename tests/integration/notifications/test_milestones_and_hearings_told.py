"""Families are invited to milestones and hear of results, through a real relay and a provider."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import icalendar
from tests.integration.notifications.notifications_season import Family, Season, new_family, wait_until

from contracts.base import Contract
from contracts.defenses import (
    HEARING_ADJOURNED,
    HEARING_ANNULLED,
    MILESTONE_CANCELLED,
    MILESTONE_MISSED,
    MILESTONE_MOVED,
    MILESTONE_PLANNED,
    OUTCOME_RELEASED,
    FormName,
    HearingAdjourned,
    HearingAnnulled,
    MilestoneCancelled,
    MilestoneMissed,
    MilestoneMoved,
    MilestonePlanned,
    OutcomeReleased,
)

BOTH_TOLD = {("email", "sent"), ("sms", "delivered")}


def milestone(
    family: Family, event: type[Any] = MilestonePlanned, *, revision: int = 1, **fields: Any
) -> Any:
    """Return an event of the milestone of a family's student."""
    first = family.defense
    usual = {
        "milestone_id": f"ms-{first.defense_id}",
        "revision": revision,
        "student_id": first.student_id,
        "school_id": first.school_id,
        "grade": "4",
        "school_year": "2026-27",
        "event_id": "ev-1",
        "form": "exhibition-of-learning",
        "form_names": (FormName(language="en", name="Exhibition of Learning"),),
        "starts_at": first.starts_at,
        "ends_at": first.ends_at,
        "time_zone": first.time_zone,
        "place": "Gymnasium",
    }
    return event(**{**usual, **fields})


def hearing(family: Family, event: type[Any], **fields: Any) -> Any:
    """Return an event of the hearing of a family's student."""
    first = family.defense
    return event(
        hearing_id=f"h-{first.defense_id}",
        defense_id=first.defense_id,
        student_id=first.student_id,
        school_id=first.school_id,
        transition="5",
        attempt=1,
        sitting=1,
        **fields,
    )


def told(season: Season, family: Family, contract: Contract[Any], event: Any, *, version: int) -> str:
    """Publish an event three times, and return the purpose of what both channels told of it."""
    subject = event.milestone_id if isinstance(event, MilestonePlanned) else event.hearing_id
    for _ in range(3):
        season.publish(contract, subject, event, version=version)

    def found() -> Any:
        items = [each for each in season.all_messages(family) if each["revision"] == version]
        done = {(each["channel"], each["state"]) for each in items} == BOTH_TOLD
        return {each["purpose"] for each in items} if done else None

    [purpose] = wait_until(found, f"the end of revision {version}")
    return str(purpose)


def known_family(season: Season) -> Family:
    family = new_family()
    season.enroll(family)
    return family


def test_a_family_follows_its_milestone_into_the_calendar_and_out_of_it(season: Season) -> None:
    family = known_family(season)
    moved = milestone(
        family,
        MilestoneMoved,
        revision=2,
        place="Library",
        previous_starts_at=family.defense.starts_at,
        previous_place="Gymnasium",
        reason="Painting.",
    )
    cancelled = milestone(
        family, MilestoneCancelled, revision=3, place="Library", cause="event_cancelled", reason="Snow."
    )

    purposes = [
        told(season, family, MILESTONE_PLANNED, milestone(family), version=1),
        told(season, family, MILESTONE_MOVED, moved, version=2),
        told(season, family, MILESTONE_CANCELLED, cancelled, version=3),
    ]

    assert purposes == ["milestone_scheduled", "milestone_moved", "milestone_cancelled"]
    calendars = [icalendar.Calendar.from_ical(mail["calendar"]) for mail in season.mails(family)]
    events: list[Any] = [calendar.walk("VEVENT")[0] for calendar in calendars]
    assert [str(each["method"]) for each in calendars] == ["REQUEST", "REQUEST", "CANCEL"]
    assert [int(each["sequence"]) for each in events] == [0, 1, 2]
    assert {str(each["uid"]) for each in events} == {
        f"milestone-ms-{family.defense.defense_id}@district.example"
    }
    assert len(season.texts(family)) == 3


def test_a_family_is_told_that_its_student_missed_the_milestone(season: Season) -> None:
    family = known_family(season)
    begun = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3)
    missed = milestone(
        family, MilestoneMissed, revision=2, starts_at=begun, ends_at=begun + timedelta(hours=1)
    )

    assert told(season, family, MILESTONE_MISSED, missed, version=2) == "milestone_missed"
    [mail] = season.mails(family)
    assert mail["subject"] == "Maya was not at the Exhibition of Learning"
    assert not mail["calendar"]


def test_a_family_hears_of_its_hearing_from_the_adjournment_to_the_annulment(season: Season) -> None:
    family = known_family(season)
    now = datetime.now(UTC).replace(microsecond=0)
    adjourned = hearing(family, HearingAdjourned, cause="student_absent", adjourned_at=now)
    released = hearing(
        family,
        OutcomeReleased,
        record_version=1,
        outcome="NOT_YET",
        unmet=("ki-3",),
        plan_due_on=date(2026, 12, 10),
        defend_by=date(2027, 1, 15),
        released_at=now,
    )
    corrected = replace(
        released, record_version=2, outcome="READY", unmet=(), plan_due_on=None, defend_by=None
    )
    annulled = hearing(family, HearingAnnulled, annulled_at=now)

    purposes = [
        told(season, family, HEARING_ADJOURNED, adjourned, version=2),
        told(season, family, OUTCOME_RELEASED, released, version=6),
        told(season, family, OUTCOME_RELEASED, corrected, version=8),
        told(season, family, HEARING_ANNULLED, annulled, version=9),
    ]

    assert purposes == ["hearing_adjourned", "redefense_requested", "outcome_released", "hearing_annulled"]
    mails = season.mails(family)
    assert "by Friday, January 15, 2027" in mails[1]["text"]
    assert "If you have read an earlier result, this one holds now." in mails[2]["text"]
    for secret in ("NOT_YET", "READY", "ki-3", "absent"):
        assert all(secret not in mail["text"] + mail["html"] for mail in mails)
    assert [bool(mail["calendar"]) for mail in mails] == [False] * 4


def test_of_an_annulled_result_nobody_hears_who_never_heard_of_it(season: Season) -> None:
    family = known_family(season)
    annulled = hearing(family, HearingAnnulled, annulled_at=datetime.now(UTC))
    season.publish(HEARING_ANNULLED, annulled.hearing_id, annulled, version=9)

    states = wait_until(lambda: season.states(family), "the record")

    assert states == dict.fromkeys(("email", "sms"), ("not_sent", "never_told"))
