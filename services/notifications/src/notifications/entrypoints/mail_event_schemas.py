"""The shape of what Amazon SES says in a notification; nothing but what we need of it is read."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load

from notifications.clients.letters import REFERENCE_HEADER
from notifications.domain.mail_events import COMPLAINED, DELIVERED, REJECTED, MailEvent, bounced

#: Kinds that say nothing which the relay has not said; opens and clicks of families are nobody's business.
_SAYING_NOTHING = frozenset({"Send", "DeliveryDelay", "Open", "Click", "Subscription"})

_EVENTS = {"Complaint": COMPLAINED, "Delivery": DELIVERED, "Reject": REJECTED}


@dataclass(frozen=True, kw_only=True)
class MailNotification:
    """What became of a mail, as SES says.

    Attributes:
        kind: of the notification.
        bounce: type and subtype of a bounce.
        reference: our own header, `district/message`; empty if SES was not told to send headers.
    """

    kind: str
    bounce: tuple[str, str]
    addresses: Collection[str]
    reference: str

    def event(self) -> MailEvent | None:
        """Return what it says; None if that is nothing that we do not know.

        Raises:
            UnknownMailEventError: if it is of a kind of bounce that we do not know.
        """
        if self.kind == "Bounce":
            return bounced(*self.bounce)
        return _EVENTS.get(self.kind)


class _Known(Schema):
    class Meta:
        """SES says more than we read."""

        unknown = EXCLUDE


class RecipientSchema(_Known):
    """One address."""

    email_address = fields.String(required=True, data_key="emailAddress")


class BounceSchema(_Known):
    """A bounce."""

    kind = fields.String(required=True, data_key="bounceType")
    subtype = fields.String(load_default="", data_key="bounceSubType")
    recipients = fields.List(fields.Nested(RecipientSchema), required=True, data_key="bouncedRecipients")


class ComplaintSchema(_Known):
    """A complaint."""

    recipients = fields.List(fields.Nested(RecipientSchema), required=True, data_key="complainedRecipients")


class HeaderSchema(_Known):
    """A header of the mail."""

    name = fields.String(required=True)
    value = fields.String(required=True)


class MailSchema(_Known):
    """The mail."""

    headers = fields.List(fields.Nested(HeaderSchema), load_default=list)


class MailNotificationSchema(_Known):
    """A notification of an identity (`notificationType`) or of a configuration set (`eventType`)."""

    notification_type = fields.String(load_default="", data_key="notificationType")
    event_type = fields.String(load_default="", data_key="eventType")
    bounce = fields.Nested(BounceSchema, load_default=None)
    complaint = fields.Nested(ComplaintSchema, load_default=None)
    mail = fields.Nested(MailSchema, required=True)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> MailNotification:
        """Build the notification."""
        kind = values["notification_type"] or values["event_type"]
        about = {"Bounce": values["bounce"], "Complaint": values["complaint"]}
        if kind not in {*about, *_EVENTS, *_SAYING_NOTHING} or (kind in about and about[kind] is None):
            raise ValidationError("is no kind of notification that we know")
        told = about.get(kind) or {}
        headers = {each["name"].lower(): each["value"] for each in values["mail"]["headers"]}
        return MailNotification(
            kind=kind,
            bounce=(told.get("kind", ""), told.get("subtype", "")),
            addresses={each["email_address"] for each in told.get("recipients", ())},
            reference=headers.get(REFERENCE_HEADER.lower(), ""),
        )
