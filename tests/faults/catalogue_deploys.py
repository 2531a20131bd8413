"""Faults that people make: wrong clocks, releases beside each other, a release that does not fit, a replay
that is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.faults.fleet import Worker
from tests.faults.registry import SkippedError, fault
from tests.faults.servers import PROGRAMS
from tests.faults.world import World, wait_for

from chassis import parking
from chassis.runner import EXIT_TOPOLOGY
from crashing import REPLAY_POINTS
from probe import PARKING, QUEUE, Probe
from stack import clocks, paths
from stack.packages import MissingPartError

_OFF = timedelta(hours=1)
_START_S = 30.0
_PARKED = 40


def _clock(offset: str) -> dict[str, str]:
    try:
        return clocks.off_by(clocks.locate(paths.CLOCKS), offset)
    except MissingPartError as error:
        raise SkippedError(str(error)) from error


def _relay_off(offset: str) -> Callable[[World], None]:
    def inject(world: World) -> None:
        """Two relays which disagree about the time, and one of which stands still beyond its lease."""
        with world.fleet.another_relay(**_clock(offset)) as relay:
            assert wait_for(lambda: clocks.PACKAGE in _loaded(relay), 5), "its clock is right"
            world.flow(60)
            with world.random.choice(world.fleet.relays).frozen():
                world.endure(5)
            world.flow(20)

    return inject


def _loaded(worker: Worker) -> str:
    """Return which files a process has loaded; a relay goes by the store's clock, so nothing else tells."""
    assert worker.process is not None
    return Path(f"/proc/{worker.process.pid}/maps").read_text(encoding="utf-8")


def _service_off(offset: str) -> Callable[[World], None]:
    def inject(world: World) -> None:
        """One of three services whose clock is off, which is to be seen in what it writes.

        Callers do not ask it: a token is valid for a time, so a wrong clock may refuse it, and rightly.
        """
        sign = 1 if offset.startswith("+") else -1
        with world.fleet.another_service(**_clock(offset)) as service:
            assert wait_for(service.answers, _START_S), "it does not start"
            assert wait_for(lambda: _written_at(world, sign), 15), "it has written nothing"
            world.flow(60)

    return inject


def _written_at(world: World, sign: int) -> bool:
    """Whether an effect of this fault's things was written an hour from now."""
    about = datetime.now(UTC) + sign * _OFF
    around = {"$gte": about - timedelta(minutes=2), "$lte": about + timedelta(minutes=2)}
    return world.effects.find_one({"changed_at": around}) is not None


for _offset, _how in (("+1h", "fast"), ("-1h", "slow")):
    fault(f"relay an hour {_how}", weight=0.5)(_relay_off(_offset))
    fault(f"service an hour {_how}", weight=0.5)(_service_off(_offset))


@fault("old and new release side by side", weight=0.7)
def deploy(world: World) -> None:
    """First the one service is of the next release, then the other: what each says is handled by both."""
    for of_next in world.random.sample(world.fleet.services[:2], k=2):
        try:
            of_next.stop()
            of_next.extra = {"LEDGER_SCHEMA": "next"}
            of_next.start()
            _exchange(world)
        finally:
            # The other direction: what the next release has written and said is the old one's again.
            of_next.stop()
            world.fleet.heal()


def _exchange(world: World) -> None:
    """Wait until each release has said some events of its kind, and handled some of those that came."""
    handlers = ("on_thing_happened", "on_effect_recorded")
    before = {(each.name, name): _handled(each, name) for each in world.fleet.services for name in handlers}

    def both_took_part() -> bool:
        return all(
            _handled(each, name) > before[each.name, name] + 10
            for each in world.fleet.services
            for name in handlers
        )

    assert wait_for(both_took_part, 20), "not both releases took part"
    assert world.effects.find_one({"note": {"$exists": True}}) is not None, "nobody was of the next release"


def _handled(service: Worker, handler: str) -> float:
    """Return how many events a handler of this process has handled since the process started."""
    return service.count("events_processed_total", handler=handler, outcome="ok")


@fault("release whose queues have other arguments", weight=0.5)
def misfit(world: World) -> None:
    """It ends at once and names the argument; the release that runs goes on."""
    with world.fleet.another_service(OTHER_ARGUMENTS="1") as service:
        assert service.wait_for_death(_START_S), "it did not end"
        assert service.process is not None
        assert service.process.returncode == EXIT_TOPOLOGY, f"it ended with {service.process.returncode}"
        assert service.said("x-delivery-limit"), "it did not name the argument"
    assert all(each.runs for each in world.fleet.services), "it took others along"
    world.flow(30)


def _replay_killed_at(point: str) -> Callable[[World], None]:
    def inject(world: World) -> None:
        """Good events are parked; an operator's replay is killed half-way, and then run twice."""
        probe = Probe(world.broker.amqp_url, None)
        headers = {parking.QUEUE: QUEUE, parking.REASON: "retries_exhausted"}
        for number in range(_PARKED):
            thing_id = f"r{world.fault}-{number}"
            envelope = probe.envelope(thing_id)
            world.account.tell(thing_id, envelope.id, world.fault)
            probe.park(envelope, headers)
        world.account.confirm(_PARKED, world.fault)
        half_way = world.random.randint(2, _PARKED - 2)
        status = _replay(world, CRASH_AT=f"{point}:{half_way}")
        assert status == -signal.SIGKILL, f"the replay was not killed, but ended with {status}"
        left = _PARKED - half_way
        assert wait_for(lambda: probe.depth(PARKING) >= left, 10), "it had done more than it was let"
        probe.close()
        for _ in range(2):
            status = _replay(world)
            assert status in (0, 3), f"the replay ended with {status}"

    return inject


for _point in REPLAY_POINTS:
    fault(f"killed at {_point}, and run twice", weight=0.7)(_replay_killed_at(_point))


def _replay(world: World, **extra: str) -> int:
    """Run the operators' tool and return its exit status; 3 says that something else stayed in parking."""
    argv = [sys.executable, str(PROGRAMS / "replaying.py"), "parked", "replay", "ledger"]
    variables = {"PATH": os.environ["PATH"], "AMQP_URL": world.broker.amqp_url, **extra}
    return subprocess.run(argv, env=variables, check=False, capture_output=True, timeout=120).returncode
