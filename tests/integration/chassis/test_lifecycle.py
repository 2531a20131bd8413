"""A ledger that stops, is killed, cannot start, or is not ready."""

from __future__ import annotations

import signal
from typing import Any

import pytest
import requests

from probe import QUEUE, Probe, eventually
from stack import broker as brokers
from stack.testing import BrokerAddress


def test_a_stop_in_the_middle_of_a_handler_finishes_and_acknowledges_it(
    start_ledger: Any, probe: Probe, thing: str
) -> None:
    with start_ledger() as ledger:
        probe.tell(thing, "slow")
        assert eventually(lambda: _is_being_handled(probe, thing))
        ledger.process.send_signal(signal.SIGTERM)
        assert ledger.process.wait(20) == 0

    assert probe.effect(thing) == 1
    assert probe.depth() == 0


def test_a_kill_in_the_middle_of_a_handler_loses_and_doubles_nothing(
    start_ledger: Any, probe: Probe, thing: str
) -> None:
    with start_ledger() as ledger:
        probe.tell(thing, "slow")
        assert eventually(lambda: _is_being_handled(probe, thing))
        ledger.process.kill()
        ledger.process.wait(20)
    assert probe.effect(thing) == 0

    with start_ledger():
        assert eventually(lambda: probe.echo(thing) == 1)
    assert probe.effect(thing) == 1


def test_readiness_turns_red_while_the_consumer_is_gone_and_green_again(
    start_ledger: Any, probe: Probe, thing: str, broker: BrokerAddress, amqp_url: str
) -> None:
    with start_ledger() as ledger:

        def missing() -> list[str]:
            found: list[str] = requests.get(f"{ledger.url}/readyz", timeout=5).json()["missing"]
            return found

        def is_red() -> bool:
            _close_connections(broker, amqp_url.rpartition("/")[2])
            return missing() == ["consumers"]

        # All connections are about to be closed; the probe takes a new one when it needs it.
        probe.close()
        assert missing() == []
        assert eventually(is_red, timeout_s=30)
        assert eventually(lambda: missing() == [])
        probe.tell(thing)
        assert eventually(lambda: probe.echo(thing) == 1)


def test_another_queue_under_the_same_name_stops_the_start_and_names_the_argument(
    start_ledger: Any, probe: Probe
) -> None:
    probe.channel.queue_delete(QUEUE)
    probe.channel.queue_declare(QUEUE, durable=True, arguments={"x-queue-type": "quorum"})
    try:
        with (
            pytest.raises(TimeoutError, match=r"(?s)inequivalent arg 'x-.*topology_mismatch"),
            start_ledger(),
        ):
            pass
    finally:
        probe.channel.queue_delete(QUEUE)


def _is_being_handled(probe: Probe, thing: str) -> bool:
    """Tell whether the message has left the queue and has no effect yet."""
    return probe.depth() == 0 and probe.effect(thing) == 0


def _close_connections(broker: BrokerAddress, vhost: str) -> None:
    """Close every connection that the broker knows of by now."""
    for each in brokers.management(broker.node, "GET", f"/api/vhosts/{vhost}/connections").json():
        brokers.management(broker.node, "DELETE", f"/api/connections/{each['name']}")
