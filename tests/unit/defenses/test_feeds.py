"""Calendars to subscribe to: whose, behind which address, and what they show."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar
from tests.unit.defenses.changing_examples import note
from tests.unit.defenses.defenses_examples import NOW, POLICY, Memory, defense

from defenses.domain.defenses import CANCELLED, DRAFT, Defense
from defenses.domain.feeds import Feed, NoFeedError
from defenses.entrypoints.calendar_files import calendar_file
from defenses.use_cases import feeds


def feed(kind: str = "panelist", school_id: str = "", about_id: str = "t-1", digest: str = "secret") -> Feed:
    return Feed(
        feed_id=feeds.feed_id(kind, school_id, about_id),
        kind=kind,
        school_id=school_id,
        about_id=about_id,
        digest=digest,
        changed_at=NOW,
        changed_by="c-1",
    )


def read(given: Feed, secret: str, *defenses: Defense, now: datetime = NOW) -> list[str]:
    found = feeds.read(
        given.feed_id,
        secret,
        feeds=Memory({given.feed_id: given}),
        defenses=Memory({each.defense_id: each for each in defenses}),
        season=POLICY,
        matches=lambda secret, digest: secret == digest,
        now=now,
    )
    return [each.defense_id for each in found]


OURS = defense()
LATER = defense("d-2", starts_at=OURS.starts_at + timedelta(hours=1), room_id="r-2")
ELSEWHERE = defense("d-3", school_id="west", panel=OURS.panel[:1])
OTHERS = defense("d-4", panel=OURS.panel[1:])
HIDDEN = defense("d-5", state=DRAFT, revision=0)
OLD = defense("d-6", school_year="2025-26")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (feed(), ["d-1", "d-3", "d-2"]),
        (feed("room", "east", "r-2"), ["d-2"]),
        (feed("school", "east", ""), ["d-1", "d-4", "d-2"]),
    ],
)
def test_a_calendar_shows_what_it_is_about_and_no_drafts(given: Feed, shown: list[str]) -> None:
    assert read(given, "secret", LATER, OURS, ELSEWHERE, OTHERS, HIDDEN, OLD) == shown


def test_a_wrong_secret_and_no_calendar_look_the_same() -> None:
    for given, secret in ((feed(), "guess"), (feed(digest=""), ""), (feed(digest=""), "secret")):
        with pytest.raises(NoFeedError, match="there is no such calendar"):
            read(given, secret)
    with pytest.raises(NoFeedError):
        feeds.read(
            "none",
            "secret",
            feeds=Memory(),
            defenses=Memory(),
            season=POLICY,
            matches=lambda *_: True,
            now=NOW,
        )


def test_a_new_address_replaces_the_old_and_a_revoked_one_is_gone() -> None:
    store: Memory[Feed] = Memory()

    feeds.give_out(feed(digest="first"), feeds=store)
    second = feeds.give_out(feed(digest="second"), feeds=store)
    revoked = feeds.revoke(second.feed_id, by="c-2", feeds=store, now=NOW)
    again = feeds.revoke(second.feed_id, by="c-3", feeds=store, now=NOW)

    assert list(store.values) == [second.feed_id]
    assert second.digest == "second"
    assert (revoked.digest, revoked.changed_by, again) == ("", "c-2", revoked)
    with pytest.raises(NoFeedError, match="there is no calendar none"):
        feeds.revoke("none", by="c-1", feeds=store, now=NOW)


def events(*defenses: Defense) -> list[Any]:
    return list(Calendar.from_ical(calendar_file(defenses, written_at=NOW)).walk("VEVENT"))


def test_an_entry_keeps_its_id_and_its_number_rises_with_every_change() -> None:
    moved = OURS.moved(LATER.place, note())

    [before, after] = [*events(OURS), *events(moved)]

    assert before["uid"] == after["uid"] == "defense-d-1@backpack"
    assert (before["sequence"], after["sequence"]) == (0, 1)
    assert before.decoded("dtstart") == datetime(2027, 4, 5, 12, 30, tzinfo=UTC)
    assert (str(before["location"]), str(after["location"])) == ("Room r-1", "Room r-1")
    assert after.decoded("dtstamp") == NOW
    assert before["dtstart"].params["TZID"] == "America/Kentucky/Louisville"


def test_what_was_called_off_is_shown_so_and_no_student_is_named() -> None:
    gone = replace(OURS, state=CANCELLED)

    [shown] = events(gone)

    assert str(shown["status"]) == "CANCELLED"
    assert b"s-9" not in calendar_file([gone], written_at=NOW)
    assert calendar_file([], written_at=NOW).startswith(b"BEGIN:VCALENDAR")
