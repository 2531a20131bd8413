"""Faults of limits that the broker sets: on patience, on heartbeats, on the length of a queue."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from tests.faults.registry import fault
from tests.faults.single import tell_one
from tests.faults.world import World, wait_for

from ledger.entrypoints import HANG_S, HOG_S
from probe import PARKING

#: RabbitMQ's defaults, which come back after each fault.
_PATIENCE = {"consumer_timeout": 1_800_000, "channel_tick_interval": 60_000}
_HEARTBEAT = {"heartbeat": 60}

#: In place of half an hour, to be looked at every second instead of every minute.
_IMPATIENCE = {"consumer_timeout": 4_000, "channel_tick_interval": 1_000}
#: In seconds; the broker hangs up after two of them without a sign of life. It rules whatever we propose.
_QUICK_HEARTBEAT = {"heartbeat": 2}

#: Poison for a parking queue without room; fewer than what two services may hold unacknowledged.
_TOO_MUCH = 12


@contextmanager
def _broker_with(world: World, values: dict[str, int], usual: dict[str, int]) -> Iterator[None]:
    """Have other settings of the broker for a while; everybody has to connect anew for them."""
    try:
        world.broker.set(**values)
        world.flow(30)
        yield
    finally:
        world.broker.set(**usual)


@fault("handler hangs beyond the broker's patience", weight=0.3, at_most=3, slow=True)
def hang(world: World) -> None:
    """The broker closes the channel under a handler, hands the message out again, and gets no late ack."""
    with _broker_with(world, _IMPATIENCE, _PATIENCE):
        before = world.broker.said("Timeout value used")
        tell_one(world, "hangs")
        # A channel that goes on getting messages is not always seen to wait for an old acknowledgement.
        with world.load.paused():
            assert wait_for(lambda: world.broker.said("Timeout value used") > before, 2 * HANG_S), "it waited"


@fault("handler hogs the processor beyond two heartbeats", weight=0.3, at_most=3, slow=True)
def hog(world: World) -> None:
    """A handler that never yields: no heartbeat goes out, and the broker hangs up on a living process."""
    with _broker_with(world, _QUICK_HEARTBEAT, _HEARTBEAT):
        before = world.broker.said("missed heartbeats from client")
        tell_one(world, "hogs")
        assert wait_for(lambda: world.broker.said("missed heartbeats from client") > before, 2 * HOG_S), (
            "the broker missed no heartbeat"
        )


@fault("parking is full", weight=0.5, at_most=5)
def fill_parking(world: World) -> None:
    """The broker refuses what goes to parking; its handler holds it until there is room."""
    # RabbitMQ tells publishers when a queue becomes full, and not that it is full already.
    room = world.broker.messages().get(PARKING, 0) + 1
    policy = json.dumps({"max-length": room, "overflow": "reject-publish"})
    before = sum(each.said("nacked") for each in world.fleet.services)
    world.broker.control(
        *("set_policy", "-p", "faults", "full", r"^ledger\.parking$", policy, "--apply-to", "queues")
    )
    try:
        refused = False
        for _ in range(_TOO_MUCH):
            body = b'{"n": %d, ' % world.random.getrandbits(60)
            world.parking.tell(body, "for a full parking", world.fault)
            # One after the other: a quorum queue takes a whole burst before it says that it is full.
            refused = wait_for(lambda: sum(each.said("nacked") for each in world.fleet.services) > before, 2)
            if refused:
                break
        world.endure(world.random.uniform(1, 3))
    finally:
        world.broker.control("clear_policy", "-p", "faults", "full")
    assert refused, "parking took everything"
