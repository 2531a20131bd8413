"""Start the recorder service."""

import eventlet

eventlet.monkey_patch()

from chassis.runner import run  # noqa: E402 - after patching
from recorder.entrypoints import RecorderService  # noqa: E402 - after patching

run(RecorderService)
