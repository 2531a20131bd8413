"""The defenses service as nameko runs it: a class an area, made of events, HTTP and timers."""

from __future__ import annotations

from http import HTTPStatus

from chassis.service import Service
from defenses.domain.hearings.faults import HearingConflictError, NotOnPanelError
from defenses.domain.milestones.milestones import NotHeldError
from defenses.domain.milestones.school_events import (
    SettledEventError,
    StaleRevisionError,
    UnappliedEventError,
)
from defenses.entrypoints.calendars import CalendarRoutes
from defenses.entrypoints.changes import PROBLEMS as CHANGE_PROBLEMS
from defenses.entrypoints.changes import ChangeRoutes, RepairRoutes
from defenses.entrypoints.choosing import PROBLEMS as CHOICE_PROBLEMS
from defenses.entrypoints.choosing import ChoosingRoutes
from defenses.entrypoints.disclosing import DisclosureRoutes
from defenses.entrypoints.feeds import FeedRoutes
from defenses.entrypoints.journey import JourneyRoutes
from defenses.entrypoints.late import LatePlacing
from defenses.entrypoints.milestones import MilestoneRoutes
from defenses.entrypoints.outcomes import OutcomeRoutes
from defenses.entrypoints.readiness import ReadinessRoutes
from defenses.entrypoints.roster import RosterEvents
from defenses.entrypoints.scheduling import SchedulingRoutes
from defenses.entrypoints.season_runs import SeasonRunRoutes
from defenses.entrypoints.sweeping import ReadinessSweeping
from defenses.settings import DefensesSettingsSchema


class DefensesService(
    RosterEvents,
    ReadinessRoutes,
    ReadinessSweeping,
    CalendarRoutes,
    SchedulingRoutes,
    SeasonRunRoutes,
    ChangeRoutes,
    RepairRoutes,
    FeedRoutes,
    LatePlacing,
    ChoosingRoutes,
    MilestoneRoutes,
    JourneyRoutes,
    OutcomeRoutes,
    DisclosureRoutes,
    Service,
):
    """Decides who is ready, and when and before whom they defend."""

    name = "defenses"
    title = "Backpack defenses"
    settings_schema = DefensesSettingsSchema
    problems = {
        HearingConflictError: HTTPStatus.CONFLICT,
        NotOnPanelError: HTTPStatus.FORBIDDEN,
        **CHANGE_PROBLEMS,
        **CHOICE_PROBLEMS,
        NotHeldError: HTTPStatus.CONFLICT,
        SettledEventError: HTTPStatus.CONFLICT,
        StaleRevisionError: HTTPStatus.CONFLICT,
        UnappliedEventError: HTTPStatus.CONFLICT,
    }


__all__ = ["DefensesService"]
