"""Families' calendars as documents."""

from typing import Any

from chassis.mongo import AggregateRepository
from notifications.documents import FamilyFeedDocument
from notifications.domain.feeds import FamilyFeed

_ALIKE = ("guardian_id", "edition", "revoked", "changed_at", "changed_by")


class MongoFamilyFeeds(AggregateRepository[FamilyFeed]):
    """Keeps which address a guardian's calendar has."""

    document = FamilyFeedDocument

    def to_fields(self, value: FamilyFeed) -> dict[str, Any]:
        """Return the document's fields."""
        return {name: getattr(value, name) for name in _ALIKE}

    def to_value(self, document: Any) -> FamilyFeed:
        """Return the calendar."""
        return FamilyFeed(feed_id=document.id, **{name: getattr(document, name) for name in _ALIKE})
