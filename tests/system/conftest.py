"""A whole stack of the tests' own: its folder, its ports, its processes."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack import control, paths, plan, ports, processes
from stack.plan import Stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Start everything once, and leave no process behind."""
    directory = tmp_path_factory.mktemp("stack")
    own = plan.local_stack(directory, ports.from_base(ports.free_base()))
    supervisor = control.start(own)
    try:
        control.wait_ready(own, supervisor)
        yield own
    finally:
        control.stop(own)
        supervisor.wait(30)
    assert processes.marked(own.marker) == []


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
