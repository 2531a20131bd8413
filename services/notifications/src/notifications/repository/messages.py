"""Messages as documents."""

from collections.abc import Collection, Mapping
from typing import Any

from chassis.mongo import AggregateRepository, translated
from notifications.documents import GATHERED, ItemPart, MessageDocument
from notifications.domain.facts import Fact
from notifications.domain.messages import CalendarMethod, Content, Item, Message, Purpose, State
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel
from notifications.domain.segments import Encoding
from notifications.repository.places import place_of, place_part

#: Fields that document and value name and hold alike.
_ALIKE = (
    "guardian_id",
    "student_id",
    "school_id",
    "fact_id",
    "revision",
    "deadline",
    "created_at",
    "due_at",
    "address",
    "attempts",
    "attempted_at",
    "sent_at",
)


class MongoMessages(AggregateRepository[Message]):
    """Keeps messages."""

    document = MessageDocument
    student_field = "student_id"
    views = True

    def with_provider_ids(self, provider_ids: Collection[str]) -> list[Message]:
        """Return the messages that a provider knows under these ids."""
        return self.select(provider_id=list(provider_ids))

    def about(self, facts: Collection[Fact]) -> list[Message]:
        """Return the messages of all revisions of these facts."""
        return self.select(fact_id={each.fact_id for each in facts})

    def in_digests(self, digest_ids: Collection[str]) -> list[Message]:
        """Return the messages that these digests tell, or are to tell."""
        return self.select(digest_id=list(digest_ids))

    def counts(self) -> Mapping[tuple[Channel, State], int]:
        """Return how many messages are in each state, by channel."""
        stages: list[dict[str, Any]] = [
            {"$match": self._filter()},
            {"$group": {"_id": {"channel": "$channel", "state": "$state"}, "count": {"$sum": 1}}},
        ]
        with translated():
            rows = list(self._collection().aggregate(stages))
        return {
            (Channel(row["_id"]["channel"]), State(row["_id"]["state"])): int(row["count"]) for row in rows
        }

    def to_fields(self, value: Message) -> dict[str, Any]:
        """Return the document's fields; empty texts are not stored."""
        return {
            **{name: getattr(value, name) for name in _ALIKE},
            "purpose": value.purpose.value,
            "channel": value.channel.value,
            "state": value.state.value,
            "due": (GATHERED if value.digest_id else value.channel.value) if value.due_at else None,
            "digest_id": value.digest_id or None,
            "urgent": value.urgent or None,
            "items": [
                ItemPart(message_id=each.message_id, student_id=each.student_id, purpose=each.purpose.value)
                for each in value.items
            ],
            "reason": value.reason.value if value.reason else None,
            "wanted_language": value.wanted_language or None,
            "lease": value.lease or None,
            "provider_id": value.provider_id or None,
            "route": value.route or None,
            "content": _part(value.content) if value.content else None,
            "tells": place_part(value.tells) if value.tells else None,
        }

    def to_value(self, document: Any) -> Message:
        """Return the message."""
        return Message(
            **{name: getattr(document, name) for name in _ALIKE},
            message_id=document.id,
            purpose=Purpose(document.purpose),
            channel=Channel(document.channel),
            state=State(document.state),
            reason=Reason(document.reason) if document.reason else None,
            wanted_language=document.wanted_language or "",
            lease=document.lease or "",
            provider_id=document.provider_id or "",
            route=document.route or "",
            content=_content(document.content) if document.content else None,
            tells=place_of(document.tells) if document.tells else None,
            urgent=bool(document.urgent),
            digest_id=document.digest_id or "",
            items=tuple(
                Item(each.message_id, each.student_id, Purpose(each.purpose)) for each in document.items
            ),
        )


def _part(content: Content) -> dict[str, Any]:
    return {
        "language": content.language,
        "template_version": content.template_version,
        "text": content.text,
        "subject": content.subject or None,
        "html": content.html or None,
        "calendar": content.calendar or None,
        "calendar_method": content.calendar_method.value if content.calendar else None,
        "parts": content.parts or None,
        "encoding": content.encoding.value if content.encoding else None,
    }


def _content(part: Any) -> Content:
    return Content(
        language=part.language,
        template_version=part.template_version,
        text=part.text,
        subject=part.subject or "",
        html=part.html or "",
        calendar=part.calendar or "",
        # Those of a release that could only invite say nothing.
        calendar_method=CalendarMethod(part.calendar_method or CalendarMethod.REQUEST),
        parts=part.parts or 0,
        encoding=Encoding(part.encoding) if part.encoding else None,
    )
