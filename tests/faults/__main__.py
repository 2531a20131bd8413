"""`python -m tests.faults`, from the root of the checkout."""

import sys
from pathlib import Path

# The ledger, its faults and the probe are programs, as they are for pytest.
sys.path.insert(0, str(Path(__file__).parents[1] / "programs"))

from tests.faults.command import main

main()
