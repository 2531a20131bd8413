"""Events in: every message ends in its effect, on the retry ladder or in parking, and never twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from unittest.mock import Mock

import pika
import pytest

from chassis import parking
from chassis.parked import ParkingLot, Selection
from contracts.envelope import CONTENT_TYPE, Envelope, seal
from ledger.events import EFFECT_RECORDED, EffectRecorded
from probe import PARKING, QUEUE, Probe, eventually, logged
from stack.testing import ServiceAddress

TIMES = (parking.FIRST_FAILED_AT, parking.LAST_FAILED_AT)
LADDER_S = (1, 2)

pytestmark = pytest.mark.usefixtures("ledger")


def test_records_an_event_and_publishes_what_follows(probe: Probe, thing: str) -> None:
    probe.tell(thing)

    assert eventually(lambda: probe.echo(thing) == 1)
    assert probe.effect(thing) == 1


def test_an_event_that_comes_three_times_has_one_effect(probe: Probe, thing: str) -> None:
    probe.tell(thing, times=3)
    probe.tell(f"after-{thing}")

    assert eventually(lambda: probe.echo(f"after-{thing}") == 1 and probe.depth() == 0)
    assert (probe.effect(thing), probe.echo(thing)) == (1, 1)


def test_a_fault_parks_the_message_with_its_reason_and_no_personal_data(
    ledger: ServiceAddress, probe: Probe, thing: str
) -> None:
    sent = probe.tell(thing, "broken")

    [(headers, body)] = probe.wait_parked()
    assert body == sent.to_bytes()
    assert len({headers.pop(name) for name in TIMES}) == 1
    assert headers == {
        parking.ATTEMPT: 1,
        parking.QUEUE: QUEUE,
        parking.REASON: "handler_error",
        parking.EXCEPTION: "RuntimeError",
        parking.DETAIL: "",
    }
    assert probe.effect(thing) == 0
    assert "Jane" not in ledger.log.read_text()


def test_what_may_pass_climbs_the_ladder_and_is_parked_after_its_last_step(
    ledger: ServiceAddress, probe: Probe, thing: str
) -> None:
    probe.tell(thing, "never")

    [(headers, _)] = probe.wait_parked()
    first, last = (datetime.fromisoformat(headers[name]) for name in TIMES)
    assert (headers[parking.REASON], headers[parking.ATTEMPT]) == ("retries_exhausted", 3)
    assert headers[parking.DETAIL] == "it does not pass"
    assert (last - first).total_seconds() >= sum(LADDER_S)
    retried = [each for each in logged(ledger, "event_retried") if each["detail"] == headers[parking.DETAIL]]
    assert [each["attempt"] for each in retried] == [1, 2]


def test_what_passes_later_has_one_effect(probe: Probe, thing: str) -> None:
    probe.tell(thing, "later")

    assert eventually(lambda: probe.echo(thing) == 1)
    assert probe.effect(thing) == 1


def test_a_retry_reaches_the_failing_queue_alone(probe: Probe, thing: str) -> None:
    probe.channel.queue_declare("neighbour", exclusive=True)
    probe.channel.queue_bind("neighbour", "probe.events", "#")

    probe.tell(thing, "later")

    assert eventually(lambda: probe.effect(thing) == 1)
    assert probe.depth("neighbour") == 1


def test_a_leaked_timeout_is_tried_again(probe: Probe, thing: str) -> None:
    probe.tell(thing, "leaks")

    assert eventually(lambda: probe.effect(thing) == 1)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda good: b"{", id="broken JSON"),
        pytest.param(lambda good: b"\xff\xfe", id="not UTF-8"),
        pytest.param(lambda good: b"[" * 100_000, id="too deep"),
        pytest.param(lambda good: good.replace(b'"id"', b'"di"'), id="no id"),
        pytest.param(lambda good: good.replace(b"happened.v1", b"happened.v9"), id="unknown version"),
        pytest.param(lambda good: good.replace(b'"thing_id"', b'"thing"'), id="a field is missing"),
        pytest.param(lambda good: good.replace(b'"ok"', b"NaN"), id="NaN"),
        pytest.param(lambda good: good.replace(b'"ok"', b"[" + b"1," * 10_000_000 + b"1]"), id="20 MB"),
        pytest.param(lambda good: good.replace(b'"ok"', b"1" * 5000), id="a number without end"),
    ],
)
def test_poison_is_parked_at_once_and_the_next_message_is_handled(
    probe: Probe, thing: str, spoil: Callable[[bytes], bytes]
) -> None:
    body = spoil(probe.envelope("poison").to_bytes())
    probe.tell_raw(body)
    probe.tell(thing)

    assert eventually(lambda: probe.effect(thing) == 1)
    [(headers, parked)] = probe.wait_parked()
    assert parked == body
    assert (headers[parking.REASON], headers[parking.ATTEMPT]) == ("contract_violation", 1)
    assert probe.effect("poison") == 0


def test_another_content_type_is_parked(probe: Probe, thing: str) -> None:
    probe.tell_raw(probe.envelope(thing).to_bytes(), content_type="application/json")

    [(headers, _)] = probe.wait_parked()

    assert headers[parking.DETAIL] == f"the content type is not {CONTENT_TYPE}"


@pytest.mark.parametrize("charset", ["latin-1", "utf-16", "gzip"])
def test_a_body_that_claims_another_charset_is_parked_byte_for_byte(
    probe: Probe, thing: str, charset: str
) -> None:
    """py-amqp would decode it by what it claims, and hand over another text without a word."""
    body = probe.envelope(f"{thing}-Zürich").to_bytes()
    probe.tell_raw(body, content_encoding=charset)

    assert eventually(lambda: probe.depth(PARKING) == 1)
    # A replay brings it back as it was, and so to the same end: not as another message, which would pass.
    assert ParkingLot(probe.amqp_url, PARKING).replay(Selection(), run="1", progress=Mock()) == (1, 0)

    [(headers, parked)] = probe.wait_parked()
    assert parked == body
    assert headers[parking.DETAIL] == f"the content encoding is {charset} and not utf-8"
    assert probe.effect(f"{thing}-Zürich") == 0


def test_original_headers_survive_parking_and_the_brokers_own_do_not(probe: Probe) -> None:
    probe.tell_raw(b"{", message_id="m-1", headers={"traceparent": "00-abc", "x-death": []})

    [(headers, _)] = probe.wait_parked()

    assert headers["traceparent"] == "00-abc"
    assert "x-death" not in headers


def test_an_older_event_never_overwrites_a_newer_effect(probe: Probe, thing: str) -> None:
    for version in (1, 2):
        probe.tell(thing, version=version)
    assert eventually(lambda: probe.echo(thing) == 2)

    _say(probe, thing, times=1, version=1)
    _say(probe, f"after-{thing}", times=7, version=1)

    assert eventually(lambda: probe.echo(f"after-{thing}") == 7)
    assert probe.echo(thing) == 2


def _say(probe: Probe, thing: str, *, times: int, version: int) -> Envelope:
    """Speak as the ledger."""
    data = EffectRecorded(thing_id=thing, times=times)
    envelope = seal(EFFECT_RECORDED, data, subject=(thing, version), district="jcps", time=datetime.now(UTC))
    properties = pika.BasicProperties(content_type=CONTENT_TYPE, delivery_mode=2)
    probe.channel.basic_publish(
        EFFECT_RECORDED.exchange, EFFECT_RECORDED.type, envelope.to_bytes(), properties
    )
    return envelope
