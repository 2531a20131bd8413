"""A scorer's record: sets, seeds, stops, and what of them outlives idleness and a school year."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.unit.scoring.calibration.calibration_examples import (
    DAY,
    HOUR,
    MONDAY,
    NEXT_YEAR,
    RUBRIC,
    RULES,
    levels,
    paper,
    record,
    submission,
)

from scoring.domain.calibration.marks import StopReason
from scoring.domain.calibration.papers import WrongPurposeError, retire, set_paper
from scoring.domain.calibration.record import (
    AttemptError,
    NotEnoughPapersError,
    RecordState,
    ScorerRecord,
    confirm_training,
    in_season,
    is_qualified,
    is_stopped,
    open_attempt,
    stop,
    take_artifact,
    take_paper,
)
from scoring.domain.calibration.seeding import wants_seed
from scoring.domain.rubrics import LevelsDoNotFitError
from scoring.domain.tasks import Purpose

KNOWN = (3, 3, 2, 2)
OFF = (1, 3, 2, 2)
QUALIFYING = [paper(f"q-{number}", purpose=Purpose.QUALIFICATION) for number in range(7)]
PRACTICE = [paper(f"p-{number}", purpose=Purpose.PRACTICE) for number in range(4)]


def _sat(
    before: ScorerRecord, given: tuple[int, ...] = KNOWN, *, at: datetime = MONDAY, skip: int = 0
) -> ScorerRecord:
    """Return the record after a qualifying set in which every paper got these levels."""
    after = open_attempt(before, Purpose.QUALIFICATION, QUALIFYING, at=at, rules=RULES)
    for number, each in enumerate(QUALIFYING[skip : skip + 3]):
        after = take_paper(after, each, levels(*given), at=at + number * HOUR, rules=RULES)
    return after


def _seeded(
    before: ScorerRecord, *papers: tuple[str, tuple[int, ...]], at: datetime = MONDAY + DAY
) -> ScorerRecord:
    after = before
    for number, (paper_id, given) in enumerate(papers):
        after = take_paper(after, paper(paper_id), levels(*given), at=at + number * HOUR, rules=RULES)
    return after


def test_a_good_set_qualifies_for_the_school_year_until_sixty_idle_days() -> None:
    qualified = _sat(record())

    assert qualified.state is RecordState.QUALIFIED
    assert qualified.qualified_at == qualified.trusted_since == MONDAY + 2 * HOUR
    assert [each.what for each in qualified.history] == ["opened a set for qualification", "qualified"]
    assert is_qualified(qualified, MONDAY + 60 * DAY, RULES)
    assert not is_qualified(qualified, MONDAY + 61 * DAY, RULES)
    busy = take_artifact(qualified, at=MONDAY + 50 * DAY, rules=RULES)
    assert is_qualified(busy, MONDAY + 110 * DAY, RULES)
    assert not is_qualified(busy, MONDAY + 111 * DAY, RULES)
    kept = take_artifact(busy, at=datetime.combine(date(2027, 6, 30), MONDAY.timetz()), rules=RULES)
    assert is_qualified(kept, datetime.combine(date(2027, 6, 30), MONDAY.timetz()), RULES)
    assert not is_qualified(kept, datetime.combine(date(2027, 7, 1), MONDAY.timetz()), RULES)


def test_a_new_school_year_begins_a_new_record_and_keeps_the_history() -> None:
    stopped = stop(_sat(record()), StopReason.PERSON, by="office", at=MONDAY, rules=RULES)

    anew = in_season(stopped, NEXT_YEAR, RULES)

    assert anew == replace(record(), season=date(2027, 7, 1), history=stopped.history)
    assert in_season(anew, MONDAY, RULES) is anew


def test_a_set_of_papers_takes_as_many_as_the_rules_say_that_the_scorer_has_not_seen() -> None:
    with pytest.raises(NotEnoughPapersError, match="takes 3 papers, and 2 are left"):
        open_attempt(record(), Purpose.QUALIFICATION, QUALIFYING[:2], at=MONDAY, rules=RULES)
    seen = replace(record(), seen=("q-0", "q-1", "q-2", "q-3", "q-4"))
    with pytest.raises(NotEnoughPapersError, match="and 2 are left"):
        open_attempt(seen, Purpose.QUALIFICATION, QUALIFYING, at=MONDAY, rules=RULES)


def test_one_set_is_open_at_a_time() -> None:
    opened = open_attempt(record(), Purpose.PRACTICE, PRACTICE, at=MONDAY, rules=RULES)

    with pytest.raises(AttemptError, match="a set is open already"):
        open_attempt(opened, Purpose.QUALIFICATION, QUALIFYING, at=MONDAY, rules=RULES)


def test_practice_is_kept_with_its_reasons_and_qualifies_nobody() -> None:
    practised = open_attempt(record(), Purpose.PRACTICE, PRACTICE, at=MONDAY, rules=RULES)
    for each in PRACTICE[:2]:
        practised = take_paper(practised, each, levels(*KNOWN), at=MONDAY, rules=RULES)

    assert practised.state is RecordState.NEW
    assert practised.attempt is None
    assert [(each.paper_id, each.rationale) for each in practised.practice] == [
        ("p-0", "why of p-0"),
        ("p-1", "why of p-1"),
    ]
    assert practised.reads == 0


def test_two_failed_sets_ask_for_training() -> None:
    failed = _sat(_sat(record(), OFF), OFF, skip=3)

    assert (failed.state, failed.failed) == (RecordState.NEW, 2)
    with pytest.raises(AttemptError, match="before somebody has trained you"):
        open_attempt(failed, Purpose.QUALIFICATION, QUALIFYING, at=MONDAY, rules=RULES)
    trained = confirm_training(failed, by="office", at=MONDAY, rules=RULES)
    more = [paper(f"r-{number}", purpose=Purpose.QUALIFICATION) for number in range(3)]
    again = open_attempt(trained, Purpose.QUALIFICATION, more, at=MONDAY, rules=RULES)
    assert again.attempt is not None
    assert trained.history[-1].what == "trained"


def test_a_paper_counts_once_and_one_of_no_open_set_only_as_seen() -> None:
    once = _seeded(record(), ("s-1", KNOWN))

    assert _seeded(once, ("s-1", OFF)) == once
    stray = take_paper(record(), QUALIFYING[0], levels(*KNOWN), at=MONDAY, rules=RULES)
    assert stray == replace(record(), seen=("q-0",))


def test_levels_of_a_paper_are_compared_by_criterion_in_whatever_order_they_came() -> None:
    backwards = tuple(reversed(levels(*KNOWN)))

    after = take_paper(record(), paper("s-1"), backwards, at=MONDAY, rules=RULES)

    assert after.window[0].mark.differences == (0, 0, 0, 0)
    with pytest.raises(ValueError, match="zip"):
        take_paper(record(), paper("s-2"), backwards[:3], at=MONDAY, rules=RULES)


def test_the_second_missed_seed_stops_and_doubts_reads_since_the_last_good_one() -> None:
    at = MONDAY + DAY
    before = _seeded(_sat(record()), ("s-1", KNOWN), ("s-2", OFF))
    assert not is_stopped(before, at, RULES)

    stopped = _seeded(before, ("s-3", OFF), at=at + 3 * HOUR)

    assert is_stopped(stopped, at, RULES)
    assert not is_qualified(stopped, at, RULES)
    [last] = stopped.stops
    assert (last.since, last.reason, last.at) == (at, StopReason.MISSES, at + 3 * HOUR)
    assert stopped.history[-1].what == "stopped: seeds_out_of_tolerance"


def test_without_a_good_seed_reads_are_doubted_from_qualifying_on_or_from_the_first_read() -> None:
    qualified = _seeded(_sat(record()), ("s-1", OFF), ("s-2", OFF))
    never_qualified = _seeded(take_artifact(record(), at=MONDAY, rules=RULES), ("s-1", OFF), ("s-2", OFF))

    assert qualified.stops[0].since == MONDAY + 2 * HOUR
    assert never_qualified.stops[0].since == MONDAY


def test_a_seed_that_is_good_in_itself_and_stops_all_the_same_vouches_for_nothing() -> None:
    near = (4, 2, 2, 2)
    seeds = [(f"s-{number}", near) for number in range(20)]

    stopped = _seeded(_sat(record()), *seeds)

    [last] = stopped.stops
    assert (last.reason, last.since) == (StopReason.EXACT, MONDAY + DAY + 18 * HOUR)


def test_seeds_are_judged_in_the_order_in_which_they_were_read_however_they_are_told() -> None:
    reads = [("s-1", MONDAY, OFF), ("s-2", MONDAY + HOUR, KNOWN), ("s-3", MONDAY + 2 * HOUR, KNOWN)]
    told = record()
    for paper_id, at, given in reversed(reads):
        told = take_paper(told, paper(paper_id), levels(*given), at=at, rules=RULES)

    assert [each.paper_id for each in told.window] == ["s-1", "s-2", "s-3"]
    assert told.trusted_since == told.last_read_at == MONDAY + 2 * HOUR


def test_a_stopped_scorer_qualifies_again_with_a_clean_window_and_the_next_stop_is_the_last() -> None:
    stopped = _seeded(_sat(record()), ("s-1", OFF), ("s-2", OFF))
    late = MONDAY + 5 * DAY

    again = _sat(stopped, at=late, skip=3)

    assert (again.state, again.window, again.trusted_since) == (RecordState.QUALIFIED, (), late + 2 * HOUR)
    assert is_qualified(again, late + 2 * HOUR, RULES)
    released = _seeded(again, ("s-3", OFF), ("s-4", OFF), at=late + DAY)
    assert released.state is RecordState.RELEASED
    assert released.stops[-1].since == late + 2 * HOUR
    with pytest.raises(AttemptError, match="no more in this skill and band this season"):
        open_attempt(released, Purpose.PRACTICE, PRACTICE, at=late + 2 * DAY, rules=RULES)
    assert not is_stopped(released, NEXT_YEAR, RULES)


def test_a_stopped_scorers_further_seeds_stop_nobody_twice() -> None:
    stopped = _seeded(_sat(record()), ("s-1", OFF), ("s-2", OFF), ("s-3", OFF))

    assert len(stopped.stops) == 1
    assert stopped.state is RecordState.PAUSED


def test_a_stop_by_a_person_needs_no_read() -> None:
    stopped = stop(record(), StopReason.PERSON, by="office", at=MONDAY, rules=RULES)

    assert (stopped.stops[0].since, stopped.history[-1].by) == (MONDAY, "office")


def test_seeds_are_wanted_in_their_turn_after_idle_days_and_after_a_miss() -> None:
    def wanted(
        found: ScorerRecord, *, tasks_open: int = 0, seeds_open: int = 0, at: datetime = MONDAY
    ) -> bool:
        return wants_seed(found, tasks_open=tasks_open, seeds_open=seeds_open, at=at, rules=RULES)

    places = [number for number in range(10) if wanted(record(), tasks_open=number)]
    first = places[0]
    assert places == list(range(first, 10))
    assert not wanted(record(), tasks_open=9, seeds_open=1)
    idle = replace(record(), last_read_at=MONDAY - 14 * DAY, seeds=1)
    assert wanted(idle)
    assert not wanted(idle, tasks_open=1, seeds_open=1)
    assert not wanted(replace(idle, last_read_at=MONDAY - 13 * DAY))
    assert wanted(replace(record(), seeds=1, qualified_at=MONDAY - 15 * DAY))
    missed = _seeded(record(), ("s-1", OFF), at=MONDAY)
    assert wanted(missed)
    assert not wanted(_seeded(missed, ("s-2", KNOWN), at=MONDAY + HOUR), at=MONDAY + HOUR)
    patient = replace(RULES, seeding=replace(RULES.seeding, after_miss=False))
    assert not wants_seed(missed, tasks_open=0, seeds_open=0, at=MONDAY, rules=patient)


def test_a_paper_has_levels_that_fit_its_rubric_in_the_rubrics_order() -> None:
    settled: dict[str, Any] = {"rationale": "clear", "by": "office", "at": MONDAY}

    made = set_paper(
        submission("a-1"), RUBRIC, tuple(reversed(levels(*KNOWN))), purpose=Purpose.SEED, **settled
    )

    assert made == replace(paper("a-1"), rationale="clear")
    assert made.skill_id == "communicator"
    assert not retire(made).active
    with pytest.raises(LevelsDoNotFitError):
        set_paper(submission("a-1"), RUBRIC, levels(5, 1, 1, 1), purpose=Purpose.SEED, **settled)
    with pytest.raises(WrongPurposeError, match="a paper is for one of practice, qualification, seed"):
        set_paper(submission("a-1"), RUBRIC, levels(1, 1, 1, 1), purpose=Purpose.ARTIFACT, **settled)


class AnyScorer(RuleBasedStateMachine):
    """Whatever a scorer reads in whatever order, what follows from it holds."""

    @initialize()
    def begin(self) -> None:
        self.record = record()
        self.at = MONDAY
        self.number = 0
        self.good_at: datetime | None = None

    @rule(minutes=st.integers(1, 3000))
    def time_passes(self, minutes: int) -> None:
        self.at += timedelta(minutes=minutes)

    @rule()
    def read_an_artifact(self) -> None:
        self.record = take_artifact(self.record, at=self.at, rules=RULES)

    @rule(given=st.tuples(*[st.integers(1, 4)] * 4))
    def read_a_seed(self, given: tuple[int, ...]) -> None:
        self.number += 1
        before = self.record
        self.record = take_paper(before, paper(f"s-{self.number}"), levels(*given), at=self.at, rules=RULES)
        if len(self.record.stops) > len(before.stops):
            # What is doubted begins no later than the last good seed, so that no bad read slips through.
            assert self.good_at is None or self.record.stops[-1].since <= self.good_at
        if self.record.window and not self.record.window[-1].mark.is_miss(RULES.stopping):
            self.good_at = self.at

    @rule(given=st.sampled_from([KNOWN, OFF]))
    def sit_a_set(self, given: tuple[int, ...]) -> None:
        self.number += 1
        papers = [paper(f"q-{self.number}-{place}", purpose=Purpose.QUALIFICATION) for place in range(3)]
        try:
            self.record = open_attempt(self.record, Purpose.QUALIFICATION, papers, at=self.at, rules=RULES)
        except AttemptError:
            return
        for each in papers:
            self.record = take_paper(self.record, each, levels(*given), at=self.at, rules=RULES)
        if self.record.state is RecordState.QUALIFIED and self.record.window == ():
            self.good_at = self.at

    @invariant()
    def stopped_scorers_are_not_qualified(self) -> None:
        if hasattr(self, "record"):
            assert not (is_stopped(self.record, self.at, RULES) and is_qualified(self.record, self.at, RULES))

    @invariant()
    def counts_add_up(self) -> None:
        if hasattr(self, "record"):
            assert self.record.seeds <= self.record.reads
            assert len(self.record.window) <= 20
            assert len(self.record.stops) <= 2 or self.record.state is not RecordState.QUALIFIED
            assert len(set(self.record.seen)) == len(self.record.seen)


AnyScorer.TestCase.settings = settings(deadline=None, max_examples=60, stateful_step_count=40)
test_whatever_a_scorer_reads_what_follows_holds = AnyScorer.TestCase
