"""The desk of a planner: repositories and policies for one unit of work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from chassis.outbox import UnitOfWork
from chassis.policy import Policies
from defenses.domain.hearings.outcomes import OutcomeRule
from defenses.domain.repairing.policy import ChangePolicy
from defenses.domain.scheduling.season import PanelPolicy, SeasonPolicy
from defenses.repository import (
    Availabilities,
    Calibrations,
    Defenses,
    Families,
    Feeds,
    Hearings,
    Pupils,
    Repairs,
    ScheduleRuns,
    StaffMembers,
)


class StageDesk:
    """All stores for one unit of work: a stage of a run, or a change.

    Args:
        work: the unit of work.
        policies: of all districts.
        keep_turn: called before defenses are written; raises if the turn is somebody else's by now.
    """

    def __init__(
        self, work: UnitOfWork, policies: Policies, keep_turn: Callable[[], None] = lambda: None
    ) -> None:
        self._policies = policies
        self._district = work.district
        self.now: datetime = work.now
        self.runs = ScheduleRuns(work)
        self.defenses = Defenses(work, keep_turn)
        self.pupils = Pupils(work)
        self.availabilities = Availabilities(work)
        self.families = Families(work)
        self.staff = StaffMembers(work)
        self.hearings = Hearings(work)
        self.calibrations = Calibrations(work)
        self.repairs = Repairs(work)
        self.feeds = Feeds(work)

    @property
    def panels(self) -> PanelPolicy:
        """The district's rules for panels."""
        found: PanelPolicy = self._policies.current("panel", district=self._district, on=self.now.date())
        return found

    @property
    def season(self) -> SeasonPolicy:
        """The district's rules for the season."""
        found: SeasonPolicy = self._policies.current("season", district=self._district, on=self.now.date())
        return found

    @property
    def changes(self) -> ChangePolicy:
        """The district's rules for changing what is planned."""
        found: ChangePolicy = self._policies.current("changes", district=self._district, on=self.now.date())
        return found

    @property
    def outcomes(self) -> OutcomeRule:
        """The district's rules for hearings, which say whether a seat needs a calibration."""
        found: OutcomeRule = self._policies.current("outcome", district=self._district, on=self.now.date())
        return found
