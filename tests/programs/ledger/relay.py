"""Start a relay of the ledger, `python -m ledger.relay`, with the faults that its environment asks for."""

import crashing
from chassis import cli

crashing.install()
# The ledger is a program of the tests; nothing installs it.
cli._check_installed = lambda service: None
cli.main(["relay", "ledger"])
