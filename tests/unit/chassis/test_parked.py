"""What an operator sees of a parked message, and which messages a selection means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import click
import pytest
from click.testing import CliRunner
from pika import BasicProperties

from chassis.operating.parked import Age, parked
from chassis.parked import Parked, Selection
from chassis.parking import Failure, failed
from contracts.artifacts import STUDENT_WITHDRAWN, StudentWithdrawn
from contracts.envelope import seal

NOON = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
QUEUE = "evt-artifacts-artifacts.student.withdrawn.v1--scoring.on_student_withdrawn"
EVENT = seal(
    STUDENT_WITHDRAWN,
    StudentWithdrawn(student_id="s1", school_id="sc1"),
    subject=("s1", 1),
    district="jcps",
    time=NOON,
)
HEADERS = failed({}, Failure(QUEUE, "handler_error", "KeyError", ""), now=NOON)


def _parked(headers: dict[str, Any] | None, body: bytes = b"", message_id: str | None = None) -> Parked:
    return Parked.of(7, BasicProperties(headers=headers, message_id=message_id), body)


def test_a_message_that_we_parked_tells_where_why_and_when_it_failed() -> None:
    properties = BasicProperties(headers=HEADERS, message_id=EVENT.id)

    assert Parked.of(7, properties, EVENT.to_bytes()) == Parked(
        delivery_tag=7,
        queue=QUEUE,
        reason="handler_error",
        exception="KeyError",
        detail="",
        attempts=1,
        replays=0,
        first_failed_at=NOON,
        last_failed_at=NOON,
        event_type=STUDENT_WITHDRAWN.type,
        event_id=EVENT.id,
        body=EVENT.to_bytes(),
        properties=properties,
    )


def test_a_message_that_the_broker_parked_tells_the_queue_whose_consumers_died() -> None:
    death = [
        {"queue": QUEUE, "reason": "delivery_limit", "time": NOON},
        {"queue": "scoring.retry.5s", "reason": "expired", "time": NOON - timedelta(hours=1)},
    ]

    found = _parked({"x-death": death}, EVENT.to_bytes())

    assert (found.queue, found.reason, found.attempts) == (QUEUE, "delivery_limit", 0)
    assert (found.first_failed_at, found.last_failed_at) == (NOON, NOON)


@pytest.mark.parametrize("body", [b"", b"\xff", b"[]", b"7", b"[" * 100_000], ids=lambda body: str(body)[:9])
@pytest.mark.parametrize(
    "headers", [None, {}, {"x-backpack-last-failed-at": "2026-11-03"}, {"x-backpack-replays": "x"}], ids=str
)
def test_a_message_that_tells_nothing_can_still_be_looked_at(
    headers: dict[str, Any] | None, body: bytes
) -> None:
    found = _parked(headers, body, message_id="m-1")

    assert (found.queue, found.reason, found.event_type, found.event_id) == ("", "unknown", "", "m-1")
    assert found.last_failed_at is None


@pytest.mark.parametrize(
    ("selection", "meant"),
    [
        (Selection(), True),
        (Selection(queue=QUEUE), True),
        (Selection(queue="on_student_withdrawn"), True),
        (Selection(queue="scoring.on_student_withdrawn"), True),
        (Selection(queue="on_student_enrolled"), False),
        (Selection(queue="withdrawn"), False),
        (Selection(event_type=STUDENT_WITHDRAWN.type), True),
        (Selection(event_type="artifacts.student.enrolled.v1"), False),
        (Selection(reason="handler_error"), True),
        (Selection(reason="contract_violation"), False),
        (Selection(event_id=EVENT.id), True),
        (Selection(event_id="another"), False),
        (Selection(older_than=timedelta(minutes=10)), True),
        (Selection(older_than=timedelta(minutes=11)), False),
        (Selection(newer_than=timedelta(minutes=10)), True),
        (Selection(newer_than=timedelta(minutes=9)), False),
        (Selection(older_than=timedelta(minutes=5), newer_than=timedelta(minutes=15)), True),
        (Selection(reason="handler_error", event_id="another"), False),
    ],
    ids=str,
)
def test_a_selection_means_what_fits_all_it_says(selection: Selection, *, meant: bool) -> None:
    message = _parked(HEADERS, EVENT.to_bytes())

    assert selection.has(message, NOON + timedelta(minutes=10)) is meant


def test_a_message_of_unknown_age_is_neither_old_nor_new() -> None:
    assert not Selection(older_than=timedelta(seconds=1)).has(_parked({}), NOON)
    assert not Selection(newer_than=timedelta(days=9)).has(_parked({}), NOON)
    assert Selection().has(_parked({}), NOON)


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        ("6h", timedelta(hours=6)),
        ("2d", timedelta(days=2)),
    ],
)
def test_an_age_is_a_number_and_a_unit(text: str, age: timedelta) -> None:
    assert Age().convert(text, None, None) == age


@pytest.mark.parametrize("text", ["", "s", "15", "15 m", "-1h", "1.5h", "1w"])
def test_anything_else_is_no_age(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is no age"):
        Age().convert(text, None, None)


@pytest.mark.parametrize("command", ["list", "show", "replay", "discard"])
def test_a_broker_must_be_named(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AMQP_URL", raising=False)

    result = CliRunner().invoke(parked, [command, "scoring"])

    assert result.exit_code == 2
    assert "--amqp-url" in result.output


@pytest.mark.parametrize("command", ["list", "show", "replay", "discard"])
def test_help_says_what_an_exit_status_means(command: str) -> None:
    said = " ".join(CliRunner().invoke(parked, [command, "--help"]).output.split())

    assert "0 done, and nothing needs you" in said
    assert "3 it worked, and something needs a person" in said
