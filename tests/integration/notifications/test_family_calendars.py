"""A family subscribes to its own calendar: by the address in its emails, by the rights of the moment."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import icalendar
import requests
from tests.integration.notifications.notifications_season import Family, Season, new_family, wait_until

from contracts.artifacts import GUARDIAN_UPDATED, Relation
from stack.http import direct_session


def told(season: Season, **guardian: Any) -> Family:
    """Return a family that was told of its defense."""
    family = new_family(**guardian)
    season.enroll(family)
    season.schedule(family)
    wait_until(lambda: season.mails(family), "the invitation")
    return family


def address_in(mail: dict[str, Any]) -> str:
    [address] = re.findall(r'href="([^"]+)"', mail["html"])
    assert address in mail["text"]
    return str(address)


def fetch(address: str, **headers: str) -> requests.Response:
    with direct_session() as session:
        return session.get(address, headers=headers, timeout=20)


def post(season: Season, path: str, subject: str, role: str, **body: str) -> requests.Response:
    token = season.service.token(subject, role, district=season.district)
    with direct_session() as session:
        return session.post(
            f"{season.service.url}{path}",
            json=body or None,
            headers={"Authorization": f"Bearer {token}"},
            timeout=20,
        )


def events(answer: requests.Response) -> list[Any]:
    return list(icalendar.Calendar.from_ical(answer.content).walk("VEVENT"))


def test_the_address_in_an_email_shows_the_family_s_appointments_and_follows_them(season: Season) -> None:
    family = told(season)
    [mail] = season.mails(family)
    address = address_in(mail)

    answer = fetch(address)

    [event], [invited] = events(answer), icalendar.Calendar.from_ical(mail["calendar"]).walk("VEVENT")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, max-age=300"
    for name in ("uid", "sequence", "dtstart", "dtend", "summary", "location"):
        assert event[name] == invited[name]
    assert (family.guardian.email or "").encode() not in answer.content

    later = family.defense.starts_at + timedelta(days=1)
    season.move(family, 2, starts_at=later, ends_at=later + timedelta(minutes=30))
    moved = wait_until(lambda: [each for each in events(fetch(address)) if each["sequence"] == 1], "the move")
    assert moved[0].decoded("dtstart") == later
    season.cancel(family, 3)
    gone = wait_until(
        lambda: [each for each in events(fetch(address)) if each["sequence"] == 2], "the cancellation"
    )
    assert (gone[0]["uid"], gone[0]["status"]) == (event["uid"], "CANCELLED")


def test_a_calendar_that_has_not_changed_is_not_sent_again_and_every_other_answer_is_recorded(
    season: Season,
) -> None:
    family = told(season)
    address = address_in(season.mails(family)[0])
    before = season.documents("disclosures")

    first = fetch(address)
    again = fetch(address, **{"If-None-Match": first.headers["ETag"]})

    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert season.documents("disclosures") == before + 1
    readings = season.get(f"/v1/messages/students/{family.student.student_id}/disclosures").json()["items"]
    assert [(each["seen_by"], each["role"], each["what"]) for each in readings] == [
        (f"calendar:{family.guardian.guardian_id}", "holder", "family_calendar")
    ]


def test_case_23_a_court_s_order_empties_a_calendar_at_once(season: Season) -> None:
    family = told(season)
    address = address_in(season.mails(family)[0])
    assert len(events(fetch(address))) == 1

    no_contact = (Relation(student_id=family.student.student_id, kind="parent", may_be_told=False),)
    season.publish(
        GUARDIAN_UPDATED,
        family.guardian.guardian_id,
        replace(family.guardian, relations=no_contact),
        version=2,
    )
    season.wait_for_copy("guardians", family.guardian.guardian_id, version=2)

    answer = fetch(address)
    assert (answer.status_code, events(answer)) == (200, [])


def test_a_guardian_replaces_and_takes_back_their_address_and_nobody_else_s(season: Season) -> None:
    family, other = told(season), told(season)
    guardian_id = family.guardian.guardian_id
    first = address_in(season.mails(family)[0])

    forbidden = post(
        season, "/v1/family-feeds", other.guardian.guardian_id, "guardian", guardian_id=guardian_id
    )
    given = post(season, "/v1/family-feeds", guardian_id, "guardian", guardian_id=guardian_id)
    second = given.json()["url"]

    assert (forbidden.status_code, given.status_code) == (403, 201)
    assert [fetch(each).status_code for each in (first, second)] == [404, 200]

    taken = post(season, f"/v1/family-feeds/{guardian_id}/revocation", "admin-1", "district_admin")
    assert (taken.status_code, taken.json()["url"]) == (200, None)
    assert fetch(second).status_code == 404
    nobody = post(season, "/v1/family-feeds", "admin-1", "district_admin", guardian_id="g-nobody")
    assert nobody.status_code == 404

    later = family.defense.starts_at + timedelta(days=1)
    season.move(family, 2, starts_at=later, ends_at=later + timedelta(minutes=30))
    wait_until(lambda: len(season.mails(family)) == 2, "the mail about the move")
    assert "href" not in season.mails(family)[-1]["html"]


def test_an_address_that_is_changed_in_any_part_opens_nothing(season: Season) -> None:
    family, other = told(season), told(season)
    address = address_in(season.mails(family)[0])
    secret = address.rpartition("/")[2]

    for wrong in (
        address.replace(family.guardian.guardian_id, other.guardian.guardian_id),
        address.replace(season.district, "district-none"),
        address.replace(secret, secret[1:]),
        address.replace(secret, "x" + secret[1:]) if secret[0] != "x" else address.replace(secret, "y.ics"),
    ):
        assert fetch(wrong).status_code == 404
