"""What scorers say of what they have open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Protocol

from scoring.domain import tasks as workflow
from scoring.domain.rubrics import CriterionLevel, Rubric, rubric_of_id
from scoring.domain.tasks import ReaderFacts, Task, Workflow, check_lease
from scoring.use_cases.ports import Standings, Tasks
from scoring.use_cases.queueing import changed
from scoring.use_cases.rubrics import Library, Rubrics


class Shelf(Rubrics, Library, Protocol):
    """The district's rubrics, with their versions."""


def give_read(
    task_id: str,
    levels: Sequence[CriterionLevel],
    *,
    scorer_id: str,
    at: datetime,
    tasks: Tasks,
    rubrics: Shelf,
    standings: Standings,
    rule: Workflow,
) -> Task:
    """Take a scorer's read.

    Returns:
        The task as it is now; the very same read once more changes nothing.

    Raises:
        LookupError: if there is no such task.
        NotYourTaskError: if the scorer never had it open.
        LeaseExpiredError: if their time is over.
        LevelsDoNotFitError: if the levels are not what the rubric asks for.
        AlreadyReadError: if they have read it with other levels or feedback.
    """

    def read(task: Task) -> Task:
        rubric = rubric_of(task, rubrics)
        standing = standings.may_read(scorer_id, task.submission.skill_id, task.band, at)
        facts = ReaderFacts(reads_before=standing.reads, rubric_since=_in_force_since(task, rubrics))
        return workflow.give_read(task, rubric, levels, scorer_id=scorer_id, at=at, facts=facts, rule=rule)

    return changed(task_id, read, tasks)


def find_unscorable(
    task_id: str, code: str, *, scorer_id: str, at: datetime, tasks: Tasks, rule: Workflow
) -> Task:
    """Take that the rubric cannot be applied to what a scorer has open.

    Raises:
        LookupError, NotYourTaskError, LeaseExpiredError, UnknownCodeError: as the names say.
    """

    def find(task: Task) -> Task:
        return workflow.find_unscorable(task, code, scorer_id=scorer_id, at=at, rule=rule)

    return changed(task_id, find, tasks)


def raise_safeguarding(task_id: str, note: str, *, scorer_id: str, at: datetime, tasks: Tasks) -> Task:
    """Set aside what a scorer has open, because they worry about its student.

    Raises:
        LookupError, NotYourTaskError, LeaseExpiredError: as the names say.
    """

    def raise_it(task: Task) -> Task:
        return workflow.raise_safeguarding(task, note, scorer_id=scorer_id, at=at)

    return changed(task_id, raise_it, tasks)


def give_back(task_id: str, why: str, *, scorer_id: str, at: datetime, tasks: Tasks, rule: Workflow) -> Task:
    """Take back what a scorer cannot read, such as the work of somebody they know.

    Raises:
        LookupError, NotYourTaskError, LeaseExpiredError: as the names say.
    """

    def take_back(task: Task) -> Task:
        return workflow.give_back(task, scorer_id, at=at, rule=rule, why=why)

    return changed(task_id, take_back, tasks)


def show_task(
    task_id: str, *, scorer_id: str | None, at: datetime, tasks: Tasks, rubrics: Rubrics
) -> tuple[Task, Rubric]:
    """Return a task and its rubric.

    Args:
        task_id: which one.
        scorer_id: who asks, if they may see only what they have open or have read themselves.
        at: now.
        tasks: where tasks are.
        rubrics: the district's.

    Raises:
        LookupError: if there is no such task.
        NotYourTaskError, LeaseExpiredError: if a scorer may not see it, or not any more.
    """
    task = tasks.get(task_id)
    if scorer_id is not None and all(each.scorer_id != scorer_id for each in task.reads):
        check_lease(task, scorer_id, at=at)
    return task, rubric_of(task, rubrics)


def rubric_of(task: Task, rubrics: Rubrics) -> Rubric:
    """Return the rubric of the version that a task is bound to."""
    return rubric_of_id(rubrics.of_version(task.rubric_version), task.rubric_id)


def _in_force_since(task: Task, library: Library) -> datetime:
    """Return from when a task's rubric version is in force; one that is gone is no new one."""
    version = library.find(task.rubric_version)
    first = version.effective if version and version.effective else date.min
    return datetime.combine(first, time(0), UTC)
