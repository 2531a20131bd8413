"""The settings of the notifications service."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from chassis.settings import ChassisSettings, ChassisSettingsSchema

_DEVELOPMENT_KEY = "known-to-everybody-and-used-in-development-only"
_LEAST_KEY_CHARS = 32


@dataclass(frozen=True, kw_only=True)
class NotificationsSettings(ChassisSettings):
    """What this service needs besides the chassis's.

    Attributes:
        smtp_url: `smtp://` in the clear, `smtp+starttls://` or `smtps://`, with user and password if needed.
        email_from: the sender, with or without a name.
        email_trace_url: where the relay says by Message-ID whether it took a mail; empty if it cannot.
        email_per_second, sms_per_second: what the providers allow this process.
        sms_url: the base of the Messages API, such as `https://api.twilio.com`.
        sms_account_sid, sms_auth_token: the account; the token also signs the webhooks.
        sms_from: our number, E.164.
        sms_auth_token_before: the account's token until it was changed; webhooks signed with it still count.
        sms_second_url, sms_second_account_sid, sms_second_auth_token, sms_second_from, sms_second_per_second:
            the same of a second provider, which takes over when the first one fails; empty for none.
        email_events_topic_arn: the SNS topic by which the mail provider reports bounces; empty refuses all.
        email_events_origin: scheme and host, as a regular expression, of the topic's certificates.
        public_url: how families and providers reach us, without a slash at the end.
        calendar_keys: the secrets behind families' calendar addresses; the first makes them, all are known.
        unsubscribe_keys: the secrets behind links that unsubscribe, as above; empty in development only.
        sandbox: whether no message at all goes to a provider, in any district.
    """

    smtp_url: str = field(repr=False)
    email_from: str
    email_trace_url: str
    email_per_second: float
    sms_url: str
    sms_account_sid: str
    sms_auth_token: str = field(repr=False)
    sms_from: str
    sms_per_second: float
    sms_second_url: str
    sms_second_account_sid: str
    sms_second_auth_token: str = field(repr=False)
    sms_second_from: str
    sms_second_per_second: float
    email_events_topic_arn: str
    email_events_origin: str
    public_url: str
    sms_auth_token_before: str = field(repr=False)
    unsubscribe_keys: tuple[str, ...] = field(repr=False)
    calendar_keys: tuple[str, ...] = field(repr=False)
    sandbox: bool

    @property
    def link_keys(self) -> tuple[str, ...]:
        """The keys, or everybody's where no family is told."""
        return self.unsubscribe_keys or (_DEVELOPMENT_KEY,)


#: All of a second provider, or nothing.
_OF_SECOND_ROUTE = ("sms_second_url", "sms_second_account_sid", "sms_second_auth_token", "sms_second_from")


def _is_pattern(text: str) -> None:
    """Refuse what is no regular expression at the start, and not at the first bounce."""
    try:
        re.compile(text)
    except re.error as error:
        raise ValidationError("is no regular expression") from error


class NotificationsSettingsSchema(ChassisSettingsSchema):
    """The environment variables behind NotificationsSettings."""

    settings = NotificationsSettings

    smtp_url = fields.String(required=True, validate=validate.Regexp(r"^(smtp|smtp\+starttls|smtps)://"))
    email_from = fields.String(required=True, validate=validate.Regexp(r"^[^\r\n]*[^@\r\n]+@[^@\r\n]+$"))
    email_trace_url = fields.String(load_default="")
    email_per_second = fields.Float(load_default=200.0, validate=validate.Range(min=0.01))
    sms_url = fields.String(required=True, validate=validate.Regexp(r"^https?://"))
    sms_account_sid = fields.String(required=True)
    sms_auth_token = fields.String(required=True)
    sms_from = fields.String(required=True, validate=validate.Regexp(r"^\+[1-9]\d{6,14}$"))
    sms_per_second = fields.Float(load_default=200.0, validate=validate.Range(min=0.01))
    sms_second_url = fields.String(load_default="", validate=validate.Regexp(r"^(https?://.*)?$"))
    sms_second_account_sid = fields.String(load_default="")
    sms_second_auth_token = fields.String(load_default="")
    sms_second_from = fields.String(load_default="", validate=validate.Regexp(r"^(\+[1-9]\d{6,14})?$"))
    sms_second_per_second = fields.Float(load_default=200.0, validate=validate.Range(min=0.01))
    sms_auth_token_before = fields.String(load_default="")
    email_events_topic_arn = fields.String(load_default="")
    email_events_origin = fields.String(
        load_default=r"https://sns\.[a-z0-9-]{3,}\.amazonaws\.com(\.cn)?", validate=_is_pattern
    )
    public_url = fields.String(required=True, validate=validate.Regexp(r"^https?://"))
    unsubscribe_keys = fields.List(
        fields.String(validate=validate.Length(min=_LEAST_KEY_CHARS)), load_default=list
    )
    calendar_keys = fields.List(
        fields.String(validate=validate.Length(min=_LEAST_KEY_CHARS)),
        required=True,
        validate=validate.Length(min=1),
    )
    sandbox = fields.Boolean(load_default=False)

    @validates_schema
    def need_keys(self, values: dict[str, Any], **_: Any) -> None:
        """Refuse to sign with a key that everybody knows."""
        if values["backpack_environment"] != "development" and not values["unsubscribe_keys"]:
            raise ValidationError("is needed outside development", "unsubscribe_keys")

    @validates_schema
    def check_second_route(self, values: Mapping[str, Any], **_: Any) -> None:
        """Half a provider is none, and its account must differ: by it a webhook's secret is found."""
        missing = [name for name in _OF_SECOND_ROUTE if not values.get(name)]
        if missing and len(missing) < len(_OF_SECOND_ROUTE):
            raise ValidationError("must be set, as the rest of the second route is", missing[0])
        if not missing and values["sms_second_account_sid"] == values.get("sms_account_sid"):
            raise ValidationError("must not be the first route's", "sms_second_account_sid")
