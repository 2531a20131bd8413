"""From reads to an outcome: how many are needed, whether they agree, and what they come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from statistics import fmean, median

from scoring.domain.tasks.rules import AgreementRule, SecondReadRule, Workflow
from scoring.domain.tasks.states import Stage, State
from scoring.domain.tasks.task import CriterionMean, Read, Score, Task

_RANGE = 2**64


@dataclass(frozen=True, kw_only=True)
class ReaderFacts:
    """What the need of a second read depends on, at the time of the first.

    Attributes:
        reads_before: the scorer's reads in this skill and band before this one.
        rubric_since: from when the rubric version is in force.
    """

    reads_before: int
    rubric_since: datetime


def second_read_reasons(task: Task, read: Read, facts: ReaderFacts, rule: Workflow) -> tuple[str, ...]:
    """Return why a task needs a second read after its first; nothing if it needs none.

    The random share is a hash of the task: nobody can steer it, and it comes out alike whenever it is drawn.
    """
    second = rule.second
    drawn = _drawn(task.task_id)
    given = {each.level for each in read.levels}
    found = {
        "random": drawn < second.share,
        "new_scorer": facts.reads_before < second.new_scorer_reads and drawn < second.new_scorer_share,
        "new_rubric": read.given_at - facts.rubric_since < second.new_rubric
        and drawn < second.new_rubric_share,
        "nominated": is_decisive(task, read, second, rule.agreement),
        "extreme": len(given) == 1 and given <= second.extremes,
    }
    return tuple(name for name, holds in found.items() if holds)


def is_decisive(task: Task, read: Read, second: SecondReadRule, agreement: AgreementRule) -> bool:
    """Whether a defense may depend on which side of the cut a read lies."""
    return (
        task.nominated
        and task.submission.grade in second.transition_grades
        and abs(read.mean_level - agreement.cut) <= second.near_cut
    )


def agree(one: Read, other: Read, rule: AgreementRule, *, nominated: bool) -> bool:
    """Whether two reads are near enough to be averaged."""
    sides = rule.same_side == "all" or (rule.same_side == "nominated" and nominated)
    return _within(one, other, rule.adjacent) and (
        not sides or (one.mean_level >= rule.cut) is (other.mean_level >= rule.cut)
    )


def outcome_of(task: Task, rule: Workflow) -> State:
    """Return where a task goes by the reads that count: it waits for another one, or has its outcome.

    It is a function of the reads alone, whatever happened in between. So a read that is voided later leads
    to the same place as if it had never been given.
    """
    reads = task.counting
    leads = [each for each in reads if each.stage is Stage.ADJUDICATION]
    others = [each for each in reads if each.stage is not Stage.ADJUDICATION]
    if not reads:
        return State.QUEUED
    if leads:
        near = [each for each in others if _within(each, leads[0], rule.adjudication_within)]
        settled = len(leads) > 1 or not others or near
        enough = len(reads) > 1 or not task.second_because
        if settled:
            return State.RESOLVED if enough else State.QUEUED2
        return State.ADJUDICATION
    if task.disputed:
        return State.ADJUDICATION
    if len(others) == 1:
        return State.QUEUED2 if task.second_because else State.AGREED
    agreed = agree(others[0], others[1], rule.agreement, nominated=task.nominated)
    return State.AGREED if agreed else State.ADJUDICATION


def score_of(task: Task) -> Score:
    """Return what the reads come to: a lead's levels, the median with two leads, else the mean."""
    reads = task.counting
    leads = [each for each in reads if each.stage is Stage.ADJUDICATION]
    if len(leads) == 1:
        return score_from(leads, readers=_people(reads))
    return score_from(reads, readers=_people(reads), middle=bool(leads))


def score_from(reads: Sequence[Read], *, readers: int, middle: bool = False) -> Score:
    """Return the mean, or the median, of some reads on each criterion."""
    criteria = []
    for given in zip(*(read.levels for read in reads), strict=True):
        levels = [each.level for each in given]
        criteria.append(
            CriterionMean(
                criterion_id=given[0].criterion_id,
                level=float(median(levels)) if middle else fmean(levels),
                feedback="\n".join(dict.fromkeys(each.feedback for each in given if each.feedback)),
            )
        )
    return Score(
        criteria=tuple(criteria),
        mean_level=fmean(each.level for each in criteria),
        scored_at=max(read.given_at for read in reads),
        readers=readers,
    )


def _within(one: Read, other: Read, distance: int) -> bool:
    pairs = zip(one.levels, other.levels, strict=True)
    return all(abs(mine.level - theirs.level) <= distance for mine, theirs in pairs)


def _people(reads: Sequence[Read]) -> int:
    return len({each.scorer_id for each in reads})


def _drawn(task_id: str) -> float:
    return int.from_bytes(blake2b(f"second\x1f{task_id}".encode(), digest_size=8).digest()) / _RANGE
