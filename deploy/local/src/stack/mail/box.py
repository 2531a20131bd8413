"""The mails that were accepted, kept on disk so that a restart loses none."""

from __future__ import annotations

import email.policy
import json
from dataclasses import asdict, dataclass
from email import message_from_bytes
from email.parser import BytesHeaderParser
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from email.message import EmailMessage
    from pathlib import Path

#: Of the newer policies, which take ten times as long, only what they make of a subject is wanted.
_HEADERS = BytesHeaderParser(policy=email.policy.compat32)


@dataclass(frozen=True)
class Mail:
    """One accepted mail.

    Attributes:
        number: counts from 1 in the order of acceptance.
        received_at: ISO 8601, UTC.
        sender: of the envelope.
        recipients: of the envelope.
        message_id: without angle brackets.
    """

    number: int
    received_at: str
    sender: str
    recipients: tuple[str, ...]
    subject: str
    message_id: str


class MailBox:
    """A folder with two files a mail: what was sent, byte for byte, and what we say about it."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._mails: dict[int, Mail] = {}
        self._by_message_id: dict[str, list[int]] = {}
        self._last = 0
        for path in sorted(directory.glob("*.json")):
            known = json.loads(path.read_text())
            self._remember(Mail(**{**known, "recipients": tuple(known["recipients"])}))

    def add(self, content: bytes, *, sender: str, recipients: Sequence[str], received_at: str) -> Mail:
        """Keep a mail; it is on disk when this returns."""
        # The headers are enough, and a sink that is slower than a relay would be measured in its place.
        headers = _HEADERS.parsebytes(content.partition(b"\r\n\r\n")[0])
        subject = email.policy.default.header_fetch_parse("Subject", str(headers.get("Subject", "")))
        mail = Mail(
            number=self._last + 1,
            received_at=received_at,
            sender=sender,
            recipients=tuple(recipients),
            subject=str(subject),
            message_id=bare(str(headers.get("Message-ID", ""))),
        )
        self._path(mail.number, "eml").write_bytes(content)
        # The description makes the mail exist, so it comes last and whole.
        unfinished = self._path(mail.number, "part")
        unfinished.write_text(json.dumps(asdict(mail)))
        unfinished.rename(self._path(mail.number, "json"))
        self._remember(mail)
        return mail

    def find(self, *, to: str = "", limit: int | None = None) -> list[Mail]:
        """Return mails, newest first, to one address or to all."""
        wanted = to.casefold()
        found = [
            mail
            for mail in reversed(self._mails.values())
            if not wanted or wanted in (address.casefold() for address in mail.recipients)
        ]
        return found[:limit]

    def get(self, number: int) -> Mail | None:
        """Return one mail."""
        return self._mails.get(number)

    def with_message_id(self, message_id: str) -> list[Mail]:
        """Return the mails that carry this Message-ID, with or without angle brackets."""
        return [self._mails[number] for number in self._by_message_id.get(bare(message_id), [])]

    def raw(self, number: int) -> bytes:
        """Return a mail as it came."""
        return self._path(number, "eml").read_bytes()

    def content(self, number: int) -> dict[str, Any]:
        """Return what a person would read: the parts `text`, `html` and `calendar`, and attached files."""
        message = _parse(self.raw(number))
        parts: dict[str, Any] = {"text": None, "html": None, "calendar": None, "attachments": []}
        names = {"text/plain": "text", "text/html": "html", "text/calendar": "calendar"}
        for part in message.walk():
            if part.is_multipart():
                continue
            name = names.get(part.get_content_type())
            if name and parts[name] is None:
                # Lines end with CRLF on the way, and with LF for who reads.
                parts[name] = part.get_content().replace("\r\n", "\n")
            if part.is_attachment():
                parts["attachments"].append(_attachment(part))
        return parts

    def clear(self) -> None:
        """Forget all mails."""
        for mail in self._mails.values():
            self._path(mail.number, "json").unlink()
            self._path(mail.number, "eml").unlink()
        self._mails.clear()
        self._last = 0
        self._by_message_id.clear()

    def _remember(self, mail: Mail) -> None:
        self._mails[mail.number] = mail
        self._last = mail.number
        self._by_message_id.setdefault(mail.message_id, []).append(mail.number)

    def _path(self, number: int, suffix: str) -> Path:
        return self._directory / f"{number:07}.{suffix}"


def bare(message_id: str) -> str:
    """Return a Message-ID without its angle brackets."""
    return message_id.strip().removeprefix("<").removesuffix(">")


def _parse(content: bytes) -> EmailMessage:
    return message_from_bytes(content, policy=email.policy.default)


def _attachment(part: EmailMessage) -> dict[str, Any]:
    payload = part.get_payload(decode=True)
    return {
        "name": part.get_filename(),
        "content_type": part.get_content_type(),
        "size_bytes": len(payload) if isinstance(payload, bytes) else 0,
    }
