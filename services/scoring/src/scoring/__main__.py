"""Run the scoring service: `python -m scoring`."""

import eventlet

eventlet.monkey_patch()

from chassis.runner import run  # noqa: E402 - nothing may be imported before the patch
from scoring.entrypoints import ScoringService  # noqa: E402 - as above

if __name__ == "__main__":
    run(ScoringService)
