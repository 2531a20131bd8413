"""Put one milestone on record."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.base import Fact
from defenses.domain.milestones.checking import InvalidMilestoneError, level_faults
from defenses.domain.milestones.milestones import Milestone, Record
from defenses.use_cases.milestones.desk import MilestoneDesk
from defenses.use_cases.milestones.news import news


class NoMilestoneError(LookupError):
    """There is no such milestone that the caller may see."""


def record_milestone(
    milestone_id: str,
    *,
    reflection: str,
    levels: Sequence[tuple[str, float]],
    desk: MilestoneDesk,
    by: str,
) -> Milestone:
    """Put a milestone on record; another record supersedes the one before, which is kept.

    Raises:
        NoMilestoneError: if there is none that the caller may see.
        NotHeldError: if it did not take place.
        InvalidMilestoneError: if its form has no levels, needs some, or they are wrong.
    """
    record = Record(
        reflection=reflection,
        levels=tuple(sorted(levels)),
        recorded_by=by,
        recorded_at=desk.now,
        policy_version=desk.policy.version,
    )

    def decide(found: Milestone | None) -> tuple[Milestone, Sequence[Fact]] | None:
        if found is None:
            raise NoMilestoneError(f"there is no milestone {milestone_id}")
        after = found.recorded(record)
        wrong = list(level_faults(levels, found.plan.form if found.plan else "", desk.policy))
        if wrong:
            raise InvalidMilestoneError(wrong)
        return None if after is found else (after, news(found, after, desk.policy))

    changed = desk.milestones.change(milestone_id, decide)
    assert changed is not None  # decide has raised if there is none
    return changed
