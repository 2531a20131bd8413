"""The notifications service as nameko runs it: a class an area, made of events, HTTP and timers."""

from http import HTTPStatus
from typing import ClassVar

from chassis.service import Service
from notifications.domain.languages import TextRefusedError
from notifications.entrypoints.facts import FactEvents
from notifications.entrypoints.family_calendars import FamilyCalendarRoutes
from notifications.entrypoints.messages import MessageRoutes
from notifications.entrypoints.previews import PreviewRoutes
from notifications.entrypoints.receipts import ProviderWebhooks
from notifications.entrypoints.roster import RosterEvents
from notifications.entrypoints.sending import SendingTimers
from notifications.settings import NotificationsSettingsSchema
from notifications.use_cases.previewing import NotInTextsError


class NotificationsService(
    RosterEvents,
    FactEvents,
    SendingTimers,
    MessageRoutes,
    PreviewRoutes,
    FamilyCalendarRoutes,
    ProviderWebhooks,
    Service,
):
    """Tells families about what concerns their students."""

    name = "notifications"
    title = "Notifications"
    settings_schema = NotificationsSettingsSchema
    problems: ClassVar = {
        NotInTextsError: HTTPStatus.UNPROCESSABLE_ENTITY,
        TextRefusedError: HTTPStatus.UNPROCESSABLE_ENTITY,
    }


__all__ = ["NotificationsService"]
