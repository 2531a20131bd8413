"""The fourteen traps of nameko, RabbitMQ and MongoDB that shaped the chassis, one test each.

Where it is cheap, plain nameko is shown to fall into the trap first.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pika
import pytest
import requests
from click.testing import CliRunner
from kombu.message import Message
from nameko.standalone.events import event_dispatcher
from pymongo import MongoClient

import chassis
from chassis import mongo, topology
from chassis.cli import main
from chassis.confirms import CONFIRMED, RETURNED, UNKNOWN, PipelinedPublisher
from chassis.delivery import Delivery
from chassis.outbox import UnitOfWork
from contracts.envelope import CONTENT_TYPE
from ledger.documents import EffectDocument
from ledger.entrypoints import Effects, LedgerService, record
from probe import PARKING, QUEUE, Probe, eventually
from stack.testing import BrokerAddress, StoreAddress

PLAIN_QUEUE = "evt-plain-happened--plain.on_happened"
PROGRAMS = Path(__file__).parents[2] / "programs"


@pytest.fixture
def own_ledger(start_ledger: Any) -> Iterator[None]:
    """Run a ledger for one test only: others here need one that does not run."""
    with start_ledger():
        yield


@contextmanager
def plain_nameko(amqp_url: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run plain nameko's service; it is killed at the end."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, str(PROGRAMS / "plain.py")],
            env={"PATH": os.environ["PATH"], "AMQP_URL": amqp_url, "PYTHONUNBUFFERED": "1"},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)


def left_by_plain_nameko(
    probe: Probe, log: Path, body: bytes, said: str, number: signal.Signals = signal.SIGKILL
) -> int:
    """Give plain nameko one message, end it once it has said something, and return what is queued then."""
    with plain_nameko(probe.amqp_url, log) as process:
        assert eventually(lambda: _consumers(probe, PLAIN_QUEUE))
        properties = pika.BasicProperties(content_type="application/json", delivery_mode=2)
        probe.channel.basic_publish("plain.events", "happened", body, properties, mandatory=True)
        assert eventually(lambda: said in log.read_text())
        process.send_signal(number)
        process.wait(20)
    # The broker notices a moment later that the connection is gone.
    eventually(lambda: probe.depth(PLAIN_QUEUE), timeout_s=2)
    left = probe.depth(PLAIN_QUEUE)
    probe.channel.queue_purge(PLAIN_QUEUE)
    return left


def _consumers(probe: Probe, queue: str) -> int:
    """Count consumers, in a channel of its own: asking after a missing queue closes it."""
    try:
        with pika.BlockingConnection(pika.URLParameters(probe.amqp_url)) as connection:
            found: int = connection.channel().queue_declare(queue, passive=True).method.consumer_count
            return found
    except pika.exceptions.ChannelClosedByBroker:
        return 0


def test_trap_1_a_stop_redelivers_nothing_that_is_in_flight(
    start_ledger: Any, probe: Probe, thing: str, tmp_path: Path
) -> None:
    body = b'{"behaviour": "slow"}'
    assert left_by_plain_nameko(probe, tmp_path / "log", body, "handling", signal.SIGTERM) == 1

    with start_ledger() as ledger:
        probe.tell(thing, "slow")
        assert eventually(lambda: probe.depth() == 0)
        ledger.process.send_signal(signal.SIGTERM)
        assert ledger.process.wait(20) == 0
    assert (probe.depth(), probe.effect(thing)) == (0, 1)


@pytest.mark.usefixtures("own_ledger")
def test_trap_2_what_cannot_be_read_is_not_acknowledged_and_forgotten(probe: Probe, tmp_path: Path) -> None:
    assert left_by_plain_nameko(probe, tmp_path / "log", b"{", "decode message body") == 0

    probe.tell_raw(b"{")
    assert [body for _, body in probe.wait_parked()] == [b"{"]


@pytest.mark.usefixtures("own_ledger")
def test_trap_3_a_handlers_exception_does_not_lose_the_event(
    probe: Probe, thing: str, tmp_path: Path
) -> None:
    body = b'{"behaviour": "broken"}'
    assert left_by_plain_nameko(probe, tmp_path / "log", body, "it breaks") == 0

    sent = probe.tell(thing, "broken")
    assert [body for _, body in probe.wait_parked()] == [sent.to_bytes()]


@pytest.mark.usefixtures("own_ledger")
def test_trap_4_a_leaked_timeout_does_not_hold_its_message_for_ever(
    probe: Probe, thing: str, tmp_path: Path
) -> None:
    body = b'{"behaviour": "leaks"}'
    # Unacknowledged as long as the process lives.
    assert left_by_plain_nameko(probe, tmp_path / "log", body, "handling") == 1

    probe.tell(thing, "leaks")
    assert eventually(lambda: probe.echo(thing) == 1)


@contextmanager
def _memory_alarm(broker: BrokerAddress) -> Iterator[None]:
    control = [str(broker.node.parts.rabbitmq_server.parent / "rabbitmqctl"), "--node", "backpack@localhost"]
    variables = dict(broker.node.node_command().environment)
    set_limit = [*control, "set_vm_memory_high_watermark"]
    subprocess.run([*set_limit, "0"], env=variables, check=True, capture_output=True, timeout=60)
    try:
        yield
    finally:
        subprocess.run([*set_limit, "0.4"], env=variables, check=True, capture_output=True, timeout=60)


def test_trap_5_an_alarm_of_the_broker_blocks_nobody_without_limit(
    start_ledger: Any, probe: Probe, thing: str, broker: BrokerAddress
) -> None:
    event = probe.envelope(f"{thing}-2")
    delivery = Delivery("probe.events", event.type, event.to_bytes(), event.id, CONTENT_TYPE, event.type)
    publisher = PipelinedPublisher(probe.amqp_url, confirm_timeout_s=1)
    with start_ledger(CONFIRM_TIMEOUT_S="1") as ledger:
        probe.tell(thing, "slow")
        assert eventually(lambda: probe.depth() == 0)
        with _memory_alarm(broker):
            started = time.monotonic()
            assert publisher.publish([delivery]) == [UNKNOWN]
            assert time.monotonic() - started < 4
            assert eventually(lambda: probe.effect(thing) == 1)
            assert requests.get(f"{ledger.url}/livez", timeout=2).ok
        assert publisher.publish([delivery]) == ["confirmed"]
        assert eventually(lambda: probe.echo(thing) == 1, timeout_s=30)
        assert eventually(lambda: probe.echo(f"{thing}-2") == 1)
    publisher.close()


def test_trap_6_an_event_that_nobody_is_bound_for_does_not_vanish(amqp_url: str, probe: Probe) -> None:
    probe.channel.exchange_declare("nobody.events", "topic", durable=True)
    # Plain nameko says nothing. That an outage loses nothing either: test_relay.
    event_dispatcher({"AMQP_URI": amqp_url})("nobody", "listens", {})

    publisher = PipelinedPublisher(amqp_url, confirm_timeout_s=5)
    delivery = Delivery("nobody.events", "listens", b"{}", "1", CONTENT_TYPE, "listens")
    assert publisher.publish([delivery]) == [RETURNED]
    # What is said for those outside needs nobody who hears it.
    assert publisher.publish([delivery._replace(mandatory=False)]) == [CONFIRMED]
    publisher.close()


def _ledgers_topology() -> topology.Topology:
    return topology.of_service("ledger", LedgerService.handlers(), topology.RETRY_DELAYS_S)


def test_trap_7_no_queue_has_a_delivery_limit_that_destroys_messages() -> None:
    both = _ledgers_topology() | topology.installed()

    limits = [queue.arguments.get("x-delivery-limit") for queue in both.queues]

    assert all(limit is None or limit >= topology.CRASH_LIMIT for limit in limits)


def test_trap_8_giving_back_counts_as_a_delivery_on_every_broker() -> None:
    channel = Mock(no_ack_consumers=None)

    message: Any = Message(channel=channel, delivery_tag=7)  # type: ignore[no-untyped-call]  # kombu's
    message.requeue()

    # basic.nack does not count on RabbitMQ 4.3, so a crash loop would never end.
    assert [call[0] for call in channel.method_calls] == ["basic_reject"]
    sources = Path(str(chassis.__file__)).parent.rglob("*.py")
    assert not [path for path in sources if "basic_nack(" in path.read_text()]


def test_trap_9_innocents_that_a_crash_loop_took_along_come_back(
    start_ledger: Any, probe: Probe, thing: str, amqp_url: str
) -> None:
    with start_ledger():
        pass
    probe.channel.queue_purge(PARKING)
    probe.tell(thing)
    # What a consumer that dies does to all that it holds.
    for _ in range(topology.CRASH_LIMIT + 1):
        method, _, _ = eventually(lambda: _taken(probe))
        probe.channel.basic_reject(method.delivery_tag, requeue=True)
    assert eventually(lambda: probe.depth(PARKING) == 1)
    assert probe.depth() == 0

    with start_ledger():
        told = ["parked", "replay", "ledger", "--reason", "delivery_limit", "--amqp-url", amqp_url]
        result = CliRunner().invoke(main, told)
        assert (result.exit_code, result.stdout) == (0, "1 replayed, 0 stayed\n")
        assert eventually(lambda: probe.echo(thing) == 1)
    assert probe.depth(PARKING) == 0


def _taken(probe: Probe) -> Any:
    taken = probe.channel.basic_get(QUEUE)
    return taken if taken[0] is not None else None


def test_trap_10_a_mismatch_of_queue_arguments_ends_the_start(start_ledger: Any, probe: Probe) -> None:
    with start_ledger():
        pass
    probe.channel.queue_delete(QUEUE)
    probe.channel.queue_declare(QUEUE, durable=True)
    try:
        # Plain nameko would live on, and look every second whether the connection is better now.
        with pytest.raises(TimeoutError, match=r"(?s)ended before it was ready.*topology_mismatch"):
            start_ledger().__enter__()
    finally:
        probe.channel.queue_delete(QUEUE)


def test_trap_11_an_existing_document_is_never_replaced_silently(
    store: StoreAddress, ledger_database: str, thing: str
) -> None:
    mongo.connect(store.mongo_url, f"{ledger_database}_trap")
    try:
        # What mongoengine's own save does with a new object of an existing id.
        for times in (1, 5):
            now = UnitOfWork(district="jcps", cause="c").now
            EffectDocument(
                id=f"{thing}-plain", district="jcps", version=1, changed_at=now, times=times
            ).save()
        assert EffectDocument.objects(id=f"{thing}-plain").get().times == 5

        for cause in ("one", "two"):
            record(Effects(UnitOfWork(district="jcps", cause=cause)), thing)
        with MongoClient[dict[str, Any]](store.mongo_url) as client:
            [raw] = client[f"{ledger_database}_trap"]["effects"].find({"_id": thing})
        assert (raw["times"], [entry["cause"] for entry in raw["handled"]]) == (2, ["one", "two"])
    finally:
        mongo.disconnect()


def test_trap_12_services_start_without_pkg_resources() -> None:
    program = "import sys; sys.modules['pkg_resources'] = None; import chassis.runner, ledger.entrypoints"
    variables = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PROGRAMS)}

    done = subprocess.run([sys.executable, "-c", program], env=variables, check=False, timeout=60)

    assert done.returncode == 0


@pytest.mark.usefixtures("own_ledger")
def test_trap_13_the_driver_works_under_eventlet_although_nobody_promises_it(
    probe: Probe, thing: str
) -> None:
    for version in range(1, 41):
        probe.tell(thing, version=version)

    assert eventually(lambda: probe.echo(thing) == 40, timeout_s=40)
    assert probe.effect(thing) == 40


def test_trap_14_delays_need_no_plugin() -> None:
    described = _ledgers_topology()

    assert set(described.exchanges.values()) == {"topic", "fanout"}
    waiting = [queue.arguments["x-message-ttl"] for queue in described.queues if "retry" in queue.name]
    assert waiting == [delay_s * 1000 for delay_s in topology.RETRY_DELAYS_S]
