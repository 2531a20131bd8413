"""Faults inside a process: it kills itself at a named point, or says everything twice.

Installed from outside, by wrapping what the chassis and its libraries call, so that the code under test has
no hooks. Chosen by the environment: `CRASH_AT=<point>[:n]` kills the process, as `kill -9` does, when it
passes the point for the nth time; `DELIVER_TWICE=1` publishes every message twice; `OTHER_ARGUMENTS=1` is a
release whose queues have other arguments than those that the broker has.
"""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import amqp
from eventlet import patcher
from pika.adapters.blocking_connection import BlockingChannel
from pymongo.collection import Collection

from chassis import confirms, topology
from chassis.confirms import CONFIRMED, PipelinedPublisher
from chassis.publisher import ConfirmingPublisher

#: Name of a point to what is wrapped: the owner, its method, and whether we die before or after it. The first
#: few are passed by services, the others by relays.
POINTS: dict[str, tuple[Any, str, str]] = {
    "before_commit": (Collection, "bulk_write", "before"),
    "after_commit": (Collection, "bulk_write", "after"),
    "after_publish": (ConfirmingPublisher, "publish", "after"),
    "before_ack": (amqp.Channel, "basic_ack", "before"),
    "after_ack": (amqp.Channel, "basic_ack", "after"),
    "relay_claimed": (PipelinedPublisher, "publish", "before"),
    "relay_published": (confirms._Link, "_on_confirm", "before"),
    "relay_confirmed": (PipelinedPublisher, "publish", "after"),
    "relay_settled": (Collection, "bulk_write", "after"),
}

#: The same, passed by whoever replays what was parked.
REPLAY_POINTS: dict[str, tuple[Any, str, str]] = {
    "replay_published": (BlockingChannel, "basic_ack", "before"),
    "replay_acknowledged": (BlockingChannel, "basic_ack", "after"),
}


def install() -> None:
    """Install what the environment asks for; a point that does not exist is an error."""
    point, _, nth = os.environ.get("CRASH_AT", "").partition(":")
    if point:
        kill_at({**POINTS, **REPLAY_POINTS}[point], int(nth or 1))
    if os.environ.get("DELIVER_TWICE"):
        _publish_twice()
    if os.environ.get("OTHER_ARGUMENTS"):
        topology.CRASH_LIMIT += 1
    if os.environ.get("FAKETIME") and not patcher.is_monkey_patched("time"):
        # Python sleeps until a moment of the monotonic clock, which libfaketime 0.9.10 refuses.
        time.sleep = _sleep


def _sleep(seconds: Any) -> None:
    select.select([], [], [], seconds)


def kill_at(point: tuple[Any, str, str], nth: int) -> None:
    """Die when a point, an entry of such a table, is passed for the nth time."""
    owner, name, side = point
    original = getattr(owner, name)
    passed = 0

    def die_if_due() -> None:
        nonlocal passed
        passed += 1
        if passed >= nth:
            os.kill(os.getpid(), signal.SIGKILL)

    @wraps(original)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if side == "before":
            die_if_due()
        result = original(*args, **kwargs)
        if side == "after":
            die_if_due()
        return result

    setattr(owner, name, wrapped)


def _publish_twice() -> None:
    from_service: Callable[..., Any] = ConfirmingPublisher.publish
    from_relay: Callable[..., Any] = PipelinedPublisher.publish

    def service_publishes(self: Any, deliveries: Sequence[Any]) -> Any:
        return from_service(self, [*deliveries, *deliveries])

    def relay_publishes(self: Any, deliveries: Sequence[Any]) -> Any:
        outcomes = from_relay(self, [*deliveries, *deliveries])
        halves = zip(outcomes[: len(deliveries)], outcomes[len(deliveries) :], strict=True)
        return [first if first != CONFIRMED else second for first, second in halves]

    ConfirmingPublisher.publish = service_publishes  # type: ignore[method-assign]  # this is the fault
    PipelinedPublisher.publish = relay_publishes  # type: ignore[method-assign]  # this is the fault
