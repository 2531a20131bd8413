"""Keep what a family must hear of: an event becomes a revision of the fact that it is about.

Events of several services arrive in any order, so a defense may be known before its student. The fact is
kept as an aggregate of its own and looked at again, instead of failing its event: a long wait is then a
state that somebody can see, and a crash at any point leaves a fact that is still due.
"""

from dataclasses import dataclass
from datetime import date, datetime

from contracts.defenses import (
    DefenseCancelled,
    DefenseScheduled,
    HearingAdjourned,
    HearingAnnulled,
    MilestoneCancelled,
    MilestoneMissed,
    MilestonePlanned,
    OutcomeReleased,
)
from contracts.defenses.hearings import HearingEvent
from notifications.domain.facts import Fact, Kind, NamedForm, Place, Standing
from notifications.domain.planning import DistrictRules
from notifications.domain.tellings import Telling, begin
from notifications.use_cases.ports import Tellings, silently


@dataclass(frozen=True, kw_only=True)
class Notebook:
    """Where facts are kept, by whose rules, and at which time."""

    tellings: Tellings
    rules: DistrictRules
    now: datetime

    def note(self, told: Fact) -> None:
        """Keep a fact; an older revision changes nothing."""

        def heard(known: Telling | None) -> Telling | None:
            return begin(known, told, now=self.now, settle_s=self.rules.waiting.settle_s)

        self.tellings.change(told.fact_id, silently(heard))


def note_defense(event: DefenseScheduled, notebook: Notebook) -> None:
    """Keep where a defense is, scheduled or moved."""
    place = Place(
        starts_at=event.starts_at, ends_at=event.ends_at, time_zone=event.time_zone, room=event.room
    )
    notebook.note(
        Fact(
            kind=Kind.DEFENSE,
            fact_id=event.defense_id,
            revision=event.revision,
            student_id=event.student_id,
            school_id=event.school_id,
            standing=Standing.SET,
            deadline=event.starts_at,
            place=place,
        )
    )


def note_cancellation(event: DefenseCancelled, notebook: Notebook) -> None:
    """Keep that a defense does not take place."""
    place = Place(starts_at=event.starts_at, ends_at=event.starts_at, time_zone=event.time_zone, room="")
    notebook.note(
        Fact(
            kind=Kind.DEFENSE,
            fact_id=event.defense_id,
            revision=event.revision,
            student_id=event.student_id,
            school_id=event.school_id,
            standing=Standing.CANCELLED,
            deadline=event.starts_at,
            place=place,
            to_be_rescheduled=event.to_be_rescheduled,
        )
    )


def note_milestone(event: MilestonePlanned, notebook: Notebook) -> None:
    """Keep where a milestone is, planned or moved, or that it does not take place."""
    standing = Standing.CANCELLED if isinstance(event, MilestoneCancelled) else Standing.SET
    notebook.note(_milestone(event, standing, deadline=event.starts_at))


def note_missed_milestone(event: MilestoneMissed, notebook: Notebook) -> None:
    """Keep that a milestone took place without its student."""
    notebook.note(_milestone(event, Standing.MISSED, deadline=_notice_until(notebook)))


def _milestone(event: MilestonePlanned, standing: Standing, *, deadline: datetime) -> Fact:
    place = Place(
        starts_at=event.starts_at, ends_at=event.ends_at, time_zone=event.time_zone, room=event.place
    )
    return Fact(
        kind=Kind.MILESTONE,
        fact_id=event.milestone_id,
        revision=event.revision,
        student_id=event.student_id,
        school_id=event.school_id,
        standing=standing,
        deadline=deadline,
        place=place,
        forms=tuple(NamedForm(each.language, each.name) for each in event.form_names),
    )


def note_adjournment(event: HearingAdjourned, notebook: Notebook, *, version: int) -> None:
    """Keep that a hearing ended without an outcome; `version` is the hearing's, as for the other two."""
    notebook.note(_hearing(event, Standing.ADJOURNED, notebook, version=version))


def note_release(event: OutcomeReleased, notebook: Notebook, *, version: int) -> None:
    """Keep that a family may read the outcome of a hearing, and until when there are further steps."""
    fact = _hearing(
        event,
        Standing.RELEASED,
        notebook,
        version=version,
        plan_due_on=event.plan_due_on,
        defend_by=event.defend_by,
    )
    notebook.note(fact)


def note_annulment(event: HearingAnnulled, notebook: Notebook, *, version: int) -> None:
    """Keep that the outcome of a hearing does not count any more."""
    notebook.note(_hearing(event, Standing.ANNULLED, notebook, version=version))


def _hearing(
    event: HearingEvent,
    standing: Standing,
    notebook: Notebook,
    *,
    version: int,
    plan_due_on: date | None = None,
    defend_by: date | None = None,
) -> Fact:
    # Whatever a family hears of a hearing is a change of that one aggregate, whose versions order it.
    return Fact(
        kind=Kind.HEARING,
        fact_id=event.hearing_id,
        revision=version,
        student_id=event.student_id,
        school_id=event.school_id,
        standing=standing,
        deadline=_notice_until(notebook),
        plan_due_on=plan_due_on,
        defend_by=defend_by,
    )


def _notice_until(notebook: Notebook) -> datetime:
    return notebook.now + notebook.rules.notices.useful_for
