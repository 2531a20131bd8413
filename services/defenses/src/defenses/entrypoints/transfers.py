"""What becomes of defenses when the roster moves their students."""

from __future__ import annotations

import structlog

from chassis.outbox import UnitOfWork
from defenses.domain.repairing.repairs import StaleRepairError
from defenses.entrypoints.changes import ScheduleChanger, breathe
from defenses.use_cases import transfers

log = structlog.get_logger()


class RosterFollower(ScheduleChanger):
    """Brings defenses in line with the roster as soon as it speaks."""

    def follow_student(self, student_id: str, work: UnitOfWork) -> None:
        """Call off the defense of a student who left; take along and place anew that of one who moved."""
        if transfers.strays([student_id], self.desk_for(work)):
            with self.turn_in(work.district) as desk:
                transfers.follow([student_id], desk(work))
        # In any case: a process may have died between the two steps.
        for moved in transfers.taken_along(student_id, self.desk_for(work)):
            # Each has a cause of its own, since this event's has changed the defense already.
            proposing = self.work_for(work.district, f"transfer:{moved.defense_id}:{moved.edition}")
            proposed = transfers.place(moved, self.desk_for(proposing), breathe=breathe)
            if proposed is None:
                continue
            try:
                self.apply_repair_in(work.district, proposed.repair_id)
            except StaleRepairError:
                # Somebody was faster; the student waits for the next run, as all who have no place.
                log.info("transfer_overtaken", district=work.district, repair_id=proposed.repair_id)
