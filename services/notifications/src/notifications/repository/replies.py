"""Suppressions and replies as documents."""

from typing import Any

from chassis.mongo import AggregateRepository
from notifications.documents import ReplyDocument, SuppressionDocument
from notifications.domain.reasons import Reason
from notifications.domain.replies import Reply
from notifications.domain.roster import Channel
from notifications.domain.suppressions import Suppression, Wish


class MongoSuppressions(AggregateRepository[Suppression]):
    """Keeps the addresses to which nothing is sent."""

    document = SuppressionDocument
    views = True

    def to_fields(self, value: Suppression) -> dict[str, Any]:
        """Return the document's fields."""
        return {
            "channel": value.channel.value,
            "reason": value.reason.value,
            "since": value.since,
            "active": value.active,
        }

    def to_value(self, document: Any) -> Suppression:
        """Return the suppression."""
        return Suppression(
            channel=Channel(document.channel),
            reason=Reason(document.reason),
            since=document.since,
            active=document.active,
        )


class MongoReplies(AggregateRepository[Reply]):
    """Keeps what families write back."""

    document = ReplyDocument

    def from_number(self, sender: str) -> list[Reply]:
        """Return what came from a number, oldest first."""
        return sorted(self.select(sender=sender), key=lambda each: each.received_at)

    def to_fields(self, value: Reply) -> dict[str, Any]:
        """Return the document's fields."""
        return {
            "sender": value.sender,
            "text": value.text,
            "wish": value.wish.value if value.wish else None,
            "received_at": value.received_at,
        }

    def to_value(self, document: Any) -> Reply:
        """Return the reply."""
        return Reply(
            reply_id=document.id,
            sender=document.sender,
            text=document.text or "",
            wish=Wish(document.wish) if document.wish else None,
            received_at=document.received_at,
        )
