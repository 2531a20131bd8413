"""Show messages to those who may see them."""

from typing import Any

from chassis.auth import Permission, Role
from chassis.http import Call, page_schema, route
from chassis.mongo import Page
from contracts.envelope import derived_id
from notifications.domain.messages import Message
from notifications.entrypoints.schemas import (
    FullMessageSchema,
    MessageSchema,
    MessagesQuerySchema,
    SummarySchema,
    shown,
    summary,
)
from notifications.repository import MongoDisclosures, MongoMessages, MongoTellings
from notifications.use_cases import reading

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
        self._note_disclosure(call, *page.items)
        return page.map(shown)

    @route("GET", "/v1/messages/summary", permission=_READ_MESSAGES, returns=SummarySchema)
    def summarise_messages(self, call: Call) -> dict[str, Any]:
        """Count messages by channel and state, and the facts behind them."""
        return summary(MongoMessages(call.work).counts(), MongoTellings(call.work).counts())

    @route("GET", "/v1/messages/<message_id>", permission=_READ_MESSAGES, returns=FullMessageSchema)
    def show_message(self, call: Call) -> dict[str, Any]:
        """Show one message with everything that the family got."""
        message = MongoMessages(call.work).get(call.path["message_id"])
        self._note_disclosure(call, message)
        return shown(message)

    def _note_disclosure(self, call: Call, *messages: Message) -> None:
        reading.note_disclosure(
            derived_id("disclosure", call.work.cause),
            messages,
            to=call.principal.subject,
            role=str(call.principal.role),
            disclosures=MongoDisclosures(call.work),
            now=call.work.now,
        )
