"""Timers: a method that runs again and again, one run at a time in a process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import structlog
from nameko.timer import Timer

from chassis.extensions import bounded
from chassis.logs import origin

log = structlog.get_logger()

Method = TypeVar("Method", bound=Callable[..., Any])


class LoggedTimer(Timer):
    """nameko's timer, with its failures in our log; the next tick tries again."""

    def handle_result(self, worker_ctx: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
        """Note a failed tick."""
        if exc_info is not None:
            log.error("timer_failed", timer=self.method_name, **origin(exc_info[1]))
        super().handle_result(worker_ctx, result, exc_info)
        return result, None


def every(seconds: float) -> Callable[[Method], Method]:
    """Run a method every so many seconds, or as soon as its last run ends: `def verb_noun(self) -> None`."""

    def decorate(method: Method) -> Method:
        decorated: Method = LoggedTimer.decorator(interval=seconds)(bounded(method))
        return decorated

    return decorate
