"""One claim's way through the queue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b

from contracts.base import Fact
from contracts.envelope import derived_id
from scoring.domain import tasks as workflow
from scoring.domain.routing import (
    Desk,
    Scorer,
    SeedPaper,
    Standing,
    Student,
    Waiting,
    may_open,
    rank,
    year_began,
)
from scoring.domain.rubrics import rubric_of_id
from scoring.domain.tasks import IllegalTransitionError, Pool, Purpose, Stage, Task, make_lease
from scoring.use_cases.claims import AtCapacityError, Claim, Desktop, NotAScorerError
from scoring.use_cases.news import news
from scoring.use_cases.ports import Candidate, DecideTask

_RANGE = 2**64


class Search:
    """One claim's way through the queue."""

    def __init__(
        self,
        claim: Claim,
        here: Desktop,
        scorer: Scorer,
        desk: Desk,
        pools: frozenset[Pool],
        held: Sequence[Task],
    ) -> None:
        """Take what is known of the scorer.

        Args:
            claim: what they ask for.
            here: whom it asks.
            scorer: who asks.
            desk: theirs.
            pools: what they may open at all.
            held: what they have open.
        """
        self._claim = claim
        self._here = here
        self._scorer = scorer
        self._desk = desk
        self._pools = pools
        self._held = held
        self._standings: dict[tuple[str, str], Standing] = {}
        self._closed: set[tuple[str, str]] = set()
        self._refused = False
        #: Of each student whom we asked about: how many of their artifacts the scorer has read this year.
        self._reads: dict[str, int] = {}

    def first(self) -> Task | None:
        """Return the first task that could be opened; None if there is none.

        Raises:
            AtCapacityError: if the scorer has as many open as they may.
            NotAScorerError: if there were some, and the scorer is qualified for none of them.
        """
        self._free_slot()
        for pool, late, area in self._lanes():
            start = _fraction(f"start\x1f{self._claim.lease_id}\x1f{area}")
            for batch in self._here.queue.waiting(pool, area, late=late, start=start):
                opened = self._one_of(self._likely(batch), area)
                if opened is not None:
                    return opened
                if area in self._closed:
                    break
        trained = self._training()
        if trained is None and self._refused:
            raise NotAScorerError("this caller is not qualified for what waits")
        return trained

    def _one_of(self, waiting: list[Candidate], area: tuple[str, str]) -> Task | None:
        """Open one of some tasks, or a paper in their place; notes if there is no use in looking on here."""
        if not waiting:
            return None
        standing = self._standing(area)
        if standing.capacity is not None and len(self._held) >= standing.capacity:
            self._closed.add(area)
            return None
        if not standing.paused and standing.qualified:
            return self._instead(standing, waiting) or self._open(waiting)
        paper = self._paper(standing)
        if paper is None:
            self._closed.add(area)
            self._refused = True
        return paper

    def _instead(self, standing: Standing, waiting: list[Candidate]) -> Task | None:
        """Open a paper if one is due, in the place of a task that the scorer might have opened."""
        paper = self._here.seeds.next_for(standing, self._held, self._claim.at)
        if paper is None or next(self._openable(waiting), None) is None:
            return None
        return self._give(paper)

    def _training(self) -> Task | None:
        """Open a paper of a set that the scorer has begun: that goes on while nothing waits.

        Who trains names skill and band, so that nobody else's empty queue costs a question for each of them.
        A seed never comes then, for nothing but a seed would come, and the scorer would know it.
        """
        if self._claim.skill_id is None or self._claim.band is None:
            return None
        for area in self._areas():
            paper = self._paper(self._standing(area), hidden=False)
            if paper is not None:
                return paper
        return None

    def _lanes(self) -> Iterator[tuple[Pool, bool, tuple[str, str]]]:
        """Yield the parts of the queue: what only leads decide, what is late, then the rest."""
        order = self._areas()
        for pool in (Pool.LEADS, Pool.SCORERS):
            if pool in self._pools:
                for late in (True, False):
                    yield from ((pool, late, area) for area in order if area not in self._closed)

    def _areas(self) -> list[tuple[str, str]]:
        """Return the skills and bands that the scorer wants to read, in an order of this claim's own."""
        claim = self._claim
        areas = {
            (each.skill_id, each.band)
            for each in self._here.rubrics.current(claim.at)
            if claim.skill_id in (None, each.skill_id) and claim.band in (None, each.band)
        }
        return sorted(areas, key=lambda area: _fraction(f"{claim.lease_id}\x1f{area}"))

    def _likely(self, waiting: Sequence[Candidate]) -> list[Candidate]:
        """Return what the scorer may open by all that costs no question, in their own order of chance."""
        fit = [each for each in waiting if self._fits(each.task, each.student, 0)]
        return sorted(fit, key=lambda each: rank(each.task.task_id, self._claim.scorer_id), reverse=True)

    def _openable(self, waiting: Sequence[Candidate]) -> Iterator[Waiting]:
        """Yield what the scorer may open by what the roster and the reads say now.

        Mostly the first is one, so it is asked about alone. Where it is not, the scorer may have read enough
        of nearly everybody, and the students of all the others are asked about together.
        """
        for some in (waiting[:1], waiting[1:]):
            for place, each in enumerate(some):
                student_id = each.task.student_id or ""
                if student_id not in self._reads:
                    self._count_reads({later.task.student_id or "" for later in some[place:]})
                reads = self._reads[student_id]
                reads += sum(held.submission.student_id == student_id for held in self._held)
                if self._fits(each.task, each.student, reads) and self._fits(
                    each.task, self._here.students.find(student_id), reads
                ):
                    yield each.task

    def _count_reads(self, student_ids: set[str]) -> None:
        since = year_began(self._claim.at, self._here.routing.year_starts)
        unknown = sorted(student_ids - self._reads.keys())
        self._reads |= self._here.tasks.reads_of(self._claim.scorer_id, unknown, since)

    def _fits(self, task: Waiting, student: Student | None, reads: int) -> bool:
        return may_open(
            task,
            self._scorer,
            student,
            self._desk,
            reads,
            rule=self._here.routing,
            at=self._claim.at,
        )

    def _standing(self, area: tuple[str, str]) -> Standing:
        if area not in self._standings:
            self._standings[area] = self._here.standings.may_read(
                self._claim.scorer_id, *area, self._claim.at
            )
        return self._standings[area]

    def _open(self, waiting: list[Candidate]) -> Task | None:
        """Open the first of some tasks that the scorer may open and nobody else opens meanwhile."""
        for each in self._openable(waiting):
            opened = self._here.queue.take(each.task_id, self._decide(self._free_slot()))
            if opened and opened.lease and opened.lease.lease_id == self._claim.lease_id:
                return opened
            # Somebody had the task, or another claim of this scorer has the place on their desk.
            self._held = self._here.tasks.open_of(self._claim.scorer_id)
            # One of those may have been read meanwhile.
            self._reads.clear()
        return None

    def _decide(self, slot: int) -> DecideTask:
        def decide(current: Task | None) -> tuple[Task, Sequence[Fact]] | None:
            if current is None:
                return None
            claim = self._claim
            try:
                after = workflow.lease(
                    current,
                    claim.lease_id,
                    claim.scorer_id,
                    slot=slot,
                    at=claim.at,
                    rule=self._here.rule.lease,
                )
            except IllegalTransitionError:
                # Somebody was faster between our reading and our writing.
                return None
            return after, news(current, after)

        return decide

    def _paper(self, standing: Standing, *, hidden: bool = True) -> Task | None:
        """Open a paper of known levels, if it is its turn."""
        paper = self._here.seeds.next_for(standing, self._held, self._claim.at)
        if paper is None or (paper.purpose is Purpose.SEED and not hidden):
            return None
        return self._give(paper)

    def _give(self, paper: SeedPaper) -> Task | None:
        task = self._paper_task(paper, self._free_slot())
        return self._here.queue.take(task.task_id, lambda current: (task, ()) if current is None else None)

    def _paper_task(self, paper: SeedPaper, slot: int) -> Task:
        claim = self._claim
        held = make_lease(
            claim.lease_id,
            claim.scorer_id,
            Stage.FIRST,
            slot=slot,
            at=claim.at,
            rule=self._here.rule.lease,
        )
        rubric = rubric_of_id(self._here.rubrics.of_version(paper.rubric_version), paper.rubric_id)
        task_id = derived_id("scoring", "task", f"{paper.paper_id}:{claim.lease_id}")
        return workflow.open_paper(task_id, paper.submission, rubric, held, purpose=paper.purpose)

    def _free_slot(self) -> int:
        """Return a place on the desk that is free as far as we know; the store lets nobody use one twice.

        Raises:
            AtCapacityError: if the scorer has filled them.
        """
        taken = {each.lease.slot for each in self._held if each.lease is not None}
        free = set(range(self._here.rule.lease.most_open)) - taken
        if not free or len(self._held) >= self._here.rule.lease.most_open:
            raise AtCapacityError(f"at most {self._here.rule.lease.most_open} tasks may be open at once")
        return min(free)


def _fraction(text: str) -> float:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) / _RANGE
