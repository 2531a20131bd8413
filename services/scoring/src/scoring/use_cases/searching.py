"""One claim's way through the queue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b

from contracts.base import Fact
from contracts.envelope import derived_id
from scoring.domain import tasks as workflow
from scoring.domain.routing import Desk, Scorer, SeedPaper, Standing, may_open, rank, year_began
from scoring.domain.rubrics import rubric_of_id
from scoring.domain.tasks import IllegalTransitionError, Lease, Pool, Purpose, Stage, Task, make_lease
from scoring.use_cases.claims import AtCapacityError, Claim, Desktop, NotAScorerError
from scoring.use_cases.news import news
from scoring.use_cases.ports import DecideTask, Tasks

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
    ) -> None:
        self._claim = claim
        self._here = here
        self._scorer = scorer
        self._desk = desk
        self._pools = pools
        self._standings: dict[tuple[str, str], Standing] = {}
        self._closed: set[tuple[str, str]] = set()
        self._refused = False

    def first(self) -> Task | None:
        """Return the first task that could be opened; None if there is none.

        Raises:
            NotAScorerError: if there were some, and the scorer is qualified for none of them.
        """
        for pool, late, area in self._lanes():
            start = _fraction(f"start\x1f{self._claim.lease_id}\x1f{area}")
            for batch in self._here.queue.waiting(pool, area, late=late, start=start):
                opened = self._one_of(self._eligible(batch), area)
                if opened is not None:
                    return opened
                if area in self._closed:
                    break
        trained = self._training()
        if trained is None and self._refused:
            raise NotAScorerError("this caller is not qualified for what waits")
        return trained

    def _one_of(self, waiting: list[Task], area: tuple[str, str]) -> Task | None:
        """Open one of some tasks, or a paper in their place; notes if there is no use in looking on here."""
        if not waiting:
            return None
        standing = self._standing(area)
        if self._is_full(standing):
            self._closed.add(area)
            return None
        paper = self._paper(standing)
        if paper is None and (standing.paused or not standing.qualified):
            self._closed.add(area)
            self._refused = True
            return None
        return paper or self._open(waiting)

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

    def _eligible(self, waiting: Sequence[Task]) -> list[Task]:
        ids = {each.submission.student_id for each in waiting if each.submission.student_id}
        students = self._here.students.existing(ids)
        since = year_began(self._claim.at, self._here.routing.year_starts)
        reads = self._here.tasks.students_read(self._claim.scorer_id, ids, since)
        fit = [
            each
            for each in waiting
            if may_open(
                each,
                self._scorer,
                students.get(each.submission.student_id or ""),
                self._desk,
                reads,
                rule=self._here.routing,
                at=self._claim.at,
            )
        ]
        return sorted(fit, key=lambda each: rank(each.task_id, self._claim.scorer_id), reverse=True)

    def _standing(self, area: tuple[str, str]) -> Standing:
        if area not in self._standings:
            self._standings[area] = self._here.standings.may_read(
                self._claim.scorer_id, *area, self._claim.at
            )
        return self._standings[area]

    def _is_full(self, standing: Standing) -> bool:
        if standing.capacity is None:
            return False
        return len(_held(self._claim.scorer_id, self._here.tasks)) >= standing.capacity

    def _open(self, waiting: list[Task]) -> Task | None:
        """Open the first of some tasks that nobody else opens meanwhile."""
        for each in waiting:
            slot = self._free_slot()
            opened = self._here.queue.take(each.task_id, self._decide(slot))
            if opened and opened.lease and opened.lease.lease_id == self._claim.lease_id:
                return opened
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
        """Open a paper of known levels in an artifact's place, if it is its turn."""
        paper = self._here.seeds.next_for(standing, self._claim.at)
        if paper is None or (paper.purpose is Purpose.SEED and not hidden):
            return None
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
        """Return a place on the desk that is free now; the store lets nobody use one twice.

        Raises:
            AtCapacityError: if the scorer has filled them meanwhile.
        """
        taken = {lease.slot for lease in _held(self._claim.scorer_id, self._here.tasks)}
        free = set(range(self._here.rule.lease.most_open)) - taken
        if not free:
            raise AtCapacityError(f"at most {self._here.rule.lease.most_open} tasks may be open at once")
        return min(free)


def _held(scorer_id: str, tasks: Tasks) -> list[Lease]:
    return [each.lease for each in tasks.open_of(scorer_id) if each.lease is not None]


def _fraction(text: str) -> float:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) / _RANGE
