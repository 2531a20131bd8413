"""Run the notifications service: `python -m notifications`."""

import eventlet

eventlet.monkey_patch()

from chassis.runner import run  # noqa: E402 - everything must be imported patched
from notifications.entrypoints import NotificationsService  # noqa: E402 - as above

if __name__ == "__main__":
    run(NotificationsService)
