from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from chassis import parking
from chassis.parking import Failure, attempts_before, failed

MORNING = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)
NOON = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
FAILURE = Failure("evt-a--b.on_c", "retries_exhausted", "TransientError", "the store is away")


def test_the_first_failure_writes_all_that_an_operator_asks() -> None:
    assert failed({"traceparent": "00-1-2-01"}, FAILURE, now=MORNING) == {
        "traceparent": "00-1-2-01",
        "x-backpack-attempt": 1,
        "x-backpack-queue": "evt-a--b.on_c",
        "x-backpack-reason": "retries_exhausted",
        "x-backpack-exception": "TransientError",
        "x-backpack-detail": "the store is away",
        "x-backpack-first-failed-at": "2026-11-03T08:00:00+00:00",
        "x-backpack-last-failed-at": "2026-11-03T08:00:00+00:00",
    }


def test_a_message_without_headers_fails_like_any_other() -> None:
    assert failed(None, FAILURE, now=MORNING)[parking.ATTEMPT] == 1


def test_later_failures_count_and_keep_when_the_first_was() -> None:
    first = failed({}, FAILURE, now=MORNING)

    second = failed(first, Failure("evt-a--b.on_c", "handler_error", "KeyError", ""), now=NOON)

    assert second == {
        **first,
        "x-backpack-attempt": 2,
        "x-backpack-reason": "handler_error",
        "x-backpack-exception": "KeyError",
        "x-backpack-detail": "",
        "x-backpack-last-failed-at": "2026-11-03T12:00:00+00:00",
    }


def test_the_brokers_own_notes_do_not_go_into_the_copys_new_life() -> None:
    notes: dict[str, Any] = {
        "x-delivery-count": 3,
        "x-death": [{"queue": "q", "reason": "expired"}],
        "x-first-death-exchange": "e",
        "x-first-death-queue": "q",
        "x-first-death-reason": "expired",
    }

    assert failed(notes, FAILURE, now=MORNING) == failed({}, FAILURE, now=MORNING)


def test_a_long_detail_is_cut() -> None:
    endless = Failure("q", "handler_error", "ValueError", "x" * 10_000)

    assert failed({}, endless, now=MORNING)[parking.DETAIL] == "x" * 500


@pytest.mark.parametrize(
    ("headers", "attempts"),
    [
        (None, 0),
        ({}, 0),
        ({parking.ATTEMPT: 3}, 3),
        ({parking.ATTEMPT: -1}, 0),
        ({parking.ATTEMPT: "3"}, 0),
        ({parking.ATTEMPT: 2.5}, 0),
        ({parking.ATTEMPT: None}, 0),
        ({parking.ATTEMPT: [1]}, 0),
    ],
)
def test_a_forged_number_of_attempts_counts_as_none(headers: dict[str, Any] | None, attempts: int) -> None:
    assert attempts_before(headers) == attempts
