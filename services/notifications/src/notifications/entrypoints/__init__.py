"""The notifications service as nameko runs it: a class an area, made of events, HTTP and timers."""

from http import HTTPStatus

from chassis.service import Service
from notifications.domain.reach import NotOnListError
from notifications.entrypoints.digests import DigestTimers
from notifications.entrypoints.facts import FactEvents
from notifications.entrypoints.mail_events import MailWebhooks
from notifications.entrypoints.messages import MessageRoutes
from notifications.entrypoints.preferences import PreferenceRoutes
from notifications.entrypoints.receipts import ProviderWebhooks
from notifications.entrypoints.roster import RosterEvents
from notifications.entrypoints.sending import SendingTimers
from notifications.entrypoints.unreached import Unreached
from notifications.entrypoints.unsubscribing import UnsubscribePages
from notifications.settings import NotificationsSettingsSchema


class NotificationsService(
    RosterEvents,
    FactEvents,
    DigestTimers,
    MessageRoutes,
    PreferenceRoutes,
    UnsubscribePages,
    ProviderWebhooks,
    SendingTimers,
    Unreached,
    MailWebhooks,
    Service,
):
    """Tells families about what concerns their students."""

    name = "notifications"
    title = "Notifications"
    settings_schema = NotificationsSettingsSchema
    problems = {NotOnListError: HTTPStatus.CONFLICT}


__all__ = ["NotificationsService"]
