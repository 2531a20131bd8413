"""`python -m defenses`: run the service."""

import eventlet

eventlet.monkey_patch()

from chassis.runner import run  # noqa: E402 - everything else is imported patched
from defenses.entrypoints import DefensesService  # noqa: E402 - as above

if __name__ == "__main__":
    run(DefensesService)
