"""The notifications service as nameko runs it: a class an area, made of events, HTTP and timers."""

from http import HTTPStatus
from typing import ClassVar

from chassis.service import Service
from notifications.domain.languages import TextRefusedError
from notifications.domain.reach import NotOnListError
from notifications.entrypoints.digests import DigestTimers
from notifications.entrypoints.facts import FactEvents
from notifications.entrypoints.family_calendars import FamilyCalendarRoutes
from notifications.entrypoints.mail_events import MailWebhooks
from notifications.entrypoints.messages import MessageRoutes
from notifications.entrypoints.preferences import PreferenceRoutes
from notifications.entrypoints.previews import PreviewRoutes
from notifications.entrypoints.receipts import ProviderWebhooks
from notifications.entrypoints.roster import RosterEvents
from notifications.entrypoints.sending import SendingTimers
from notifications.entrypoints.unreached import Unreached
from notifications.entrypoints.unsubscribing import UnsubscribePages
from notifications.settings import NotificationsSettingsSchema
from notifications.use_cases.previewing import NotInTextsError


class NotificationsService(
    RosterEvents,
    FactEvents,
    SendingTimers,
    DigestTimers,
    Unreached,
    MessageRoutes,
    PreferenceRoutes,
    UnsubscribePages,
    PreviewRoutes,
    FamilyCalendarRoutes,
    ProviderWebhooks,
    MailWebhooks,
    Service,
):
    """Tells families about what concerns their students."""

    name = "notifications"
    title = "Notifications"
    settings_schema = NotificationsSettingsSchema
    problems: ClassVar = {
        NotOnListError: HTTPStatus.CONFLICT,
        NotInTextsError: HTTPStatus.UNPROCESSABLE_ENTITY,
        TextRefusedError: HTTPStatus.UNPROCESSABLE_ENTITY,
    }


__all__ = ["NotificationsService"]
