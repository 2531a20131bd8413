"""Open a hearing of a scheduled defense, or of a redefense that a school arranges itself."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from contracts.base import Fact
from contracts.envelope import derived_id
from defenses.domain.calibration import uncalibrated
from defenses.domain.defenses import SCHEDULED
from defenses.domain.hearings.faults import HearingConflictError, NoHearingError, NotOnPanelError
from defenses.domain.hearings.hearing import Hearing, Matter, Seat
from defenses.domain.hearings.opening import (
    Sitting,
    first_matter,
    next_sitting,
    refuse_uncalibrated,
    seated,
)
from defenses.domain.hearings.outcomes import OutcomeRule
from defenses.use_cases.hearings import news
from defenses.use_cases.hearings.stores import Actor, OpeningDocket


class UnknownDefenseError(LookupError):
    """There is no such defense."""

    field = "defense_id"


def open_hearing(defense_id: str, form: str, actor: Actor, *, docket: OpeningDocket) -> Hearing:
    """Open the next sitting for a scheduled defense, before the panel that it has.

    Raises:
        UnknownDefenseError: if there is no such defense.
        NotOnPanelError: if neither the office nor the panel opens it.
        HearingConflictError: if the defense does not stand, is decided, or is being heard.
        PanelRefusedError: if the panel may not hear this student.
    """
    defense = docket.defenses.find(defense_id)
    if defense is None:
        raise UnknownDefenseError(f"there is no defense {defense_id}")
    if not actor.office and actor.subject not in defense.panelist_ids:
        raise NotOnPanelError("you have no seat on this panel")
    if defense.state != SCHEDULED:
        raise HearingConflictError(f"the defense is {defense.state}", "defense_id")
    first = first_matter(defense, docket.rules.current())
    sitting = next_sitting(_earlier(first, docket), first)
    panel = [(seat.panelist_id, seat.role) for seat in defense.panel]
    return _open(sitting, panel, defense_id, form, actor, docket=docket)


def open_redefense(
    hearing_id: str, panel: Sequence[tuple[str, str]], form: str, actor: Actor, *, docket: OpeningDocket
) -> Hearing:
    """Open a sitting for the redefense that a hearing's NOT_YET asks for, before another panel.

    Args:
        hearing_id: the hearing whose outcome is NOT_YET.
        panel: (panelist id, role) of each.
        form: one of FORMS.
        actor: who opens it.
        docket: the stores.

    Raises:
        NoHearingError: if there is no such hearing.
        HearingConflictError: if it asks for no redefense, or if that is decided or being heard.
        PanelRefusedError: if somebody of the panel may not hear this student, or if they are too few.
    """
    asking = docket.hearings.find(hearing_id)
    if asking is None:
        raise NoHearingError(f"there is no hearing {hearing_id}")
    sitting = next_sitting(_earlier(asking.matter, docket), asking.matter)
    if sitting.matter.follows != hearing_id:
        raise HearingConflictError("this hearing asks for no redefense")
    return _open(sitting, panel, None, form, actor, docket=docket)


def _earlier(matter: Matter, docket: OpeningDocket) -> list[Hearing]:
    """Return the hearings of the same student, transition and school year."""
    return [
        hearing
        for hearing in docket.hearings.select(student_id=matter.student_id)
        if (hearing.matter.transition, hearing.matter.school_year) == (matter.transition, matter.school_year)
    ]


def _open(
    sitting: Sitting,
    panel: Sequence[tuple[str, str]],
    defense_id: str | None,
    form: str,
    actor: Actor,
    *,
    docket: OpeningDocket,
) -> Hearing:
    matter = sitting.matter
    rule = docket.rules.of_version(matter.rule_version)
    hearing = Hearing(
        hearing_id=_hearing_id(sitting),
        defense_id=defense_id,
        matter=matter,
        sitting=sitting.number,
        form=form,
        seats=_seats(panel, matter, rule, docket),
        opened_by=actor.subject,
        opened_at=docket.now,
    )

    def decide(found: Hearing | None) -> tuple[Hearing, list[Fact]]:
        if found is not None:
            raise HearingConflictError("the hearing is open already")
        return hearing, news.opened(hearing)

    opened = docket.hearings.change(hearing.hearing_id, decide)
    assert opened is not None
    return opened


def _hearing_id(sitting: Sitting) -> str:
    matter = sitting.matter
    return derived_id(
        "hearing", matter.student_id, matter.transition, matter.school_year, matter.attempt, sitting.number
    )


def _seats(
    panel: Sequence[tuple[str, str]], matter: Matter, rule: OutcomeRule, docket: OpeningDocket
) -> tuple[Seat, ...]:
    candidate = docket.candidates.find(matter.student_id)
    # The first panel is the schedule's, which knows who taught the student when it was made.
    teachers = candidate.teacher_ids if candidate is not None and matter.attempt > 1 else frozenset()
    seats = seated(panel, matter, rule, teachers=teachers)
    if rule.calibration_required:
        ids = [seat.panelist_id for seat in seats]
        day = docket.now.astimezone(ZoneInfo(matter.time_zone)).date()
        refuse_uncalibrated(uncalibrated(ids, docket.calibrations.existing(ids), day))
    return seats
