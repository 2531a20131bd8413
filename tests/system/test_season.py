"""The whole job over HTTP, from the roster file to the inboxes, while its processes are killed in turn."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tests.system.conftest import begun, pending, processes_of

from chassis import topology
from chassis.parked import ParkingLot, Selection
from stack.demo import season as seasons
from stack.demo.checks import Inboxes
from stack.demo.context import Season
from stack.demo.deciding import await_messages
from stack.demo.people import Shape
from stack.demo.portal import wait_for
from stack.environment import SERVICES
from stack.plan import Stack

#: Long enough for a process to come back and begin something before the next one is killed; and not for ever,
#: because a schedule run whose process dies three times over it is given up, as it should be.
KILL_EVERY_S = 4
ROUNDS = 3

pytestmark = pytest.mark.timeout(420)


@contextmanager
def killed_in_turn(stack: Stack) -> Iterator[list[str]]:
    """Kill services and relays, one after the other, without warning, as long as the block runs."""
    over = threading.Event()
    killed: list[str] = []

    def kill() -> None:
        for victim in [*SERVICES, *(f"relay {name}" for name in SERVICES)] * ROUNDS:
            if over.wait(KILL_EVERY_S):
                return
            for process in processes_of(stack, victim)[:1]:
                process.send_signal(signal.SIGKILL)
                killed.append(victim)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield killed
    finally:
        over.set()
        killer.join()


def settled(season: Season) -> Inboxes:
    for step in seasons.STEPS:
        step(season)
    return await_messages(season)


def parked(stack: Stack) -> list[tuple[str, str, str]]:
    return [
        (service, message.queue, message.reason)
        for service in SERVICES
        for message in ParkingLot(stack.broker.amqp_url, topology.parking_queue(service)).look(
            Selection(), limit=10
        )
    ]


def test_nothing_is_lost_or_doubled_although_every_process_is_killed(
    stack: Stack, shape: Shape, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("season")
    with begun(stack, folder, shape) as season:
        with killed_in_turn(stack) as killed:
            inboxes = settled(season)

        assert seasons.verify(season, inboxes) == []
        assert set(killed) >= set(SERVICES)
        assert parked(stack) == []
        wait_for("the outboxes", lambda: pending(stack), timeout_s=30)

    # The same season again, undisturbed: nothing changes and nobody is told twice.
    with begun(stack, folder, shape) as season:
        again = settled(season)
        assert seasons.verify(season, again) == []

    assert [again.counts(channel) for channel in ("email", "sms")] == [
        inboxes.counts(channel) for channel in ("email", "sms")
    ]
