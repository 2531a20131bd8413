"""The shapes of what guardians choose."""

from typing import Any

from marshmallow import Schema, fields, validate

from notifications.domain.addresses import mask
from notifications.domain.hours import Quiet
from notifications.domain.preferences import Change, Frequency, QuietChange
from notifications.domain.roster import Channel
from notifications.domain.suppressions import Wish
from notifications.repository.wish_policies import QuietSchema
from notifications.use_cases.wishing import Reachability

_CLOCK = "%H:%M"


class WantedSchema(Schema):
    """What a guardian chooses now.

    `topics` is by topic and channel; `quiet` replaces the guardian's own quiet hours, null ends them; `why`
    says why somebody else than the guardian changes it.
    """

    topics = fields.Dict(
        keys=fields.String(validate=validate.Length(1, 50)),
        values=fields.Dict(
            keys=fields.Enum(Channel, by_value=True), values=fields.Enum(Frequency, by_value=True)
        ),
        load_default=dict,
    )
    quiet = fields.Nested(QuietSchema, allow_none=True)
    why = fields.String(load_default="", validate=validate.Length(max=500))


class ShownQuietSchema(Schema):
    """Quiet hours on the school's clocks."""

    starts = fields.String(required=True)
    ends = fields.String(required=True)


class TopicSchema(Schema):
    """One topic: what of it is told in any case, and how often the rest is told on each channel."""

    topic = fields.String(required=True)
    must_know = fields.List(fields.String(), required=True)
    may_choose = fields.List(fields.String(), required=True)
    channels = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class ReachSchema(Schema):
    """Whether a channel reaches the guardian, and if not, why and since when; the address is masked."""

    address = fields.String(required=True, allow_none=True)
    reached = fields.Boolean(required=True)
    reason = fields.String(required=True, allow_none=True)
    since = fields.AwareDateTime(required=True, allow_none=True)


class ChangeSchema(Schema):
    """One change; of quiet hours where there is no topic."""

    topic = fields.String(required=True, allow_none=True)
    channel = fields.String(required=True, allow_none=True)
    frequency = fields.String(required=True, allow_none=True)
    quiet = fields.Nested(ShownQuietSchema, required=True, allow_none=True)
    at = fields.AwareDateTime(required=True)
    by = fields.String(required=True)
    source = fields.String(required=True)
    why = fields.String(required=True)


class PreferencesSchema(Schema):
    """What a guardian hears of."""

    guardian_id = fields.String(required=True)
    topics = fields.List(fields.Nested(TopicSchema), required=True)
    quiet = fields.Nested(ShownQuietSchema, required=True, allow_none=True)
    channels = fields.Dict(keys=fields.String(), values=fields.Nested(ReachSchema), required=True)
    history = fields.List(fields.Nested(ChangeSchema), required=True)


class ConsentSchema(Schema):
    """One word about being told; `about` is a topic, or empty for all of the channel."""

    at = fields.String(required=True)
    channel = fields.Enum(Channel, by_value=True, required=True)
    source = fields.String(required=True)
    given_by = fields.String(required=True)
    about = fields.String(required=True)
    granted = fields.Boolean(required=True)
    words = fields.String(required=True)


class ConsentsSchema(Schema):
    """All that a guardian has said, oldest first."""

    items = fields.List(fields.Nested(ConsentSchema), required=True)


class ReplySchema(Schema):
    """One text that came in; `wish` is null where a person must read it."""

    reply_id = fields.String(required=True)
    text = fields.String(required=True)
    wish = fields.Enum(Wish, by_value=True, required=True, allow_none=True)
    received_at = fields.AwareDateTime(required=True)


class RepliesSchema(Schema):
    """All that was texted from a guardian's number, oldest first."""

    items = fields.List(fields.Nested(ReplySchema), required=True)


def shown_quiet(quiet: Quiet | None) -> dict[str, str] | None:
    """Return quiet hours as callers see them."""
    if quiet is None:
        return None
    return {"starts": quiet.starts.strftime(_CLOCK), "ends": quiet.ends.strftime(_CLOCK)}


def shown_reach(channel: Channel, reach: Reachability) -> dict[str, Any]:
    """Return whether a channel reaches a guardian."""
    return {
        "address": mask(channel, reach.address) if reach.address else None,
        "reached": reach.reason is None,
        "reason": reach.reason.value if reach.reason else None,
        "since": reach.since,
    }


def shown_change(change: Change | QuietChange) -> dict[str, Any]:
    """Return a change as callers see it."""
    said = change.said
    about: dict[str, Any] = {"topic": None, "channel": None, "frequency": None, "quiet": None}
    if isinstance(change, Change):
        about |= {
            "topic": change.topic,
            "channel": change.channel.value,
            "frequency": change.frequency.value,
        }
    else:
        about["quiet"] = shown_quiet(change.quiet)
    return {**about, "at": said.at, "by": said.by, "source": said.source.value, "why": said.why}
