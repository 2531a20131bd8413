"""Faults of our own processes: killed at a point, killed anywhere, stopped, frozen, in a crash loop."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.faults.fleet import Worker
from tests.faults.registry import fault
from tests.faults.single import tell_one
from tests.faults.world import World, wait_for

from crashing import POINTS

#: A process that is to kill itself and does not pass the point in this time is restarted as it is.
_DEATH_S = 12.0

#: Long enough for the delivery limit's twenty deaths, each with a start, on a busy machine.
_GIVEN_UP_S = 300.0


def _killed_at(point: str) -> Callable[[World], None]:
    def inject(world: World) -> None:
        # A relay has less to do, and comes by more seldom.
        relays = point.startswith("relay")
        victim: Worker = world.random.choice(world.fleet.relays if relays else world.fleet.services)
        nth = world.random.choice((1, 2, 3) if relays else (1, 2, 5, 20))
        victim.restart_with(CRASH_AT=f"{point}:{nth}")
        assert victim.wait_for_death(_DEATH_S), f"{victim.name} never came to {point}"

    return inject


for _point in POINTS:
    fault(f"killed at {_point}")(_killed_at(_point))


@fault("service killed")
def kill_service(world: World) -> None:
    world.flow(30)
    world.random.choice(world.fleet.services).kill()


@fault("relay killed")
def kill_relay(world: World) -> None:
    world.flow(30)
    world.random.choice(world.fleet.relays).kill()


@fault("everything of ours killed at once")
def kill_all(world: World) -> None:
    world.flow(30)
    for each in (*world.fleet.services, *world.fleet.relays):
        each.kill()


@fault("stopped in the middle of a handler", weight=2)
def stop_service(world: World) -> None:
    victim = world.random.choice(world.fleet.services)
    tell_one(world, "slow")
    world.flow(20)
    victim.stop()
    assert victim.process is not None
    assert victim.process.returncode == 0, f"{victim.name} did not drain: {victim.process.returncode}"


@fault("rolling restart")
def roll(world: World) -> None:
    for each in world.fleet.services:
        tell_one(world, "slow")
        each.stop()
        world.fleet.heal()


@fault("service frozen")
def freeze_service(world: World) -> None:
    with world.random.choice(world.fleet.services).frozen():
        world.endure(world.random.uniform(2, 5))


@fault("two relays")
def two_relays(world: World) -> None:
    with world.fleet.another_relay():
        world.flow(60)
        world.endure(2)


@fault("relay frozen beyond its lease")
def freeze_relay(world: World) -> None:
    with world.fleet.another_relay():
        world.flow(40)
        with world.fleet.relays[0].frozen():
            world.endure(5)
        world.endure(0.5)


@fault("crash loop that takes innocents along", at_most=2, slow=True)
def crash_loop(world: World) -> None:
    """One message kills whoever takes it, until the broker gives it up; its neighbours die with it."""
    # Whoever is slow never comes to an end beside it, and is given up as well.
    for _ in range(3):
        tell_one(world, "slow")
    killer = tell_one(world, "kills")
    for _ in range(3):
        tell_one(world, "slow")
    deadline = time.monotonic() + _GIVEN_UP_S
    while time.monotonic() < deadline:
        if wait_for(lambda: world.parking.holds(killer), 0.05):
            return
        wait_for(lambda: bool(world.fleet.dead()), 3)
        world.fleet.revive()
    raise AssertionError("the message that kills was never given up")
