"""One event apart from the load, for a fault that needs a certain behaviour."""

from __future__ import annotations

from tests.faults.world import World

from probe import Probe


def tell_one(world: World, behaviour: str) -> str:
    """Tell one thing with a behaviour and return the event's id; only what kills is expected in parking."""
    thing_id = f"b{world.fault}-{behaviour}-{world.random.getrandbits(40)}"
    probe = Probe(world.broker.amqp_url, None)
    envelope = probe.envelope(thing_id, behaviour)
    if behaviour == "kills":
        world.parking.tell(envelope.to_bytes(), "kills", world.fault)
    else:
        world.account.tell(thing_id, envelope.id, world.fault)
        probe.tell_raw(envelope.to_bytes(), message_id=envelope.id)
        world.account.confirm(1, world.fault)
    probe.close()
    return envelope.id
