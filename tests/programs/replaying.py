"""`backpack`, the operators' tool, with the faults that its environment asks for."""

import crashing
from chassis import cli

crashing.install()
cli.main()
