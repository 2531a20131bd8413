"""The passwords of one stack: random, made once, readable by nobody else."""

from __future__ import annotations

import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

_BYTES = 24


@dataclass(frozen=True)
class Passwords:
    """What the parts of a stack prove themselves with.

    Attributes:
        broker_password: of the broker's user `backpack`.
        sms_auth_token: the secret of the account at the SMS simulator.
        calendar_key: the secret behind families' calendar addresses.
    """

    broker_password: str
    sms_auth_token: str
    calendar_key: str


def ensure(path: Path) -> Passwords:
    """Return the passwords kept in a file, and make those that are missing."""
    known = _read(path)
    passwords = Passwords(
        **{name: known.get(name) or secrets.token_urlsafe(_BYTES) for name in Passwords.__dataclass_fields__}
    )
    if asdict(passwords) != known:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.writelines(f"{name.upper()}={value}\n" for name, value in asdict(passwords).items())
        unfinished.rename(path)
    return passwords


def _read(path: Path) -> dict[str, str]:
    lines = path.read_text().splitlines() if path.exists() else []
    pairs = (line.split("=", 1) for line in lines if "=" in line)
    return {name.lower(): value for name, value in pairs}
