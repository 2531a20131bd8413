"""What a scorer says of a task: levels, that it cannot be scored, or that the student needs somebody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from scoring.domain.rubrics import CriterionLevel, Rubric, check_levels
from scoring.domain.tasks.counting import ReaderFacts, second_read_reasons
from scoring.domain.tasks.leasing import check_lease
from scoring.domain.tasks.reviewing import count_rereads
from scoring.domain.tasks.rules import Workflow
from scoring.domain.tasks.settling import settle, stop_clock
from scoring.domain.tasks.states import AlreadyReadError, Purpose, Stage, State
from scoring.domain.tasks.task import Lease, Read, Task, moved, noted

#: What a task becomes by such a read; an adjudication leads to its outcome at once.
_READ = {Stage.FIRST: State.READ1, Stage.SECOND: State.READ2}


def give_read(
    task: Task,
    rubric: Rubric,
    levels: Sequence[CriterionLevel],
    *,
    scorer_id: str,
    at: datetime,
    facts: ReaderFacts,
    rule: Workflow,
) -> Task:
    """Return the task with its read; the same task, if this very read was given before.

    Args:
        task: what was read.
        rubric: the version that the task names.
        levels: one per criterion, in any order.
        scorer_id: who read it.
        at: when.
        facts: what the need of a second read depends on.
        rule: the district's.

    Raises:
        LevelsDoNotFitError: if the levels are not what the rubric asks for.
        NotYourTaskError: if the scorer never had it open.
        LeaseExpiredError: if their time is over.
        AlreadyReadError: if they have read it with other levels or feedback.
    """
    given = [each for each in task.reads if each.scorer_id == scorer_id]
    held = None if given else check_lease(task, scorer_id, at=at)
    check_levels(rubric, levels)
    order = [each.criterion_id for each in rubric.criteria]
    ordered = tuple(sorted(levels, key=lambda each: order.index(each.criterion_id)))
    if held is None:
        if given[-1].levels == ordered:
            return task
        raise AlreadyReadError("this task was read by this caller, with other levels")
    return _taken(task, ordered, held, at=at, facts=facts, rule=rule)


def _taken(
    task: Task,
    levels: tuple[CriterionLevel, ...],
    held: Lease,
    *,
    at: datetime,
    facts: ReaderFacts,
    rule: Workflow,
) -> Task:
    read = Read(
        scorer_id=held.scorer_id,
        stage=held.stage,
        levels=levels,
        lease_id=held.lease_id,
        leased_at=held.leased_at,
        given_at=at,
    )
    task = replace(task, reads=(*task.reads, read), lease=None)
    if held.stage is Stage.REVIEW:
        return count_rereads(task, at=at, by=held.scorer_id, rule=rule)
    if held.stage in _READ:
        task = moved(task, _READ[held.stage], at=at, by=held.scorer_id, what="read", why=str(held.stage))
    else:
        task = noted(task, at=at, by=held.scorer_id, what="read", why=str(held.stage))
    if task.purpose is not Purpose.ARTIFACT:
        return stop_clock(moved(task, State.FILED, at=at, what="filed"))
    if len(task.counting) == 1:
        reasons = second_read_reasons(task, read, facts, rule)
        task = replace(task, second_because=tuple(dict.fromkeys((*task.second_because, *reasons))))
    return settle(task, at=at, rule=rule)


def find_unscorable(task: Task, code: str, *, scorer_id: str, at: datetime, rule: Workflow) -> Task:
    """Return the task after its reader said that the rubric cannot be applied.

    It is set aside, unless somebody has scored it: then a lead decides, or, in a review, somebody else reads.

    Raises:
        UnknownCodeError: if the district has no such code.
        NotYourTaskError, LeaseExpiredError: as check_lease does.
    """
    if code not in rule.unscorable_codes:
        raise UnknownCodeError(code, rule.unscorable_codes)
    held = check_lease(task, scorer_id, at=at)
    declined = replace(task, declined=(*task.declined, scorer_id), lease=None)
    if task.purpose is not Purpose.ARTIFACT:
        return stop_clock(moved(declined, State.FILED, at=at, by=scorer_id, what="unscorable", why=code))
    if held.stage is Stage.REVIEW:
        again = State.CLEAN_REREAD if task.rereads else State.REVIEW_REQUESTED
        return moved(declined, again, at=at, by=scorer_id, what="unscorable", why=code)
    if held.stage is Stage.SECOND and task.counting:
        disputed = noted(declined, at=at, by=scorer_id, what="unscorable", why=code)
        return settle(replace(disputed, disputed=True), at=at, rule=rule, why="unscorable")
    return stop_clock(moved(declined, State.UNSCORABLE, at=at, by=scorer_id, what="unscorable", why=code))


def raise_safeguarding(task: Task, note: str, *, scorer_id: str, at: datetime) -> Task:
    """Set a task aside because its reader worries about the student; nobody opens it until the office has.

    Raises:
        NotYourTaskError, LeaseExpiredError: as check_lease does.
    """
    check_lease(task, scorer_id, at=at)
    # Behind a paper there is no student any more; the scorer's words are kept all the same.
    aside = State.SAFEGUARDING if task.purpose is Purpose.ARTIFACT else State.FILED
    raised = moved(task, aside, at=at, by=scorer_id, what="safeguarding", why=note)
    return stop_clock(raised)


class UnknownCodeError(ValueError):
    """The district has no such code of the unscorable."""

    field = "code"

    def __init__(self, code: str, known: frozenset[str]) -> None:
        super().__init__(f"{code} is none of {', '.join(sorted(known))}")
