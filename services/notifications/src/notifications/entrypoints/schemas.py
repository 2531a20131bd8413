"""The shapes of the HTTP interface."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from chassis.http import PageQuerySchema
from notifications.domain.addresses import mask
from notifications.domain.messages import Message, State
from notifications.domain.roster import Channel
from notifications.domain.tellings import TellingState

_ID = validate.Length(1, 200)


class MessagesQuerySchema(PageQuerySchema):
    """Which messages."""

    student = fields.String(load_default=None, validate=_ID)
    school = fields.String(load_default=None, validate=_ID)
    state = fields.Enum(State, by_value=True, load_default=None)
    channel = fields.Enum(Channel, by_value=True, load_default=None)


class MessageSchema(Schema):
    """A message as a list shows it; `address` is masked, `items` are the messages that a digest tells."""

    message_id = fields.String(required=True)
    purpose = fields.String(required=True)
    channel = fields.String(required=True)
    state = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)
    student_id = fields.String(required=True)
    guardian_id = fields.String(required=True)
    school_id = fields.String(required=True)
    fact_id = fields.String(required=True)
    revision = fields.Integer(required=True)
    address = fields.String(required=True, allow_none=True)
    wanted_language = fields.String(required=True)
    language = fields.String(required=True, allow_none=True)
    subject = fields.String(required=True, allow_none=True)
    text = fields.String(required=True, allow_none=True)
    parts = fields.Integer(required=True, allow_none=True)
    attempts = fields.Integer(required=True)
    provider_id = fields.String(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    due_at = fields.AwareDateTime(required=True, allow_none=True)
    sent_at = fields.AwareDateTime(required=True, allow_none=True)
    deadline = fields.AwareDateTime(required=True)
    digest_id = fields.String(required=True, allow_none=True)
    items = fields.List(fields.String(), required=True)


class FullMessageSchema(MessageSchema):
    """A message with everything that the family got."""

    template_version = fields.String(required=True, allow_none=True)
    encoding = fields.String(required=True, allow_none=True)
    html = fields.String(required=True, allow_none=True)
    calendar = fields.String(required=True, allow_none=True)


class SummarySchema(Schema):
    """How many messages are in each state, and how far the facts behind them are."""

    states = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    channels = fields.Dict(
        keys=fields.String(),
        values=fields.Dict(keys=fields.String(), values=fields.Integer()),
        required=True,
    )
    facts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


def shown(message: Message) -> dict[str, Any]:
    """Return a message as callers see it: whole, but for the address."""
    content = message.content
    return {
        "message_id": message.message_id,
        "purpose": message.purpose.value,
        "channel": message.channel.value,
        "state": message.state.value,
        "reason": message.reason.value if message.reason else None,
        "student_id": message.student_id,
        "guardian_id": message.guardian_id,
        "school_id": message.school_id,
        "fact_id": message.fact_id,
        "revision": message.revision,
        "address": mask(message.channel, message.address) if message.address else None,
        "wanted_language": message.wanted_language,
        "language": content.language if content else None,
        "subject": (content.subject or None) if content else None,
        "text": content.text if content else None,
        "parts": (content.parts or None) if content else None,
        "attempts": message.attempts,
        "provider_id": message.provider_id or None,
        "created_at": message.created_at,
        "due_at": message.due_at,
        "sent_at": message.sent_at,
        "deadline": message.deadline,
        "digest_id": message.digest_id or None,
        "items": [each.message_id for each in message.items],
        "template_version": content.template_version if content else None,
        "encoding": content.encoding.value if content and content.encoding else None,
        "html": (content.html or None) if content else None,
        "calendar": (content.calendar or None) if content else None,
    }


def summary(
    messages: Mapping[tuple[Channel, State], int], facts: Mapping[TellingState, int]
) -> dict[str, Any]:
    """Return the counts by state, by channel and state, and of facts; states of none are left out."""
    states: dict[str, int] = {}
    channels: dict[str, dict[str, int]] = {channel.value: {} for channel in Channel}
    for (channel, state), count in sorted(messages.items()):
        states[state.value] = states.get(state.value, 0) + count
        channels[channel.value][state.value] = count
    return {
        "states": states,
        "channels": channels,
        "facts": {state.value: count for state, count in facts.items() if count},
    }
