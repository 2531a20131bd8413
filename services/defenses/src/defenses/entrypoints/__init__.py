"""The defenses service as nameko runs it: a class an area, made of events, HTTP and timers."""

from __future__ import annotations

from chassis.service import Service
from defenses.entrypoints.calendars import CalendarRoutes
from defenses.entrypoints.readiness import ReadinessRoutes
from defenses.entrypoints.roster import RosterEvents
from defenses.entrypoints.scheduling import SchedulingRoutes
from defenses.settings import DefensesSettingsSchema


class DefensesService(RosterEvents, ReadinessRoutes, CalendarRoutes, SchedulingRoutes, Service):
    """Decides who is ready, and when and before whom they defend."""

    name = "defenses"
    title = "Backpack defenses"
    settings_schema = DefensesSettingsSchema


__all__ = ["DefensesService"]
