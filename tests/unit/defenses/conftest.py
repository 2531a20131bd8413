"""Makes the examples importable as `tests.unit.defenses.…`, the name by which mypy knows them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))
