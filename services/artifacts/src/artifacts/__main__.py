"""Run the artifacts service: `python -m artifacts`."""

import eventlet

eventlet.monkey_patch()

from artifacts.entrypoints import ArtifactsService  # noqa: E402 - nothing may be imported before the patch
from chassis.runner import run  # noqa: E402 - as above

if __name__ == "__main__":
    run(ArtifactsService)
