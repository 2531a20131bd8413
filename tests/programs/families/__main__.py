"""Start the notifications service, killing itself where its environment says: `CRASH_AT=<point>:<n>`."""

import eventlet

eventlet.monkey_patch()

import os  # noqa: E402 - after patching

from chassis.runner import run  # noqa: E402 - after patching
from crashing import kill_at  # noqa: E402 - after patching
from families.points import POINTS  # noqa: E402 - after patching
from notifications.entrypoints import NotificationsService  # noqa: E402 - after patching

if os.environ.get("CRASH_AT"):
    chosen, _, times = os.environ["CRASH_AT"].partition(":")
    kill_at(POINTS[chosen], int(times))
run(NotificationsService)
