"""What families must hear of: defenses, milestones and hearings, each as revisions of one fact."""

from chassis.messaging import consumes
from chassis.outbox import UnitOfWork
from contracts.defenses import (
    DEFENSE_CANCELLED,
    DEFENSE_MOVED,
    DEFENSE_RESEATED,
    DEFENSE_SCHEDULED,
    HEARING_ADJOURNED,
    HEARING_ANNULLED,
    MILESTONE_CANCELLED,
    MILESTONE_MISSED,
    MILESTONE_MOVED,
    MILESTONE_PLANNED,
    OUTCOME_RELEASED,
    DefenseCancelled,
    DefenseMoved,
    DefenseReseated,
    DefenseScheduled,
    HearingAdjourned,
    HearingAnnulled,
    MilestoneCancelled,
    MilestoneMissed,
    MilestoneMoved,
    MilestonePlanned,
    OutcomeReleased,
)
from notifications.entrypoints.policies import PolicyReader
from notifications.repository import MongoTellings
from notifications.use_cases import noting
from notifications.use_cases.noting import Notebook


class FactEvents(PolicyReader):
    """Handles the events of which families hear."""

    @consumes(DEFENSE_SCHEDULED)
    def on_defense_scheduled(self, event: DefenseScheduled, work: UnitOfWork) -> None:
        """Keep that a family must hear of a defense."""
        noting.note_defense(event, self._notebook(work))

    @consumes(DEFENSE_MOVED)
    def on_defense_moved(self, event: DefenseMoved, work: UnitOfWork) -> None:
        """Keep that a family must hear of another time or place."""
        noting.note_defense(event, self._notebook(work))

    @consumes(DEFENSE_RESEATED)
    def on_defense_reseated(self, event: DefenseReseated, work: UnitOfWork) -> None:
        """Keep where a defense is, if nobody has said so yet; its revision is no newer, so nobody is told."""
        noting.note_defense(event, self._notebook(work))

    @consumes(DEFENSE_CANCELLED)
    def on_defense_cancelled(self, event: DefenseCancelled, work: UnitOfWork) -> None:
        """Keep that a family must hear that a defense does not take place."""
        noting.note_cancellation(event, self._notebook(work))

    @consumes(MILESTONE_PLANNED)
    def on_milestone_planned(self, event: MilestonePlanned, work: UnitOfWork) -> None:
        """Keep that a family is invited to a milestone."""
        noting.note_milestone(event, self._notebook(work))

    @consumes(MILESTONE_MOVED)
    def on_milestone_moved(self, event: MilestoneMoved, work: UnitOfWork) -> None:
        """Keep that a family must hear of another time or place."""
        noting.note_milestone(event, self._notebook(work))

    @consumes(MILESTONE_CANCELLED)
    def on_milestone_cancelled(self, event: MilestoneCancelled, work: UnitOfWork) -> None:
        """Keep that a family must hear that a milestone does not take place."""
        noting.note_milestone(event, self._notebook(work))

    @consumes(MILESTONE_MISSED)
    def on_milestone_missed(self, event: MilestoneMissed, work: UnitOfWork) -> None:
        """Keep that a family must hear that the student was not there."""
        noting.note_missed_milestone(event, self._notebook(work))

    @consumes(HEARING_ADJOURNED)
    def on_hearing_adjourned(self, event: HearingAdjourned, work: UnitOfWork) -> None:
        """Keep that a family must hear that a defense is to be continued."""
        noting.note_adjournment(event, self._notebook(work), version=work.subject_version)

    @consumes(HEARING_ANNULLED)
    def on_hearing_annulled(self, event: HearingAnnulled, work: UnitOfWork) -> None:
        """Keep that a family must hear that a result does not count."""
        noting.note_annulment(event, self._notebook(work), version=work.subject_version)

    @consumes(OUTCOME_RELEASED)
    def on_outcome_released(self, event: OutcomeReleased, work: UnitOfWork) -> None:
        """Keep that a family must hear of a result, and of the steps after it."""
        noting.note_release(event, self._notebook(work), version=work.subject_version)

    def _notebook(self, work: UnitOfWork) -> Notebook:
        return Notebook(tellings=MongoTellings(work), rules=self.rules_for(work), now=work.now)
