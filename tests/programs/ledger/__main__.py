"""Start the ledger service, with the faults that its environment asks for."""

import eventlet

eventlet.monkey_patch()

import crashing  # noqa: E402 - after patching
from chassis.runner import run  # noqa: E402 - after patching
from ledger.entrypoints import LedgerService  # noqa: E402 - after patching

crashing.install()
run(LedgerService)
