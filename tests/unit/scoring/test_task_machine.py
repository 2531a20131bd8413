"""No way through the workflow loses a read, or lets a score out without the reads that it needs."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import time, timedelta
from itertools import combinations, pairwise

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.unit.scoring.scoring_examples import NINE, RUBRIC, RULE, SUBMISSION, levels

from scoring.domain.tasks import (
    OPEN,
    TRANSITIONS,
    WAITING,
    IllegalTransitionError,
    Pool,
    Read,
    ReaderFacts,
    ReviewRefusedError,
    Stage,
    State,
    Task,
    find_unscorable,
    give_back,
    give_read,
    lease,
    nominate,
    quarantine,
    raise_safeguarding,
    request_review,
    requeue,
    set_aside,
    submit,
    wake,
)

LEVEL = st.integers(1, 4)
FACTS = ReaderFacts(reads_before=100, rubric_since=NINE - timedelta(days=365))


class Workflows(RuleBasedStateMachine):
    """Anybody does anything that they may, in any order, and time goes on."""

    task: Task

    @initialize(share=st.sampled_from([0.0, 0.5, 1.0]), nightly=st.booleans(), number=st.integers(0, 1000))
    def begin(self, share: float, nightly: bool, number: int) -> None:
        self.rule = replace(
            RULE,
            second=replace(RULE.second, share=share),
            release_time=time(2) if nightly else None,
        )
        self.now = NINE
        self.task = submit(f"task-{number}", SUBMISSION, RUBRIC, at=self.now, rule=self.rule)
        self.given: list[Read] = []
        self.entries = 0
        self.people = 0
        self.stopped: set[str] = set()

    def _somebody(self) -> str:
        self.people += 1
        return f"scorer-{self.people}"

    @precondition(lambda self: self.task.pool is not None)
    @rule()
    def open_it(self) -> None:
        who = self._somebody()
        self.task = lease(self.task, f"l-{who}", who, slot=0, at=self.now, rule=self.rule.lease)

    @precondition(lambda self: self.task.lease is not None and self.now < self.task.lease.expires_at)
    @rule(message=LEVEL, craft=LEVEL)
    def read_it(self, message: int, craft: int) -> None:
        who = self.task.lease.scorer_id  # type: ignore[union-attr]  # the precondition
        self.task = give_read(
            self.task, RUBRIC, levels(message, craft), scorer_id=who, at=self.now, facts=FACTS, rule=self.rule
        )
        self.given.append(next(each for each in self.task.reads if each.scorer_id == who))

    @precondition(lambda self: self.task.lease is not None and self.now < self.task.lease.expires_at)
    @rule(what=st.sampled_from(["back", "unscorable", "worry"]))
    def say_something_else(self, what: str) -> None:
        who = self.task.lease.scorer_id  # type: ignore[union-attr]  # the precondition
        if what == "back":
            self.task = give_back(self.task, who, at=self.now, rule=self.rule, why="x")
        elif what == "unscorable":
            self.task = find_unscorable(self.task, "blank", scorer_id=who, at=self.now, rule=self.rule)
        else:
            self.task = raise_safeguarding(self.task, "x", scorer_id=who, at=self.now)

    @rule(hours=st.sampled_from([1, 30, 80, 500]), good=st.booleans())
    def wait(self, hours: int, good: bool) -> None:
        self.now += timedelta(hours=hours)
        self.task = wake(
            self.task,
            at=self.now,
            rule=self.rule,
            in_good_standing=lambda who: good and who not in self.stopped,
        )

    @rule()
    def nominate_it(self) -> None:
        self.task = nominate(self.task, by="s-1", at=self.now, rule=self.rule)

    @precondition(lambda self: self.task.reads)
    @rule(data=st.data())
    def stop_a_scorer(self, data: st.DataObject) -> None:
        who = data.draw(st.sampled_from(sorted({each.scorer_id for each in self.task.reads})))
        self.stopped.add(who)
        self.task = quarantine(self.task, who, since=NINE, at=self.now, rule=self.rule)

    @rule()
    def ask_for_a_review(self) -> None:
        with suppress(ReviewRefusedError):
            self.task = request_review(self.task, by="g-1", reason="x", at=self.now, rule=self.rule)

    @rule(to=st.sampled_from([State.WITHDRAWN, State.RETURNED, State.QUEUED, State.QUEUED, State.QUEUED]))
    def let_the_office_act(self, to: State) -> None:
        with suppress(IllegalTransitionError):
            if to is State.QUEUED:
                self.task = requeue(self.task, by="office", why="x", at=self.now, rule=self.rule)
            else:
                self.task = set_aside(self.task, to, by="office", why="x", at=self.now)

    @invariant()
    def no_read_is_lost_or_changed(self) -> None:
        assert [replace(each, void=None) for each in self.task.reads] == self.given

    @invariant()
    def nobody_reads_twice(self) -> None:
        readers = [each.scorer_id for each in self.task.reads]
        assert len(readers) == len(set(readers))

    @invariant()
    def a_score_is_out_only_with_the_reads_that_it_needs(self) -> None:
        task = self.task
        if task.state is not State.RELEASED:
            return
        reads = task.counting
        needed = 2 if task.second_because else 1
        assert len({each.scorer_id for each in reads}) >= needed
        leads = [each for each in reads if each.stage is Stage.ADJUDICATION]
        others = [each for each in reads if each.stage is not Stage.ADJUDICATION]
        for one, other in combinations(others, 2):
            pairs = zip(one.levels, other.levels, strict=True)
            assert leads or max(abs(a.level - b.level) for a, b in pairs) <= 1
        assert task.score is not None
        assert task.score.released_at is not None
        assert task.score.readers == len(reads)

    @invariant()
    def a_reviewed_score_never_falls(self) -> None:
        task = self.task
        if task.review is not None and task.score is not None and task.review.before is not None:
            assert task.score.mean_level >= task.review.before

    @invariant()
    def it_is_open_exactly_while_somebody_has_it(self) -> None:
        assert (self.task.state in OPEN) is (self.task.lease is not None)
        assert (self.task.pool is not None) is (self.task.state in WAITING)
        assert (self.task.pool is Pool.LEADS) is (self.task.state is State.ADJUDICATION)

    @invariant()
    def it_never_rests_where_nobody_would_find_it(self) -> None:
        passing = {
            State.SUBMITTED,
            State.SCREENED,
            State.READ1,
            State.READ2,
            State.AGREED,
            State.RESOLVED,
            State.QUARANTINED,
        }
        assert self.task.state not in passing
        if self.task.state is State.HELD:
            assert self.task.release_at is not None
        if self.task.state in WAITING | OPEN:
            assert self.task.due_at is not None

    @invariant()
    def the_history_only_grows_and_each_step_may_follow_the_one_before(self) -> None:
        history = self.task.history
        assert len(history) >= self.entries
        self.entries = len(history)
        for before, after in pairwise(history):
            assert after.state is before.state or after.state in TRANSITIONS[before.state]
            assert before.at <= after.at


Workflows.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestWorkflows = Workflows.TestCase
