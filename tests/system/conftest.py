"""A whole stack of the tests' own: its folder, its ports, its processes."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from pymongo import MongoClient
from rich.console import Console

from stack import control, paths, plan, ports, processes
from stack.demo import season as seasons
from stack.demo.context import Season
from stack.demo.district import demo_shape
from stack.demo.people import Shape
from stack.environment import SERVICES
from stack.plan import Stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Start everything once."""
    with started(tmp_path_factory.mktemp("stack")) as own:
        yield own


@contextmanager
def started(directory: Path) -> Iterator[Stack]:
    """Start everything, and leave no process behind."""
    own = plan.local_stack(directory, ports.from_base(ports.free_base()))
    supervisor = control.start(own)
    try:
        control.wait_ready(own, supervisor)
        yield own
    finally:
        control.stop(own)
        supervisor.wait(30)
    assert processes.marked(own.marker) == []


@contextmanager
def begun(stack: Stack, folder: Path, shape: Shape) -> Iterator[Season]:
    """Give a season of this district on a stack, which begins again where the folder's last one was."""
    platform = seasons.Platform(
        gateway_url=stack.gateway.url,
        mail_url=stack.gateway.pages["Mails"].rstrip("/"),
        sms_url=stack.gateway.pages["Text messages"].rstrip("/"),
        token=stack.keys.token,
        roster_import=lambda bundle: import_roster(stack, bundle),
    )
    with seasons.begin(platform, folder, Console(file=io.StringIO()), shape=shape) as season:
        yield season


@pytest.fixture(scope="session")
def shape() -> Shape:
    """The demo's district with fewer students."""
    return replace(demo_shape(), students=60)


def processes_of(stack: Stack, program: str) -> list[psutil.Process]:
    """Return a stack's processes of a service, such as `scoring`, or of a relay, such as `relay scoring`."""
    return [each for each in processes.marked(stack.marker) if _runs(each, program)]


def _runs(process: psutil.Process, program: str) -> bool:
    try:
        command = " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return False
    return command.endswith((f"-m {program}", f"backpack {program}"))


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


def import_roster(stack: Stack, bundle: Path) -> None:
    """Import a bundle as an operator does."""
    report = bundle.parent / "roster-report.csv"
    command = [str(paths.PROGRAMS / "backpack"), "roster", "import", str(bundle)]
    subprocess.run(
        [*command, "--district", "jcps", "--report", str(report)],
        env=stack.service_environment("artifacts"),
        check=True,
        stdout=subprocess.DEVNULL,
    )
