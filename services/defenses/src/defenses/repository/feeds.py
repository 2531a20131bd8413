"""Calendars in the document store."""

from __future__ import annotations

from typing import Any, ClassVar

from chassis.mongo import AggregateRepository
from defenses.documents import FeedDocument
from defenses.domain.feeds import Feed


class Feeds(AggregateRepository[Feed]):
    """Keeps calendars by their derived ids."""

    document: ClassVar[Any] = FeedDocument

    def to_value(self, document: Any) -> Feed:
        """Return the calendar of a document."""
        return Feed(
            feed_id=document.id,
            kind=document.kind,
            school_id=document.school_id or "",
            about_id=document.about_id or "",
            digest=document.digest or "",
            changed_at=document.given_at,
            changed_by=document.given_by,
        )

    def to_fields(self, value: Feed) -> dict[str, Any]:
        """Return the document fields of a calendar."""
        return {
            "kind": value.kind,
            "school_id": value.school_id,
            "about_id": value.about_id,
            "digest": value.digest,
            "given_at": value.changed_at,
            "given_by": value.changed_by,
        }
