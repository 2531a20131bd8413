"""Where everything of the local stack lies: all of it inside the checkout."""

from __future__ import annotations

import os
import sys
from pathlib import Path

#: The checkout; this file is deploy/local/src/stack/paths.py in it.
ROOT = Path(__file__).resolve().parents[4]

#: Everything that is made on this machine and never committed.
LOCAL = ROOT / ".local"

#: Debian packages, downloaded and unpacked without root.
SYSTEM = LOCAL / "system"

#: What makes a process believe that it is another time, for the fault suite.
CLOCKS = LOCAL / "clocks"

#: The topology that the broker is born with.
DEFINITIONS = ROOT / "deploy" / "rabbitmq" / "definitions.json"

#: Where the programs of this virtual environment are.
PROGRAMS = Path(sys.executable).parent


def run_directory() -> Path:
    """Return the folder of one running stack: its data, logs, keys and sockets.

    BACKPACK_RUN_DIR moves it, so that tests can run a second stack beside a developer's own.
    """
    return Path(os.environ.get("BACKPACK_RUN_DIR") or LOCAL / "run").resolve()
