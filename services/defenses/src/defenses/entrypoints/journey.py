"""A student's way through the grades."""

from __future__ import annotations

from chassis.http import Call, route
from chassis.outbox import UnitOfWork
from defenses.domain.journey.journeys import Journey, Rules
from defenses.entrypoints.disclosing import note_reading
from defenses.entrypoints.milestone_desk import StoredDesk
from defenses.entrypoints.permissions import READ_JOURNEY
from defenses.entrypoints.policies import PolicyReader
from defenses.entrypoints.schemas.journey import JourneySchema
from defenses.repository import Candidates, Defenses, Hearings, Milestones
from defenses.use_cases.journey import show_journey


class StoredRecords:
    """All records of students, for one unit of work."""

    def __init__(self, work: UnitOfWork) -> None:
        self.candidates = Candidates(work)
        self.milestones = Milestones(work)
        self.defenses = Defenses(work)
        self.hearings = Hearings(work)


class JourneyRoutes(PolicyReader):
    """Shows students and families how far they are."""

    @route(
        "GET",
        "/v1/journey/<student_id>",
        permission=READ_JOURNEY,
        returns=JourneySchema,
    )
    def show_student_journey(self, call: Call) -> Journey:
        """Show a student's way from kindergarten to grade 12: what was due, and what is there."""
        desk = StoredDesk(call.work, self.policies)
        readiness = self.rules_for(call.work)
        decided = {grade: readiness.in_force(grade) for grade in readiness.transitions}
        journey = show_journey(
            call.path["student_id"],
            records=StoredRecords(call.work),
            rules=Rules(
                readiness={grade: rule for grade, rule in decided.items() if rule is not None},
                milestones=desk.policy,
                year_starts=desk.year_starts,
            ),
            today=call.work.now.date(),
        )
        note_reading(call, "journey", [(journey.student_id, None)])
        return journey
