"""The whole job over HTTP, from the roster file to the inboxes, while its processes are killed in turn."""

from __future__ import annotations

import io
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from pymongo import MongoClient
from rich.console import Console
from tests.system.conftest import import_roster

from chassis import topology
from chassis.parked import ParkingLot, Selection
from stack import processes
from stack.demo import season as seasons
from stack.demo.checks import Inboxes
from stack.demo.context import Season
from stack.demo.deciding import await_messages
from stack.demo.district import demo_shape
from stack.demo.people import Shape
from stack.demo.portal import wait_for
from stack.environment import SERVICES
from stack.plan import Stack

#: Long enough for a process to come back and begin something before the next one is killed; and not for ever,
#: because a schedule run whose process dies three times over it is given up, as it should be.
KILL_EVERY_S = 4
ROUNDS = 3

pytestmark = pytest.mark.timeout(420)


@pytest.fixture(scope="module")
def shape() -> Shape:
    """The demo's district with fewer students."""
    whole = demo_shape()
    return Shape(**{**{name: getattr(whole, name) for name in whole.__dataclass_fields__}, "students": 60})


@contextmanager
def begun(stack: Stack, folder: Path, shape: Shape) -> Iterator[Season]:
    platform = seasons.Platform(
        gateway_url=stack.gateway.url,
        mail_url=stack.gateway.pages["Mails"].rstrip("/"),
        sms_url=stack.gateway.pages["Text messages"].rstrip("/"),
        token=stack.keys.token,
        roster_import=lambda bundle: import_roster(stack, bundle),
    )
    with seasons.begin(platform, folder, Console(file=io.StringIO()), shape=shape) as season:
        yield season


@contextmanager
def killed_in_turn(stack: Stack) -> Iterator[list[str]]:
    """Kill services and relays, one after the other, without warning, as long as the block runs."""
    over = threading.Event()
    killed: list[str] = []

    def kill() -> None:
        for victim in [*SERVICES, *(f"relay {name}" for name in SERVICES)] * ROUNDS:
            if over.wait(KILL_EVERY_S):
                return
            for process in processes.marked(stack.marker):
                if _is(process, victim):
                    process.send_signal(signal.SIGKILL)
                    killed.append(victim)
                    break

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield killed
    finally:
        over.set()
        killer.join()


def _is(process: psutil.Process, victim: str) -> bool:
    try:
        command = " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return False
    return command.endswith((f"-m {victim}", f"backpack {victim}"))


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


def pending(stack: Stack) -> str:
    """Say which outboxes are not empty."""
    with MongoClient[dict[str, object]](stack.store.mongo_url) as client:
        waiting = [
            f"{service}.{name}"
            for service in SERVICES
            for name in client[f"backpack_{service}"].list_collection_names()
            if client[f"backpack_{service}"][name].find_one({"pending": True})
        ]
    return ", ".join(waiting)


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
