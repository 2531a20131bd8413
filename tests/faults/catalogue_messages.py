"""Faults of messages and of the topology: duplicates, disorder, poison, queues and bindings gone."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pika
from tests.faults.registry import fault
from tests.faults.world import World

from chassis.confirms import CONFIRMED, PipelinedPublisher
from chassis.delivery import Delivery
from contracts.envelope import CONTENT_TYPE, seal
from ledger.events import EFFECT_RECORDED, THING_HAPPENED, ThingHappened
from probe import QUEUE

ECHO_QUEUE = "evt-ledger-ledger.effect.recorded.v1--ledger.on_effect_recorded"


@fault("what was said, said three times more")
def repeat(world: World) -> None:
    _say_again(world, reverse=False, times=3)


@fault("older events after newer ones")
def reorder(world: World) -> None:
    _say_again(world, reverse=True, times=1)


def _say_again(world: World, *, reverse: bool, times: int) -> None:
    """Publish what things have said already again; every consumer has seen it, or is about to."""
    world.flow(50)
    names = world.account.of_faults(range(max(1, world.fault - 5), world.fault + 1))
    chosen = world.random.sample(names, k=min(len(names), 60))
    said = world.account.said(chosen) * times
    if reverse:
        said.reverse()
    event = EFFECT_RECORDED
    _insist(world, [Delivery(event.exchange, event.type, b, i, CONTENT_TYPE, event.type) for i, b in said])


def _insist(world: World, deliveries: list[Delivery]) -> None:
    publisher = PipelinedPublisher(world.broker.amqp_url, confirm_timeout_s=10)
    outcomes = publisher.publish(deliveries)
    publisher.close()
    # Copies of what was said before: those that did not arrive are no loss.
    assert outcomes.count(CONFIRMED) > len(outcomes) // 2 or not outcomes


@fault("one aggregate that everybody wants")
def crowd(world: World) -> None:
    """Sixty causes for one document at once: conflicts, decided again or climbing the ladder."""
    thing_id = f"c{world.fault}"
    deliveries = []
    for number in range(60):
        data = ThingHappened(thing_id=thing_id, behaviour="ok")
        subject = (f"crowd-{world.fault}", number + 1)
        envelope = seal(THING_HAPPENED, data, subject=subject, district="jcps", time=datetime.now(UTC))
        world.account.tell(thing_id, envelope.id, world.fault)
        event = THING_HAPPENED
        deliveries.append(
            Delivery(event.exchange, event.type, envelope.to_bytes(), envelope.id, CONTENT_TYPE, event.type)
        )
    publisher = PipelinedPublisher(world.broker.amqp_url, confirm_timeout_s=10)
    waiting = deliveries
    for _ in range(20):
        outcomes = publisher.publish(waiting)
        waiting = [each for each, said in zip(waiting, outcomes, strict=True) if said != CONFIRMED]
        if not waiting:
            break
    publisher.close()
    assert not waiting
    world.account.confirm(len(deliveries), world.fault)


def _envelope(world: World, **changes: object) -> dict[str, object]:
    data = ThingHappened(thing_id=f"poison-{world.fault}", behaviour="ok")
    subject = (f"poison-{world.fault}-{world.random.getrandbits(60)}", 1)
    wire = seal(THING_HAPPENED, data, subject=subject, district="jcps", time=datetime.now(UTC)).to_wire()
    return {name: value for name, value in {**wire, **changes}.items() if value is not None}


def _json(world: World, **changes: object) -> bytes:
    return json.dumps(_envelope(world, **changes)).encode()


def _written(world: World, **changes: object) -> str:
    """Return an event whose letters are not written as escapes."""
    return json.dumps(_envelope(world, **changes), ensure_ascii=False)


def _unique(world: World, text: bytes) -> bytes:
    return text + b" %d" % world.random.getrandbits(60)


POISON: dict[str, Callable[[World], bytes]] = {
    "broken JSON": lambda world: _unique(world, b'{"id": '),
    "not UTF-8": lambda world: _unique(world, b"\xff\xfe{}"),
    "a list": lambda world: b"[%d]" % world.random.getrandbits(60),
    "NaN": lambda world: _json(world, data={"thing_id": "x", "behaviour": "ok", "n": float("nan")}),
    "wrong type": lambda world: _json(world, data={"thing_id": 3, "behaviour": "ok"}),
    "no data": lambda world: _json(world, data=None),
    "no id": lambda world: _json(world, id=None),
    "unknown version": lambda world: _json(world, type="probe.thing.happened.v9"),
    "deep nesting": lambda world: b"[" * 20_000 + _unique(world, b"1"),
    "a number of 5000 digits": lambda world: b'{"n": ' + b"1" * 5000 + _unique(world, b", "),
    "UTF-16": lambda world: _json(world).decode().encode("utf-16"),
    "UTF-16 without its mark": lambda world: _json(world).decode().encode("utf-16-le"),
    "Latin-1": lambda world: _written(world, district="Zürich").encode("latin-1"),
    "half a character": lambda world: _json(world, data={"thing_id": "\ud83c", "behaviour": "ok"}),
    "a handler that breaks": lambda world: _json(world, data={"thing_id": "p", "behaviour": "broken"}),
    "what never passes": lambda world: _json(world, data={"thing_id": "p", "behaviour": "never"}),
}


@fault("poison", weight=2)
def poison(world: World) -> None:
    """One of each kind, and one of a wrong content type, among good events."""
    for name, make in POISON.items():
        world.parking.tell(make(world), name, world.fault)
    world.parking.tell(_json(world), "content type", world.fault, content_type="application/x-pickle")
    world.flow(50)


@fault("poison that claims another charset")
def claimed_charset(world: World) -> None:
    """Whatever a message says of its encoding, an event is UTF-8: reading it otherwise would garble names."""
    for claimed in ("utf-16", "latin-1", "gzip"):
        for written in ("utf-8", "utf-16", "latin-1"):
            body = _written(world, district="Zürich").encode(written)
            name = f"{written}, said to be {claimed}"
            world.parking.tell(body, name, world.fault, content_encoding=claimed)
    world.flow(50)


@fault("20 MB of poison", weight=0.3, at_most=3)
def large_poison(world: World) -> None:
    body = _json(world, data={"thing_id": ["x" * 20_000_000], "behaviour": "ok"})
    world.parking.tell(body, "20 MB", world.fault)


@fault("queue deleted under its consumers", weight=0.7)
def delete_queue(world: World) -> None:
    """Delete a queue while it is empty: what would be in it is lost by whoever deletes it."""
    queue = world.random.choice((QUEUE, ECHO_QUEUE))
    with world.quiet():
        _on_channel(world, lambda channel: channel.queue_delete(queue))
    world.flow(30)


@fault("nobody is bound")
def unbind(world: World) -> None:
    event, queue = world.random.choice(((THING_HAPPENED, QUEUE), (EFFECT_RECORDED, ECHO_QUEUE)))
    _on_channel(world, lambda channel: channel.queue_unbind(queue, event.exchange, event.type))
    try:
        world.endure(world.random.uniform(1, 3))
    finally:
        _on_channel(world, lambda channel: channel.queue_bind(queue, event.exchange, event.type))


def _on_channel(
    world: World, do: Callable[[pika.adapters.blocking_connection.BlockingChannel], object]
) -> None:
    with pika.BlockingConnection(pika.URLParameters(world.broker.amqp_url)) as connection:
        do(connection.channel())
