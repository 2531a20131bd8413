"""The scoring service as nameko runs it: a class an area, made of events, HTTP and timers."""

from __future__ import annotations

from chassis.service import Service
from scoring.entrypoints.calibration import PROBLEMS as CALIBRATION_PROBLEMS
from scoring.entrypoints.calibration import CalibrationRoutes
from scoring.entrypoints.claiming import PROBLEMS as CLAIM_PROBLEMS
from scoring.entrypoints.claiming import ClaimRoutes
from scoring.entrypoints.equity import EquityRoutes
from scoring.entrypoints.monitoring import MonitoringRoutes
from scoring.entrypoints.roster import RosterEvents
from scoring.entrypoints.rubrics import PROBLEMS as RUBRIC_PROBLEMS
from scoring.entrypoints.rubrics import RubricRoutes
from scoring.entrypoints.running import PROBLEMS as RUNNING_PROBLEMS
from scoring.entrypoints.running import RunningRoutes
from scoring.entrypoints.scores import PROBLEMS as SCORE_PROBLEMS
from scoring.entrypoints.scores import ScoreRoutes
from scoring.entrypoints.tasks import PROBLEMS as TASK_PROBLEMS
from scoring.entrypoints.tasks import TaskRoutes
from scoring.settings import ScoringSettingsSchema


class ScoringService(
    RosterEvents,
    TaskRoutes,
    ClaimRoutes,
    RunningRoutes,
    ScoreRoutes,
    RubricRoutes,
    CalibrationRoutes,
    MonitoringRoutes,
    EquityRoutes,
    Service,
):
    """Reads of artifacts, with districtwide rubrics."""

    name = "scoring"
    title = "scoring"
    settings_schema = ScoringSettingsSchema
    problems = {
        **RUBRIC_PROBLEMS,
        **CALIBRATION_PROBLEMS,
        **TASK_PROBLEMS,
        **CLAIM_PROBLEMS,
        **RUNNING_PROBLEMS,
        **SCORE_PROBLEMS,
    }


__all__ = ["ScoringService"]
