"""What families write back, and who has looked at what was written to them."""

from dataclasses import dataclass
from datetime import datetime

from notifications.domain.suppressions import Wish


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A text message that came in: the record of a consent withdrawn or given, or words for a person.

    Attributes:
        sender: the number, E.164.
        wish: what it asks for; None when a person must read it.
    """

    reply_id: str
    sender: str
    text: str
    wish: Wish | None
    received_at: datetime


@dataclass(frozen=True, kw_only=True)
class Disclosure:
    """Somebody was shown messages, which hold a student's data.

    Attributes:
        to, role: the caller.
        student_ids, message_ids: whose data, and in which messages.
    """

    to: str
    role: str
    message_ids: tuple[str, ...]
    student_ids: tuple[str, ...]
    at: datetime
