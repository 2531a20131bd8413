"""Places for those who become ready late, or are to defend again, without anybody's asking."""

from __future__ import annotations

from uuid import uuid4

import structlog

from chassis.timers import every
from defenses.domain.repairing.policy import LatePolicy
from defenses.domain.repairing.repairs import StaleRepairError
from defenses.domain.scheduling.waiting import Waiting
from defenses.entrypoints.changes import ScheduleChanger, breathe
from defenses.repository import DistrictLeases, ScheduleRuns, Schools, districts_with_schools
from defenses.use_cases import late

log = structlog.get_logger()

#: How soon after a start, and after the time that a district's policy says.
_LOOK_INTERVAL_S = 10.0


class LatePlacing(ScheduleChanger):
    """Looks at who waits, as often as the district wants it."""

    @every(_LOOK_INTERVAL_S)
    def place_late(self) -> None:
        """Place those who wait at schools whose schedule is published."""
        for district in districts_with_schools():
            policy = self.desk_for(self.work_for(district, "late")).changes.late
            # A lease that nobody gives back: it is over when the next look is due.
            if policy is not None and DistrictLeases(uuid4().hex, policy.every).claim(f"late:{district}"):
                self._place_those_of(district, policy)

    def _place_those_of(self, district: str, policy: LatePolicy) -> None:
        work = self.work_for(district, "late")
        if ScheduleRuns(work).next_open() is not None:
            # It may be about to place them.
            return
        for school in Schools(work).select():
            for one, waiting in late.waiting_late(school.school_id, self.desk_for(work)):
                self._place(one, waiting, policy, district)
            breathe()

    def _place(self, one: str, waiting: Waiting, policy: LatePolicy, district: str) -> None:
        desk = self.desk_for(self.work_for(district, f"late:{one}:{uuid4().hex}"))
        proposed = late.propose_place(one, waiting, policy, desk, breathe=breathe)
        if proposed is None:
            return
        try:
            self.apply_repair_in(district, proposed.repair_id)
        except StaleRepairError:
            # Somebody was faster; the student is tried again with the policy's next turn.
            log.info("late_place_taken", district=district, defense_id=one)
        else:
            log.info("late_placed", district=district, defense_id=one)
