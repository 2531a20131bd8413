"""Published frames: what the broker gets is what py-amqp would have sent."""

from __future__ import annotations

from types import SimpleNamespace

import amqp
import pytest
from amqp import spec
from amqp.method_framing import frame_writer
from amqp.serialization import dumps
from hypothesis import given
from hypothesis import strategies as st

from chassis.delivery import Delivery
from chassis.frames import is_plain, publishing

FRAME_MAX_BYTES = 4096

words = st.text(max_size=60)
deliveries = st.builds(
    Delivery,
    exchange=words,
    routing_key=words,
    body=st.binary(min_size=1, max_size=FRAME_MAX_BYTES - 8),
    message_id=words,
    content_type=words,
    event_type=words,
    mandatory=st.booleans(),
    headers=st.just({}),
    content_encoding=st.none(),
)


def as_py_amqp(delivery: Delivery, channel: int) -> bytes:
    sent: list[bytes] = []
    connection = SimpleNamespace(frame_max=FRAME_MAX_BYTES, bytes_sent=0)
    write = frame_writer(connection, SimpleNamespace(write=lambda frame: sent.append(bytes(frame))))
    arguments = (0, delivery.exchange, delivery.routing_key, delivery.mandatory, False)
    message = amqp.Message(
        delivery.body,
        content_type=delivery.content_type,
        delivery_mode=2,
        message_id=delivery.message_id,
        type=delivery.event_type,
        application_headers={},
    )
    write(1, channel, spec.Basic.Publish, dumps("Bssbb", arguments), message)
    return b"".join(sent)


@given(delivery=deliveries, channel=st.integers(1, 65_535))
def test_a_plain_message_has_the_bytes_that_py_amqp_gives_it(delivery: Delivery, channel: int) -> None:
    assert is_plain(delivery, FRAME_MAX_BYTES)
    assert publishing(delivery, channel) == as_py_amqp(delivery, channel)


PLAIN = Delivery("scoring.events", "scoring.x.v1", b"{}", "id", "application/json", "scoring.x.v1")


@pytest.mark.parametrize(
    "change",
    [{"headers": {"x": 1}}, {"content_encoding": "utf-8"}, {"body": b""}, {"body": bytes(FRAME_MAX_BYTES)}],
    ids=str,
)
def test_what_needs_more_than_that_is_left_to_py_amqp(change: dict[str, object]) -> None:
    assert is_plain(PLAIN, FRAME_MAX_BYTES)
    assert not is_plain(PLAIN._replace(**change), FRAME_MAX_BYTES)  # type: ignore[arg-type]  # each is of its field
