"""A service as nameko's manual has it, to show in the tests which traps it falls into."""

import eventlet

eventlet.monkey_patch()

import logging  # noqa: E402 - after patching
import os  # noqa: E402 - after patching
import signal  # noqa: E402 - after patching
import sys  # noqa: E402 - after patching
from typing import Any  # noqa: E402 - after patching

from nameko.events import event_handler  # noqa: E402 - after patching
from nameko.runners import ServiceRunner  # noqa: E402 - after patching

#: Longer than nameko's loop takes to notice a stop.
SLOW_S = 5.0


class PlainService:
    """Handles what happened."""

    name = "plain"

    @event_handler("plain", "happened")  # type: ignore[untyped-decorator]  # nameko has no types
    def on_happened(self, payload: dict[str, Any]) -> None:
        """Behave as told."""
        sys.stdout.write(f"handling {payload}\n")
        sys.stdout.flush()
        if payload["behaviour"] == "broken":
            raise RuntimeError("it breaks")
        if payload["behaviour"] == "leaks":
            raise eventlet.Timeout(None)
        if payload["behaviour"] == "slow":
            eventlet.sleep(SLOW_S)


def main() -> None:
    """Run until SIGTERM, as `nameko run` does."""
    logging.basicConfig()
    runner = ServiceRunner({"AMQP_URI": os.environ["AMQP_URL"]})
    runner.add_service(PlainService)
    runner.start()
    signal.signal(signal.SIGTERM, lambda *_: eventlet.spawn_n(runner.stop))
    runner.wait()


main()
