"""Show messages to those who may see them."""

from collections.abc import Sequence
from typing import Any

from chassis.auth import Permission, Role
from chassis.disclosures import READ_DISCLOSURES, Disclosure, Disclosures, DisclosureSchema
from chassis.http import Call, PageQuerySchema, page_schema, route
from chassis.mongo import Page
from notifications.domain.messages import Message
from notifications.entrypoints.schemas import (
    FullMessageSchema,
    MessageSchema,
    MessagesQuerySchema,
    SummarySchema,
    shown,
    summary,
)
from notifications.repository import MongoMessages, MongoTellings

#: Messages hold a student's data and a guardian's choices; one guardian must not read another's.
_READ_MESSAGES = Permission("read-messages", (Role.DISTRICT_ADMIN, Role.COORDINATOR, Role.PORTAL))


class MessageRoutes:
    """Shows what was told, and what was not and why."""

    @route(
        "GET",
        "/v1/messages",
        permission=_READ_MESSAGES,
        query=MessagesQuerySchema,
        returns=page_schema(MessageSchema),
    )
    def list_messages(self, call: Call) -> Page[dict[str, Any]]:
        """List messages, sent or not, with the reason."""
        query = call.query
        page = MongoMessages(call.work).page(
            cursor=query["cursor"],
            limit=query["limit"],
            student_id=query["student"],
            school_id=query["school"],
            state=query["state"].value if query["state"] else None,
            channel=query["channel"].value if query["channel"] else None,
        )
        _note_reading(call, page.items)
        return page.map(shown)

    @route("GET", "/v1/messages/summary", permission=_READ_MESSAGES, returns=SummarySchema)
    def summarise_messages(self, call: Call) -> dict[str, Any]:
        """Count messages by channel and state, and the facts behind them."""
        return summary(MongoMessages(call.work).counts(), MongoTellings(call.work).counts())

    @route("GET", "/v1/messages/<message_id>", permission=_READ_MESSAGES, returns=FullMessageSchema)
    def show_message(self, call: Call) -> dict[str, Any]:
        """Show one message with everything that the family got."""
        message = MongoMessages(call.work).get(call.path["message_id"])
        _note_reading(call, [message])
        return shown(message)

    @route(
        "GET",
        "/v1/messages/students/<student_id>/disclosures",
        permission=READ_DISCLOSURES,
        query=PageQuerySchema,
        returns=page_schema(DisclosureSchema),
    )
    def list_disclosures(self, call: Call) -> Page[Disclosure]:
        """List who has read what was written about a student."""
        return Disclosures(call.work).of_student(call.path["student_id"], **call.query)


def _note_reading(call: Call, messages: Sequence[Message]) -> None:
    # A digest shows what it says of each of its students.
    read = [
        (student_id, each.message_id)
        for each in messages
        for student_id in dict.fromkeys([item.student_id for item in each.items] or [each.student_id])
    ]
    Disclosures(call.work).note(call.principal, "messages", read)
