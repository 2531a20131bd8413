"""The notifications service as nameko runs it."""

from notifications.entrypoints.service import NotificationsService

__all__ = ["NotificationsService"]
