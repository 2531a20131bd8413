"""Group commit: who travels with whom, and whose error is whose."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from chassis.errors import TransientError
from chassis.mongo.grouping import Grouped


class Road:
    """Doubles numbers, as slowly as the test wants."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.started = threading.Semaphore(0)
        self.free = threading.Semaphore(0)
        self.meet: Callable[[Sequence[int]], Any] = lambda _items: None

    def run(self, items: Sequence[int]) -> list[int | Exception]:
        self.groups.append(list(items))
        self.started.release()
        assert self.free.acquire(timeout=10)
        self.meet(items)
        return [ValueError(item) if item < 0 else item * 2 for item in items]


@pytest.fixture
def road() -> Road:
    return Road()


def travel(road: Road, first: int, later: list[int], *, limit: int = 10) -> list[Future[int]]:
    """Send one on the way and let the others come while it travels; free the road for all of them."""
    grouped = Grouped(road.run, limit=limit)
    with ThreadPoolExecutor(20) as pool:
        futures = [pool.submit(grouped, first)]
        assert road.started.acquire(timeout=10)
        for number, item in enumerate(later, start=1):
            futures.append(pool.submit(grouped, item))
            _until(partial(_are_waiting, grouped, number))
        for _ in range(20):
            road.free.release()
    return futures


def _are_waiting(grouped: Grouped[int, int], count: int) -> bool:
    return len(grouped._waiting) == count


def _until(condition: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(2000):
        if condition():
            return
        pause.wait(0.005)
    pytest.fail("the condition never came true")


def test_whoever_comes_first_goes_at_once_and_the_others_together(road: Road) -> None:
    futures = travel(road, 1, [2, 3, 4])

    assert [future.result() for future in futures] == [2, 4, 6, 8]
    assert road.groups == [[1], [2, 3, 4]]


def test_a_group_has_a_limit_and_the_rest_goes_next(road: Road) -> None:
    futures = travel(road, 1, [2, 3, 4, 5, 6], limit=2)

    assert [future.result() for future in futures] == [2, 4, 6, 8, 10, 12]
    assert road.groups == [[1], [2, 3], [4, 5], [6]]


def test_an_error_of_one_is_not_the_others(road: Road) -> None:
    futures = travel(road, 1, [2, -3, 4])

    assert [future.exception() is None for future in futures] == [True, True, False, True]
    assert str(futures[2].exception()) == "-3"


def test_an_error_of_the_journey_is_everybodys_in_it(road: Road) -> None:
    def meet(items: Sequence[int]) -> None:
        if 3 in items:
            raise TransientError("the store")

    road.meet = meet
    futures = travel(road, 1, [2, 3])

    assert futures[0].result() == 2
    assert [str(future.exception()) for future in futures[1:]] == ["the store", "the store"]


def test_a_leader_whose_time_is_over_leaves_the_others_something_to_try_again(road: Road) -> None:
    class Timeout(BaseException):
        """As eventlet's."""

    def meet(items: Sequence[int]) -> None:
        if 2 in items:
            raise Timeout

    road.meet = meet
    futures = travel(road, 1, [2, 3, 4], limit=2)

    assert isinstance(futures[1].exception(), Timeout)
    assert isinstance(futures[2].exception(), TransientError)
    assert futures[3].result() == 8


class Interruptible:
    """A lock whose next owner meets an interruption instead of its turn, if it is told to."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.interrupted = False

    def acquire(self) -> None:
        self._lock.acquire()
        if self.interrupted:
            raise KeyboardInterrupt

    def release(self) -> None:
        self._lock.release()

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


def test_one_who_gives_up_just_when_it_should_lead_hands_the_lead_on(
    road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.mongo.grouping.threading", SimpleNamespace(Lock=Interruptible))
    grouped = Grouped(road.run, limit=10)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(grouped, 1)
        assert road.started.acquire(timeout=10)
        impatient = pool.submit(grouped, 2)
        _until(lambda: len(grouped._waiting) == 1)
        patient = pool.submit(grouped, 3)
        _until(lambda: len(grouped._waiting) == 2)
        called: Any = grouped._waiting[0].called
        called.interrupted = True
        for _ in range(3):
            road.free.release()

    assert isinstance(impatient.exception(), KeyboardInterrupt)
    assert (first.result(), patient.result()) == (2, 6)
    assert road.groups == [[1], [3]]
