"""How scorers stand, for the areas that ask."""

from __future__ import annotations

from chassis.outbox import UnitOfWork
from scoring.domain.calibration.rules import CalibrationRules
from scoring.entrypoints.policies import PolicyReader
from scoring.repository import Conflicts, Papers, ScorerRecords
from scoring.use_cases.ports import Standings
from scoring.use_cases.standings import Calibration


class StandingReader(PolicyReader):
    """An area of the service that needs to know how scorers stand."""

    def standings_for(self, work: UnitOfWork) -> Standings:
        """Return how the scorers of a work's district stand."""
        return self.calibration_for(work)

    def calibration_rules_for(self, work: UnitOfWork) -> CalibrationRules:
        """Return the rules of a work's district at its time."""
        rules: CalibrationRules = self.policies.current(
            "calibration", district=work.district, on=work.now.date()
        )
        return rules

    def calibration_for(self, work: UnitOfWork) -> Calibration:
        """Return how the scorers of a work's district stand, and the papers that they read."""
        return Calibration(
            records=ScorerRecords(work),
            papers=Papers(work),
            conflicts=Conflicts(work),
            rubrics=self.rubrics_for(work),
            rules=self.calibration_rules_for(work),
        )
