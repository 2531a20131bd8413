"""Start the ledger service."""

import eventlet

eventlet.monkey_patch()

from chassis.runner import run  # noqa: E402 - after patching
from ledger.entrypoints import LedgerService  # noqa: E402 - after patching

run(LedgerService)
