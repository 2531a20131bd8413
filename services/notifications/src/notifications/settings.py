"""The settings of the notifications service."""

from dataclasses import dataclass, field

from marshmallow import fields, validate

from chassis.settings import ChassisSettings, ChassisSettingsSchema


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
        public_url: how families and the provider reach us, without a slash at the end.
        calendar_keys: the secrets behind families' calendar addresses; the first makes them, all are known.
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
    public_url: str
    sms_auth_token_before: str = field(repr=False)
    calendar_keys: tuple[str, ...] = field(repr=False)
    sandbox: bool


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
    sms_auth_token_before = fields.String(load_default="")
    public_url = fields.String(required=True, validate=validate.Regexp(r"^https?://"))
    calendar_keys = fields.List(
        fields.String(validate=validate.Length(min=32)), required=True, validate=validate.Length(min=1)
    )
    sandbox = fields.Boolean(load_default=False)
