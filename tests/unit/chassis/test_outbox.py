from __future__ import annotations

from datetime import UTC, datetime, timedelta

from chassis.delivery import Delivery
from chassis.outbox import Outgoing, UnitOfWork, utc_now
from contracts.artifacts import STUDENT_WITHDRAWN, StudentWithdrawn
from contracts.envelope import CONTENT_TYPE, parse, seal

NOON = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
SEALED = seal(
    STUDENT_WITHDRAWN,
    StudentWithdrawn(student_id="student-1", school_id="school-1"),
    subject=("student-1", 2),
    district="jcps",
    time=NOON,
)
OUTGOING = Outgoing.of(SEALED)


def test_a_sealed_event_is_stored_as_it_is_published() -> None:
    assert Outgoing(SEALED.id, STUDENT_WITHDRAWN.type, "artifacts.events", SEALED.to_bytes()) == OUTGOING
    assert parse(OUTGOING.body) == SEALED


def test_a_delivery_goes_to_its_producers_exchange_under_its_type() -> None:
    assert Delivery.of(OUTGOING) == Delivery(
        exchange="artifacts.events",
        routing_key="artifacts.student.withdrawn.v1",
        body=SEALED.to_bytes(),
        message_id=SEALED.id,
        content_type=CONTENT_TYPE,
        event_type="artifacts.student.withdrawn.v1",
        headers={},
    )


def test_an_event_handler_publishes_what_was_announced_in_order() -> None:
    work = UnitOfWork(district="jcps", cause="e-1", relayed=False)
    later = Outgoing("id-2", "t", "x.events", b"{}")

    work.announce([OUTGOING])
    work.announce(iter([later]))

    assert work.outgoing == [OUTGOING, later]


def test_calls_and_timers_leave_what_was_announced_to_the_relay() -> None:
    work = UnitOfWork(district="jcps", cause="timer:assign")

    work.announce([OUTGOING])

    assert work.outgoing == []


def test_work_begins_now_in_utc() -> None:
    before = utc_now()

    work = UnitOfWork(district="jcps", cause="c")

    assert before <= work.now <= utc_now()
    assert work.now.utcoffset() == timedelta(0)
