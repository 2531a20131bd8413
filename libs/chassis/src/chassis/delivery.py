"""What is handed to the broker, and how that can fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from chassis.errors import TransientError
from chassis.outbox import Outgoing
from contracts import OUTWARD
from contracts.envelope import CONTENT_TYPE


class PublishError(TransientError):
    """The broker did not confirm: it may or may not have the message; publish again with the same id."""


class UnroutableError(PublishError):
    """No queue is bound for the message; somebody's topology is missing."""


class Delivery(NamedTuple):
    """One message to publish: exchange `""` and a queue's name as routing key reach that queue alone.

    Attributes:
        mandatory: whether it is an error that no queue is bound for it.
        content_encoding: the charset that a failed message claims; a copy without it is another message.
    """

    exchange: str
    routing_key: str
    body: bytes
    message_id: str
    content_type: str
    event_type: str
    headers: Mapping[str, Any] = MappingProxyType({})
    mandatory: bool = True
    content_encoding: str | None = None

    @classmethod
    def of(cls, event: Outgoing) -> Delivery:
        """Return the delivery of an event to its producer's exchange."""
        return cls(
            event.exchange,
            event.type,
            event.body,
            event.id,
            CONTENT_TYPE,
            event.type,
            mandatory=event.type not in OUTWARD,
        )


class Returns:
    """What the broker returned and has not confirmed yet; it tells of the return first, by message id.

    A message may be on its way twice, so returns are counted: each one belongs to one confirm.
    """

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def note(self, message_id: str) -> None:
        """Note a return."""
        self._counts[message_id] += 1

    def take(self, message_id: str) -> bool:
        """Tell whether the message that is confirmed now was returned, once for each return."""
        count = self._counts.pop(message_id, 0)
        if count > 1:
            self._counts[message_id] = count - 1
        return count > 0
