"""What a district decides about telling families, read from versioned policy files."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from marshmallow import Schema, fields, post_load, validate

from chassis.policy import Policies, VersionSchema
from notifications.domain.delivery import DeliveryRules
from notifications.domain.eligibility import ConsentRule
from notifications.domain.languages import Languages
from notifications.domain.messages import Purpose
from notifications.domain.planning import ChannelRule, DistrictRules, NoticeRules, Sender
from notifications.domain.pricing import Price
from notifications.domain.reminders import Before
from notifications.domain.roster import Channel
from notifications.domain.routes import RouteRules
from notifications.domain.suppressions import Keywords
from notifications.domain.tellings import WaitingRules
from notifications.repository.calendar_policy import CalendarsSchema
from notifications.repository.language_policies import LanguagesSchema, ReviewsSchema
from notifications.repository.reach_policies import ReachSchema, RoutesSchema
from notifications.repository.sandbox_policy import SandboxSchema
from notifications.repository.wish_policies import HoursSchema, KeywordsSchema, PreferencesSchema

_PACKAGE = "notifications"
_SECONDS = validate.Range(min=0)


class PriceSchema(Schema):
    """What one part of a text message costs."""

    per_part = fields.Decimal(required=True, validate=validate.Range(min=0))
    currency = fields.String(required=True, validate=validate.Regexp(r"^[A-Z]{3}$"))

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Price:
        """Build the price."""
        return Price(**values)


class ChannelSchema(Schema):
    """The rules of one channel."""

    consent = fields.Enum(ConsentRule, by_value=True, required=True)
    most_parts = fields.Integer(load_default=0, validate=validate.Range(min=0))
    price = fields.Nested(PriceSchema)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> ChannelRule:
        """Build the rule."""
        return ChannelRule(**values)


class ChannelsSchema(VersionSchema):
    """policy/channels.json."""

    email = fields.Nested(ChannelSchema)
    sms = fields.Nested(ChannelSchema)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> dict[Channel, ChannelRule]:
        """Return the rules of the channels that the district uses."""
        return {channel: values[channel.value] for channel in Channel if channel.value in values}


class SendingSchema(Schema):
    """The rules about trying."""

    # Longer than all time-outs of one send together, with room for a batch.
    lease_s = fields.Float(required=True, validate=validate.Range(min=60))
    first_delay_s = fields.Float(required=True, validate=_SECONDS)
    longest_delay_s = fields.Float(required=True, validate=_SECONDS)
    most_attempts = fields.Integer(required=True, validate=validate.Range(min=1))
    proof_after_s = fields.Float(required=True, validate=_SECONDS)
    ask_every_s = fields.Float(required=True, validate=_SECONDS)
    ask_for_s = fields.Float(required=True, validate=_SECONDS)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> DeliveryRules:
        """Build the rules."""
        return DeliveryRules(**values)


class WaitingSchema(Schema):
    """The rules about facts that lack copies."""

    first_delay_s = fields.Float(required=True, validate=_SECONDS)
    longest_delay_s = fields.Float(required=True, validate=_SECONDS)
    patience_s = fields.Float(required=True, validate=_SECONDS)
    settle_s = fields.Float(load_default=0.0, validate=_SECONDS)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> WaitingRules:
        """Build the rules."""
        return WaitingRules(**values)


class DeliverySchema(VersionSchema):
    """policy/delivery.json."""

    sending = fields.Nested(SendingSchema, required=True)
    waiting = fields.Nested(WaitingSchema, required=True)


class SendersSchema(VersionSchema):
    """policy/senders.json."""

    name = fields.String(required=True, validate=validate.Length(1, 60))
    contact = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    portal = fields.Dict(keys=fields.String(), values=fields.String(), required=True)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Sender:
        """Build the sender."""
        return Sender(name=values["name"], contact=values["contact"], portal=values["portal"])


class BeforeSchema(Schema):
    """How long before an appointment a family is reminded of it."""

    days = fields.Integer(load_default=0, strict=True, validate=validate.Range(0, 365))
    hours = fields.Float(load_default=0.0, validate=validate.Range(0, 24))

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Before:
        """Build it."""
        return Before(**values)


class NoticesSchema(VersionSchema):
    """policy/notices.json."""

    reminders = fields.List(fields.Nested(BeforeSchema), required=True)
    told = fields.List(fields.Enum(Purpose, by_value=True), required=True)
    useful_for_days = fields.Float(required=True, validate=validate.Range(min=0, min_inclusive=False))

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> NoticeRules:
        """Build the rules."""
        return NoticeRules(
            told=frozenset(values["told"]),
            useful_for=timedelta(days=values["useful_for_days"]),
            reminders=tuple(values["reminders"]),
        )


class DistrictPolicies:
    """The policies of all districts.

    Args:
        directory: of districts' own files over the packaged ones; empty for none.
    """

    def __init__(self, directory: str) -> None:
        schemas: dict[str, type[VersionSchema]] = {
            "channels": ChannelsSchema,
            "delivery": DeliverySchema,
            "notices": NoticesSchema,
            "languages": LanguagesSchema,
            "reviews": ReviewsSchema,
            "calendars": CalendarsSchema,
            "sandbox": SandboxSchema,
            "senders": SendersSchema,
            "keywords": KeywordsSchema,
            "hours": HoursSchema,
            "preferences": PreferencesSchema,
            "reach": ReachSchema,
            "routes": RoutesSchema,
        }
        self._policies = Policies(_PACKAGE, schemas, directory)

    def rules(self, district: str, *, on: date) -> DistrictRules:
        """Return a district's rules of a day.

        Raises:
            PolicyError: if a policy has no version for that day.
        """
        delivery = self._policies.current("delivery", district=district, on=on)
        return DistrictRules(
            district=district,
            channels=self._policies.current("channels", district=district, on=on),
            delivery=delivery["sending"],
            waiting=delivery["waiting"],
            notices=self._policies.current("notices", district=district, on=on),
            languages=replace(
                self._policies.current("languages", district=district, on=on),
                reviews=self._policies.current("reviews", district=district, on=on),
            ),
            sender=self._policies.current("senders", district=district, on=on),
            hours=self._policies.current("hours", district=district, on=on),
            preferences=self._policies.current("preferences", district=district, on=on),
            reach=self._policies.current("reach", district=district, on=on),
            calendars=self._policies.current("calendars", district=district, on=on),
            sandbox=self._policies.current("sandbox", district=district, on=on),
        )

    def every_languages(self) -> Collection[Languages]:
        """Return the languages of all districts, in all their versions."""
        return self._policies.every("languages")

    def routes(self, district: str, *, on: date) -> RouteRules:
        """Return how texts are shared out between routes."""
        rules: RouteRules = self._policies.current("routes", district=district, on=on)
        return rules

    def keywords(self, district: str, *, on: date) -> Keywords:
        """Return the words that mean something in a reply, and their answers."""
        keywords: Keywords = self._policies.current("keywords", district=district, on=on)
        return keywords
