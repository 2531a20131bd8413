"""What comes back from the mail provider: bounces, complaints and deliveries of Amazon SES, through SNS."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import requests
import structlog
from marshmallow import ValidationError
from werkzeug.wrappers import Request, Response

from chassis.auth import PUBLIC, ForbiddenError
from chassis.errors import TransientError
from chassis.http import Call, route
from chassis.service import provides
from notifications.clients.letters import message_id_header
from notifications.clients.sns import ForgedError, SnsCheck
from notifications.entrypoints import metrics
from notifications.entrypoints.courier import EVERYWHERE
from notifications.entrypoints.mail_event_schemas import MailNotification, MailNotificationSchema
from notifications.entrypoints.policies import PolicyReader
from notifications.repository import MongoMessages, MongoReaches, MongoSuppressions, MongoTellings
from notifications.use_cases.hearing_mail import MailReport, hear_mail

log = structlog.get_logger()

_TEXT = "text/plain"
#: SNS sends 256 KB at most.
_LARGEST_BYTES = 300_000


class MailWebhooks(PolicyReader):
    """Hears the mail provider, by its signature."""

    mail_events = provides(
        lambda settings: SnsCheck(
            topic_arn=settings.email_events_topic_arn, origin=settings.email_events_origin
        )
    )

    @route("POST", "/webhooks/email/events", permission=PUBLIC, consumes=_TEXT, produces=_TEXT)
    def hear_mail_event(self, call: Call) -> Response:
        """Hear from the mail provider that a mail bounced, was complained of, or arrived."""
        notification = self._verified(call)
        kind = notification["Type"]
        if kind == "SubscriptionConfirmation":
            self._confirm(notification)
        elif kind == "Notification":
            self._hear(notification["Message"])
        # Whether we understand it or not: the provider must not try again.
        return Response(status=HTTPStatus.OK, content_type=_TEXT)

    def _verified(self, call: Call) -> Mapping[str, str]:
        notification = _object(call.request)
        try:
            self.mail_events.verify(notification, now=call.work.now)
        except ForgedError as error:
            metrics.WEBHOOKS_REFUSED.inc()
            raise ForbiddenError(f"the notification is not SNS's: {error}") from error
        except requests.RequestException as error:
            raise TransientError("the certificate of the notification cannot be got") from error
        return notification

    def _confirm(self, notification: Mapping[str, str]) -> None:
        try:
            self.mail_events.confirm(notification)
        except ForgedError as error:
            metrics.WEBHOOKS_REFUSED.inc()
            raise ForbiddenError(f"the confirmation is not at SNS: {error}") from error
        except requests.RequestException as error:
            raise TransientError("the subscription cannot be confirmed now") from error
        log.info("mail_events_subscribed")

    def _hear(self, text: str) -> None:
        try:
            said: MailNotification = MailNotificationSchema().loads(text)
            event = said.event()
        except (ValidationError, ValueError) as error:
            # What is in it may be an address: only the kind of error is told.
            metrics.STATUS_UNKNOWN.inc()
            log.warning("mail_event_not_understood", kind=type(error).__name__)
            return
        if event is None:
            return
        district, _, message_id = said.reference.partition("/")
        work = self.work_for(district, f"mail:{uuid4()}")
        known = hear_mail(
            MailReport(
                event=event,
                addresses=said.addresses,
                message_id=message_id,
                provider_id=message_id_header(message_id, self.settings.email_from),
            ),
            messages=MongoMessages(work),
            tellings=MongoTellings(work),
            suppressions=MongoSuppressions(self.work_for(EVERYWHERE, work.cause)),
            reaches=MongoReaches(work),
            now=work.now,
        )
        metrics.MAIL_EVENTS.labels(said.kind.lower(), "yes" if known else "no").inc()


def _object(request: Request) -> dict[str, str]:
    """Return the fields of the envelope, all of them texts.

    Raises:
        ForbiddenError: if it is none, so nobody can have signed it.
    """
    raw: Any = None
    if (request.content_length or 0) <= _LARGEST_BYTES:
        try:
            raw = json.loads(request.get_data(cache=False))
        except (ValueError, RecursionError):
            raw = None
    if not isinstance(raw, dict) or not all(isinstance(each, str) for each in raw.values()):
        metrics.WEBHOOKS_REFUSED.inc()
        raise ForbiddenError("the body is no notification of SNS's")
    return raw
