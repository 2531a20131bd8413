"""The SMTP side of the mail sink, with recipients that make it fail on purpose."""

from __future__ import annotations

import asyncio
from asyncio import Transport
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from aiosmtpd.smtp import SMTP, Envelope, Session

from stack.trouble import Fate, Troublemaker

if TYPE_CHECKING:
    from stack.mail.box import MailBox

SIZE_LIMIT_BYTES = 26_214_400

#: How the local part of a recipient begins, and what the server then says to RCPT TO.
FAILURES = {
    "reject": "550 5.1.1 Recipient does not exist",
    "defer": "451 4.3.0 Try again later",
}

#: The mail is accepted, and then the connection is cut before the server says so.
CUT = "cut"

#: What a call that fails on purpose is answered, to RCPT TO and to the mail's content.
BUSY_ADDRESS, BUSY_CONTENT = "451 4.3.2 Busy, try again later", "451 4.3.1 No room, try again later"


class Sink:
    """Accepts every mail but those to recipients that are made to fail."""

    def __init__(self, box: MailBox, troublemaker: Troublemaker) -> None:
        self._box = box
        self._troublemaker = troublemaker
        self._fate = Fate.FINE

    async def handle_RCPT(  # noqa: N802 - the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient, or fail as its local part asks for."""
        for start, answer in FAILURES.items():
            if address.startswith(start):
                return answer
        self._fate = self._troublemaker.fate()
        if self._fate is Fate.FAILS and self._troublemaker.choose("address", "content") == "address":
            return BUSY_ADDRESS
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep the mail before saying so."""
        if self._fate is Fate.FAILS:
            return BUSY_CONTENT
        content = envelope.content
        mail = self._box.add(
            content if isinstance(content, bytes) else str(content).encode(),
            sender=envelope.mail_from or "",
            recipients=envelope.rcpt_tos,
            received_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        )
        if self._fate is Fate.SLOW:
            await asyncio.sleep(self._troublemaker.trouble.slow_s)
        if self._fate is Fate.LOST or any(address.startswith(CUT) for address in envelope.rcpt_tos):
            assert isinstance(server.transport, Transport)
            server.transport.abort()
        return f"250 2.0.0 OK: kept as mail {mail.number}"


def protocol(box: MailBox, troublemaker: Troublemaker) -> SMTP:
    """Return the protocol of one connection."""
    return SMTP(
        Sink(box, troublemaker),
        hostname="localhost",
        ident="Backpack mail sink",
        data_size_limit=SIZE_LIMIT_BYTES,
        enable_SMTPUTF8=True,
    )
