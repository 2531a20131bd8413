"""The text messages that went out and came in, kept on disk so that a restart loses none."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from stack.sms.rules import opt_out_type

FINAL = frozenset({"delivered", "undelivered", "failed", "received"})


@dataclass(frozen=True)
class Message:
    """One text message.

    Attributes:
        sid: Twilio's id of it.
        direction: outbound-api or inbound.
        status: queued, sent, delivered or undelivered; received when it came in.
        created_at: ISO 8601, UTC; the other times too.
        callback: where its states are reported; may be empty.
    """

    sid: str
    direction: str
    to: str
    sender: str
    body: str
    segments: int
    status: str
    created_at: str
    updated_at: str
    sent_at: str | None = None
    error_code: int | None = None
    callback: str = ""


class Ledger:
    """One file with a line for every state of every message; the last line of a message counts."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._path = directory / "messages.jsonl"
        self._path.touch()
        _mend(self._path)
        self._messages: dict[str, Message] = {}
        self._opted_out: set[str] = set()
        for line in self._path.read_text().splitlines():
            self._remember(Message(**json.loads(line)))
        self._file = self._path.open("a")

    def put(self, message: Message) -> None:
        """Keep a new message or a new state of one; it is on disk when this returns."""
        self._file.write(json.dumps(asdict(message)) + "\n")
        self._file.flush()
        self._remember(message)

    def advance(self, sid: str, *, status: str, at: str, error_code: int | None = None) -> Message:
        """Bring a message into its next state."""
        known = self._messages[sid]
        sent_at = known.sent_at or at
        message = replace(known, status=status, updated_at=at, sent_at=sent_at, error_code=error_code)
        self.put(message)
        return message

    def get(self, sid: str) -> Message | None:
        """Return one message."""
        return self._messages.get(sid)

    def find(self, *, to: str = "", sender: str = "", since: str = "", until: str = "") -> list[Message]:
        """Return messages, newest first.

        Args:
            to: only to this number.
            sender: only from this number.
            since: only sent at or after this time, ISO 8601 UTC; a queued one counts from its creation.
            until: only sent at or before this time.
        """
        return [
            message
            for message in reversed(self._messages.values())
            if (not to or message.to == to)
            and (not sender or message.sender == sender)
            and (not since or (message.sent_at or message.created_at) >= since)
            and (not until or (message.sent_at or message.created_at) <= until)
        ]

    def unfinished(self) -> list[Message]:
        """Return the messages that have not reached their last state, oldest first."""
        return [message for message in self._messages.values() if message.status not in FINAL]

    @property
    def opted_out(self) -> frozenset[str]:
        """Return the numbers which sent STOP and not START since."""
        return frozenset(self._opted_out)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _remember(self, message: Message) -> None:
        # A new state of a message must not change its place in the order.
        self._messages[message.sid] = message
        if message.direction == "inbound":
            kind = opt_out_type(message.body)
            if kind == "STOP":
                self._opted_out.add(message.sender)
            elif kind == "START":
                self._opted_out.discard(message.sender)


def _mend(path: Path) -> None:
    """Cut off a last line that a crash left unfinished: it was never answered, and the next would join it."""
    with path.open("r+b") as file:
        content = file.read()
        file.truncate(content.rfind(b"\n") + 1)
