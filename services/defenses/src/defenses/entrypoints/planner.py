"""The desk of a run: repositories and policies for one stage, each stage with a cause of its own."""

from __future__ import annotations

from datetime import datetime

from chassis.outbox import UnitOfWork
from chassis.policy import Policies
from defenses.domain.scheduling.season import PanelPolicy, SeasonPolicy
from defenses.repository import (
    Availabilities,
    Candidates,
    Defenses,
    Families,
    ScheduleRuns,
    StaffMembers,
)


class StageDesk:
    """All stores for one stage of one run."""

    def __init__(self, work: UnitOfWork, policies: Policies) -> None:
        self._policies = policies
        self._district = work.district
        self.now: datetime = work.now
        self.runs = ScheduleRuns(work)
        self.defenses = Defenses(work)
        self.candidates = Candidates(work)
        self.availabilities = Availabilities(work)
        self.families = Families(work)
        self.staff = StaffMembers(work)

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
