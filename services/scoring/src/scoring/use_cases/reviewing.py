"""Reviews of scores that are out, and doubt about those whose scorer was stopped."""

from __future__ import annotations

from datetime import datetime

from contracts.scoring import ScorerPaused
from scoring.domain import tasks as workflow
from scoring.domain.tasks import Task, Workflow
from scoring.use_cases.ports import Tasks
from scoring.use_cases.queueing import changed, deciding, task_id_of


def request_review(
    artifact_id: str, reason: str, *, by: str, at: datetime, tasks: Tasks, rule: Workflow
) -> Task:
    """Have a released score looked at again by two people who have not read the artifact.

    Raises:
        LookupError: if the artifact has no task that the caller may see.
        ReviewRefusedError: if there was a review, no score is out, or it has been out for too long.
    """

    def request(task: Task) -> Task:
        return workflow.request_review(task, by=by, reason=reason, at=at, rule=rule)

    return changed(task_id_of(artifact_id), request, tasks)


def quarantine_reads(paused: ScorerPaused, *, at: datetime, tasks: Tasks, rule: Workflow) -> int:
    """Void what a stopped scorer has read since their last good seed, and take from them what they have open.

    Returns:
        How many tasks were looked at.
    """
    concerned = {each.task_id: each for each in tasks.open_of(paused.scorer_id)}
    concerned |= {each.task_id: each for each in tasks.read_by(paused.scorer_id)}
    area = (paused.skill_id, paused.band)

    def void(task: Task) -> Task:
        return workflow.quarantine(task, paused.scorer_id, since=paused.reads_since, at=at, rule=rule)

    found = [each for each in concerned.values() if (each.submission.skill_id, each.band) == area]
    for each in found:
        tasks.change(each.task_id, deciding(void))
    return len(found)
