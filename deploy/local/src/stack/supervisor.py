"""The process above all others: starts the parts in order, restarts what crashes, stops them in order."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import sys
from collections.abc import Callable, Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

from circus.arbiter import Arbiter
from circus.watcher import Watcher
from tornado import gen
from tornado.ioloop import IOLoop

from stack import paths, plan, ports
from stack.plan import Part, Stack

#: Relative, because the path of a socket may have no more than 107 characters: we work in the run folder.
ENDPOINT, EVENTS = "ipc://circus.sock", "ipc://circus-events.sock"

#: Written when the last part has been started.
STARTED = "started"

POLL_S = 0.1
LOG_BYTES, LOG_BACKUPS = 50_000_000, 2


class Supervisor(Arbiter):
    """An arbiter that waits for one stage before it starts the next, and stops them the other way round."""

    def __init__(self, watchers: list[Any], ready: dict[str, Callable[[], bool]], marker: Path) -> None:
        super().__init__(watchers, ENDPOINT, EVENTS, check_delay=0.5)
        self._ready = ready
        self._marker = marker

    async def start_stages(self) -> None:
        """Start all parts; a part that is not ready holds up the stages after it, as long as it takes."""
        await self._until(lambda: self._running)
        for _, stage in _by_stage(self.watchers, reverse=True):
            for watcher in stage:
                await self._start(watcher)
            for watcher in stage:
                # The broker takes longest, and a service tries again until it is there: both start together.
                if watcher.name != "broker":
                    await self._until_ready(watcher)
        self._marker.write_text(str(os.getpid()))

    async def _start(self, watcher: Any) -> None:
        if not self._stopping:
            await self._until(lambda: self._exclusive_running_command is None)
            await watcher.start()

    async def _until_ready(self, watcher: Any) -> None:
        # The question may block; commands must be heard meanwhile.
        ask = asyncio.get_running_loop().run_in_executor
        while not self._stopping and not await ask(None, self._ready[watcher.name]):  # noqa: ASYNC110 - as below
            await asyncio.sleep(POLL_S)

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not self._stopping and not condition():  # noqa: ASYNC110 - circus has no events to wait for
            await asyncio.sleep(POLL_S)

    def manage_watchers(self) -> Any:
        """Look after the processes, but not while a command runs: circus would complain."""
        if self._exclusive_running_command is None:
            return super().manage_watchers()
        return None

    @gen.coroutine
    def _stop_watchers(self, *, close_output_streams: bool = False, watcher_iter_func: Any = None) -> Any:
        watchers = watcher_iter_func(reverse=False) if watcher_iter_func else self.watchers
        for _, stage in _by_stage(watchers, reverse=False):
            yield gen.multi([watcher._stop(close_output_streams) for watcher in stage])  # noqa: SLF001 - as circus does


def _by_stage(watchers: Iterable[Any], *, reverse: bool) -> Iterable[tuple[int, list[Any]]]:
    def stage(watcher: Any) -> int:
        return int(watcher.priority)

    for number, members in groupby(sorted(watchers, key=stage, reverse=reverse), key=stage):
        yield number, list(members)


def _watcher(stack: Stack, part: Part) -> Any:
    program, *arguments = _leashed(part.command.argv)
    return Watcher(
        part.name,
        shlex.quote(program),
        args=arguments,
        env=dict(part.command.environment),
        working_dir=str(part.command.directory),
        priority=part.stage,
        # Started by us when the stage before it is ready.
        autostart=False,
        # A part that cannot start yet is tried again for as long as the stack is up.
        max_retry=-1,
        warmup_delay=0,
        graceful_timeout=part.stop_s,
        stdout_stream=_log(stack.log(part.name)),
        stderr_stream=_log(stack.log(part.name)),
        singleton=part.stage != plan.PLATFORM,
    )


def _leashed(argv: tuple[str, ...]) -> tuple[str, ...]:
    """Return a command that is told to end when the supervisor is killed."""
    program = shutil.which("setpriv")
    return (program, "--pdeathsig", "TERM", "--", *argv) if program else argv


def _log(path: Path) -> dict[str, Any]:
    return {
        "class": "FileStream",
        "filename": str(path),
        "max_bytes": LOG_BYTES,
        "backup_count": LOG_BACKUPS,
    }


def main() -> None:
    """Run the stack of the run folder until told to stop."""
    directory = paths.run_directory()
    os.chdir(directory)
    stack = plan.local_stack(directory, ports.wanted())
    parts = stack.parts()
    for part in parts:
        part.command.directory.mkdir(parents=True, exist_ok=True)
    supervisor = Supervisor(
        [_watcher(stack, part) for part in parts],
        {part.name: part.ready for part in parts},
        directory / STARTED,
    )
    loop = IOLoop.current()
    loop.add_callback(supervisor.start_stages)
    try:
        supervisor.start()
    finally:
        (directory / STARTED).unlink(missing_ok=True)
    sys.exit(0)


if __name__ == "__main__":
    main()
