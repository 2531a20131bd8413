"""The passwords of a stack."""

from __future__ import annotations

import stat
from pathlib import Path

from stack import passwords


def test_makes_passwords_once(tmp_path: Path) -> None:
    path = tmp_path / "run" / "secrets.env"

    first = passwords.ensure(path)

    assert passwords.ensure(path) == first
    assert first.broker_password != first.sms_auth_token
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_adds_what_an_older_file_lacks(tmp_path: Path) -> None:
    path = tmp_path / "secrets.env"
    path.write_text("BROKER_PASSWORD=kept\n")

    completed = passwords.ensure(path)

    assert completed.broker_password == "kept"
    assert path.read_text() == (
        "BROKER_PASSWORD=kept\n"
        f"SMS_AUTH_TOKEN={completed.sms_auth_token}\n"
        f"CALENDAR_KEY={completed.calendar_key}\n"
    )
