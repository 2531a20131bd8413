"""Who does not compute statistics does not pay for them."""

from __future__ import annotations

import subprocess
import sys


def test_the_domain_of_scoring_does_not_import_numpy() -> None:
    code = "import sys, scoring.domain; sys.exit('numpy' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
