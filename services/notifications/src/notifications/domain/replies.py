"""What families write back."""

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
