"""Carry an open hearing to its outcome, or end it without one."""

from __future__ import annotations

from collections.abc import Sequence

from defenses.domain.hearings import judging
from defenses.domain.hearings.faults import NotOnPanelError
from defenses.domain.hearings.hearing import Ending, Hearing
from defenses.domain.hearings.sheets import Mark
from defenses.use_cases.hearings.stores import Actor, Docket


def submit_sheet(
    hearing_id: str, panelist_id: str, round_number: int, marks: Sequence[Mark], *, docket: Docket
) -> Hearing:
    """Take a panelist's sheet; see `judging.submitted` for what is refused."""

    def step(hearing: Hearing) -> Hearing:
        rule = docket.rule_of(hearing)
        return judging.submitted(hearing, panelist_id, round_number, marks, rule, now=docket.now)

    return docket.take(hearing_id, step)


def record_absence(
    hearing_id: str, panelist_ids: Sequence[str], reason: str, actor: Actor, *, docket: Docket
) -> Hearing:
    """Go on without some of the panel; see `judging.absent` for what is refused."""

    def step(hearing: Hearing) -> Hearing:
        _require_run_by(hearing, actor)
        return judging.absent(hearing, panelist_ids, reason, docket.rule_of(hearing), now=docket.now)

    return docket.take(hearing_id, step)


def adjourn(hearing_id: str, cause: str, reason: str, actor: Actor, *, docket: Docket) -> Hearing:
    """End an open hearing without an outcome: the student did not come, too few came, or it broke off."""

    def step(hearing: Hearing) -> Hearing:
        _require_run_by(hearing, actor)
        return judging.adjourned(hearing, Ending(cause=cause, reason=reason, by=actor.subject, at=docket.now))

    return docket.take(hearing_id, step)


def _require_run_by(hearing: Hearing, actor: Actor) -> None:
    if not actor.office and actor.subject not in hearing.panelist_ids:
        raise NotOnPanelError("you have no seat on this panel")
