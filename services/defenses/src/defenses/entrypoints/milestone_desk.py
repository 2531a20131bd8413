"""The stores and rules of milestones for one unit of work."""

from __future__ import annotations

from datetime import datetime

from chassis.outbox import UnitOfWork
from chassis.policy import Policies
from defenses.domain.milestones.policy import MilestonePolicy
from defenses.domain.scheduling.season import SeasonPolicy
from defenses.repository import Milestones, RosterStudents, SchoolEvents, Schools


class StoredDesk:
    """All stores for one unit of work."""

    def __init__(self, work: UnitOfWork, policies: Policies) -> None:
        self._policies = policies
        self._district = work.district
        self.now: datetime = work.now
        self.events = SchoolEvents(work)
        self.milestones = Milestones(work)
        self.students = RosterStudents(work)
        self.schools = Schools(work)

    @property
    def policy(self) -> MilestonePolicy:
        """The district's rules for milestones."""
        found: MilestonePolicy = self._policies.current(
            "milestones", district=self._district, on=self.now.date()
        )
        return found

    @property
    def year_starts(self) -> tuple[int, int]:
        """Month and day on which a school year begins in the district."""
        season: SeasonPolicy = self._policies.current("season", district=self._district, on=self.now.date())
        return season.year_starts
