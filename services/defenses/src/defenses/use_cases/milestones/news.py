"""What is said when a milestone changes."""

from __future__ import annotations

from typing import Any

from contracts.base import Fact
from contracts.defenses.milestones import (
    MILESTONE_CANCELLED,
    MILESTONE_LAPSED,
    MILESTONE_MISSED,
    MILESTONE_MOVED,
    MILESTONE_PLANNED,
    MILESTONE_RECORDED,
    FormName,
    MilestoneCancelled,
    MilestoneLapsed,
    MilestoneMissed,
    MilestoneMoved,
    MilestonePlanned,
    MilestoneRecorded,
    SkillLevel,
)
from defenses.domain.milestones.milestones import MISSED, PLANNED, Milestone, Plan
from defenses.domain.milestones.policy import MilestonePolicy


def news(before: Milestone | None, after: Milestone, policy: MilestonePolicy) -> list[Fact]:
    """Return the events of one change."""
    said: list[Fact] = []
    if after.is_overdue and not (before is not None and before.is_overdue):
        said.append(_lapsed(after))
    if after.plan is None or (before is not None and before.revision == after.revision):
        return said
    state = _state(after, after.plan, policy)
    if after.record is not None:
        said.append(_recorded(after, state))
    elif after.state == PLANNED:
        said.append(_planned(before, after.reason, state))
    elif after.state == MISSED:
        said.append(MILESTONE_MISSED.says(MilestoneMissed(**state)))
    else:
        cancelled = MilestoneCancelled(**state, cause=after.cause, reason=after.reason)
        said.append(MILESTONE_CANCELLED.says(cancelled))
    return said


def _planned(before: Milestone | None, reason: str, state: dict[str, Any]) -> Fact:
    if before is None or before.plan is None or before.state != PLANNED:
        return MILESTONE_PLANNED.says(MilestonePlanned(**state))
    return MILESTONE_MOVED.says(
        MilestoneMoved(
            **state,
            previous_starts_at=before.plan.slot.starts_at,
            previous_place=before.plan.slot.place,
            reason=reason,
        )
    )


def _recorded(after: Milestone, state: dict[str, Any]) -> Fact:
    assert after.record is not None  # the caller has looked
    return MILESTONE_RECORDED.says(
        MilestoneRecorded(
            **state,
            record=len(after.records),
            levels=tuple(SkillLevel(skill_id=skill, level=level) for skill, level in after.record.levels),
            recorded_at=after.record.recorded_at,
        )
    )


def _lapsed(after: Milestone) -> Fact:
    return MILESTONE_LAPSED.says(
        MilestoneLapsed(
            milestone_id=after.milestone_id,
            student_id=after.student_id,
            school_id=after.school_id,
            grade=after.grade,
            school_year=after.school_year,
            due_on=after.due_on,
            state=after.state,
        )
    )


def _state(after: Milestone, plan: Plan, policy: MilestonePolicy) -> dict[str, Any]:
    """Return what every event says of a milestone that was planned."""
    form = policy.forms.get(plan.form)
    names = form.names if form is not None else {}
    return {
        "milestone_id": after.milestone_id,
        "revision": after.revision,
        "student_id": after.student_id,
        "school_id": plan.school_id,
        "grade": after.grade,
        "school_year": after.school_year,
        "event_id": plan.event_id,
        "form": plan.form,
        "form_names": tuple(FormName(language=tag, name=name) for tag, name in sorted(names.items())),
        "starts_at": plan.slot.starts_at,
        "ends_at": plan.slot.ends_at,
        "time_zone": plan.slot.time_zone,
        "place": plan.slot.place,
    }
