"""The commands of our own two servers, which stand for the outside world."""

from __future__ import annotations

import sys
from pathlib import Path

from stack import environment
from stack.processes import Command


def mail_sink(directory: Path, *, smtp_port: int, http_port: int) -> Command:
    """Return the command of the mail sink."""
    argv = [
        *(sys.executable, "-m", "stack.mail"),
        *("--directory", str(directory / "mails")),
        *("--smtp-port", str(smtp_port), "--http-port", str(http_port)),
    ]
    return Command("mail", tuple(argv), directory, environment.base())


def sms(
    directory: Path,
    *,
    port: int,
    auth_token: str,
    inbound_url: str,
    step_s: float | None = None,
    account: str = environment.SMS_ACCOUNT,
) -> Command:
    """Return the command of the SMS simulator, which has one account."""
    argv = [
        *(sys.executable, "-m", "stack.sms"),
        *("--directory", str(directory / "messages"), "--port", str(port)),
        *("--account", account, "--inbound-url", inbound_url),
        *(() if step_s is None else ("--step", str(step_s))),
    ]
    # The secret goes by the environment: arguments are seen by every user of the machine.
    return Command("sms", tuple(argv), directory, {**environment.base(), "SMS_AUTH_TOKEN": auth_token})
