"""What the demo checks at the end, and how it says what differs."""

from __future__ import annotations

from collections import Counter
from typing import Any

from stack.demo.checks import check_inbox, check_panels, check_placement, received


def test_everybody_ready_is_scheduled_or_listed() -> None:
    assert check_placement({"a", "b"}, {"a"}, {"b": "no_room"}) == []


def test_says_who_is_forgotten_listed_without_reason_or_scheduled_wrongly() -> None:
    assert check_placement({"a", "b", "c"}, {"b", "d"}, {"b": "no_room", "c": ""}) == [
        "ready, but neither scheduled nor listed: 1 (a)",
        "scheduled and yet listed as not placed: 1 (b)",
        "scheduled without being ready: 1 (d)",
        "listed as not placed without a reason: 1 (c)",
    ]


def test_nobody_is_in_two_places() -> None:
    first = _defense("09:00", "Library", "p-1", "p-2")

    assert check_panels([first, _defense("09:30", "Library", "p-1", "p-2")]) == []
    assert check_panels([first, _defense("09:00", "Room 12", "p-2")]) == [
        "in two places at once: 1 (p-2 at 09:00)"
    ]
    assert check_panels([first, _defense("09:00", "Library", "p-3")]) == [
        "in two places at once: 1 (Library of east at 09:00)"
    ]


def test_every_address_gets_what_it_should() -> None:
    assert check_inbox("sms", Counter({"a": 2}), Counter({"a": 2})) == []


def test_says_what_is_missing_doubled_or_told_to_strangers() -> None:
    expected = Counter({"a": 1, "b": 1, "c": 1, "d": 1, "e": 1, "f": 1})

    assert check_inbox("email", expected, Counter({"a": 2, "z": 1, "b": 1})) == [
        "email did not arrive at 4 (c, d, e, …)",
        "email arrived more often than once a student at 1 (a)",
        "email arrived at somebody who must not be told: 1 (z)",
    ]


def test_sorts_what_was_received_into_inboxes() -> None:
    mails: list[dict[str, Any]] = [
        {"number": 2, "recipients": ["a"]},
        {"number": 1, "recipients": ["a", "b"]},
    ]
    texts = [{"to": "+1", "direction": "outbound-api"}, {"to": "+2", "direction": "inbound"}]

    inboxes = received(mails, texts)

    assert inboxes.mails == {"a": [mails[1], mails[0]], "b": [mails[1]]}
    assert inboxes.texts == {"+1": [texts[0]]}
    assert inboxes.counts("email") == {"a": 2, "b": 1}
    assert inboxes.counts("sms") == {"+1": 1}


def _defense(starts_at: str, room: str, *panel: str) -> dict[str, Any]:
    seats = [{"panelist_id": each, "role": "teacher"} for each in panel]
    return {"starts_at": starts_at, "room": room, "school_id": "east", "panel": seats}
