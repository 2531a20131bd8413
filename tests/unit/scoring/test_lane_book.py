"""What a process remembers of the queue saves looking, and is soon forgotten."""

from __future__ import annotations

import pytest
from tests.unit.scoring.scoring_examples import STUDENT, queued, waiting

from scoring.repository import LaneBook
from scoring.use_cases.ports import Candidate

LANE = "jcps|scorers|communicator|K-5|in time"
SEEN = Candidate(waiting(queued()), STUDENT)


class Clock:
    """Seconds that a test lets pass."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def book(clock: Clock) -> LaneBook:
    return LaneBook(clock)


def test_what_was_seen_is_chosen_from_for_a_moment(book: LaneBook, clock: Clock) -> None:
    assert book.sample(LANE) == ((), False)
    book.keep(LANE, [SEEN], whole=True)

    assert book.sample(LANE) == ([SEEN], True)
    assert book.sample("another") == ((), False)
    clock.now = book.sample_s
    assert book.sample(LANE) == ((), False)


def test_what_somebody_is_taking_is_given_to_nobody_else(book: LaneBook) -> None:
    book.keep(LANE, [SEEN], whole=False)
    book.keep("another", [], whole=False)

    book.forget(SEEN.task.task_id)
    book.forget("never seen")

    assert book.sample(LANE) == ([], False)


def test_an_empty_lane_is_looked_into_again_soon(book: LaneBook, clock: Clock) -> None:
    assert not book.is_empty(LANE)
    book.note_empty(LANE, mostly=False)
    book.note_empty("late", mostly=True)
    assert book.is_empty(LANE)

    clock.now = book.empty_s

    assert not book.is_empty(LANE)
    assert book.is_empty("late")
    clock.now = book.mostly_empty_s
    assert not book.is_empty("late")


def test_a_look_becomes_wider_where_little_is_found_and_narrower_where_much_is(book: LaneBook) -> None:
    first = book.width(LANE)

    book.note_found(LANE, first, 0)
    assert book.width(LANE) == 4 * first
    book.note_found(LANE, 1.0, 3)
    assert book.width(LANE) == 1.0
    book.note_found(LANE, 1.0, 6_400)
    assert book.width(LANE) == pytest.approx(1 / 200)
    book.note_found(LANE, 0.005, 30)
    assert book.width(LANE) == 0.005


def test_two_who_look_into_one_lane_share_a_lock(book: LaneBook) -> None:
    assert book.looking(LANE) is book.looking(LANE)
    assert book.looking(LANE) is not book.looking("another")
