"""Faults of broker and store, and of the wires to them."""

from __future__ import annotations

from collections.abc import Callable

from tests.faults.registry import fault
from tests.faults.world import World, wait_for


@fault("broker killed")
def kill_broker(world: World) -> None:
    world.flow(50)
    world.broker.kill()
    world.broker.start()


@fault("broker restarted", weight=0.7)
def restart_broker(world: World) -> None:
    world.flow(50)
    world.broker.stop()
    world.broker.start()


@fault("broker away for a while", weight=0.7)
def lose_broker(world: World) -> None:
    world.broker.kill()
    world.endure(world.random.uniform(3, 6))
    world.broker.start()


@fault("broker away for a minute", at_most=1, slow=True)
def lose_broker_long(world: World) -> None:
    world.broker.kill()
    world.endure(60)
    world.broker.start()


@fault("connections closed by the broker")
def close_connections(world: World) -> None:
    wait_for(world.broker.connections, 5)
    names = world.broker.connections()
    for name in world.random.sample(names, k=min(len(names), 4)):
        world.broker.disconnect(name)
    world.flow(30)


def _alarm(raise_it: tuple[str, ...], clear_it: tuple[str, ...]) -> Callable[[World], None]:
    def inject(world: World) -> None:
        world.broker.control(*raise_it)
        try:
            world.endure(world.random.uniform(2, 5))
        finally:
            world.broker.control(*clear_it)

    return inject


fault("memory alarm")(_alarm(("set_vm_memory_high_watermark", "0"), ("set_vm_memory_high_watermark", "0.4")))
fault("disk alarm")(_alarm(("set_disk_free_limit", "900000GB"), ("set_disk_free_limit", "200MB")))


@fault("store killed")
def kill_store(world: World) -> None:
    world.flow(50)
    world.store.kill()
    world.store.start()


@fault("store away for a while")
def lose_store(world: World) -> None:
    world.store.kill()
    world.endure(world.random.uniform(3, 8))
    world.store.start()


@fault("store away for half a minute", at_most=1, slow=True)
def lose_store_long(world: World) -> None:
    world.store.kill()
    world.endure(30)
    world.store.start()


@fault("store frozen")
def freeze_store(world: World) -> None:
    with world.store.frozen():
        world.endure(world.random.uniform(1, 4))


def _wire(route: str, mode: str, seconds: float, value: float = 0.0) -> Callable[[World], None]:
    def inject(world: World) -> None:
        with world.proxy.behaving(route, mode, value):
            world.endure(world.random.uniform(0.5, 1) * seconds)

    return inject


for _route in ("broker", "store"):
    fault(f"wire to the {_route} cut")(_wire(_route, "cut", 1))
    fault(f"wire to the {_route} refused")(_wire(_route, "refuse", 4))
    fault(f"wire to the {_route} slow")(_wire(_route, "delay", 4, 0.15))
    fault(f"wire to the {_route} half-open")(_wire(_route, "half_open", 5))
    fault(f"wire to the {_route} cut in the middle of a frame")(_wire(_route, "cut_after", 3, 20_000))

fault("store's replies lost after the write", weight=2)(_wire("store", "lose_replies", 3))


@fault("store's node is not the primary any more")
def lose_primary(world: World) -> None:
    """Writes of one service and one relay are refused for a while, as by a node that was voted down."""
    victim = world.fleet.services[1]
    before = victim.said("NotPrimaryError")
    with world.fleet.another_relay(), world.proxy.behaving("store", "not_primary"):
        assert wait_for(lambda: victim.said("NotPrimaryError") > before, 10), "no write was refused"
        world.endure(world.random.uniform(2, 4))


@fault("half-open until it is noticed", at_most=1, slow=True)
def half_open_for_long(world: World) -> None:
    with world.proxy.behaving("broker", "half_open"):
        world.endure(45)
