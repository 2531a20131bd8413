"""Group commit: who travels with whom, and whose error is whose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import eventlet
import pytest
from eventlet.semaphore import Semaphore

from chassis.errors import TransientError
from chassis.mongo.grouping import Grouped


class Road:
    """Doubles numbers, as slowly as the test wants."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.started = Semaphore(0)
        self.free = Semaphore(0)
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


class Traveller:
    """One caller in a greenthread of its own, and what came of it."""

    def __init__(self, grouped: Grouped[int, int], item: int) -> None:
        self.outcome: int | BaseException | None = None
        self.thread = eventlet.spawn(self._travel, grouped, item)

    def _travel(self, grouped: Grouped[int, int], item: int) -> None:
        try:
            self.outcome = grouped(item)
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            self.outcome = error


def travel(road: Road, first: int, later: list[int], *, limit: int = 10) -> list[Traveller]:
    """Send one on the way and let the others come while it travels; free the road for all of them."""
    grouped = Grouped(road.run, limit=limit)
    travellers = [Traveller(grouped, first)]
    assert road.started.acquire(timeout=10)
    for item in later:
        travellers.append(Traveller(grouped, item))
        eventlet.sleep(0)
    arrive(road, travellers)
    return travellers


def arrive(road: Road, travellers: list[Traveller]) -> None:
    """Free the road, and wait for all."""
    for _ in travellers:
        road.free.release()
    with eventlet.Timeout(10):
        for each in travellers:
            each.thread.wait()


def test_whoever_comes_first_goes_at_once_and_the_others_together(road: Road) -> None:
    travellers = travel(road, 1, [2, 3, 4])

    assert [each.outcome for each in travellers] == [2, 4, 6, 8]
    assert road.groups == [[1], [2, 3, 4]]


def test_a_group_has_a_limit_and_the_rest_goes_next(road: Road) -> None:
    travellers = travel(road, 1, [2, 3, 4, 5, 6], limit=2)

    assert [each.outcome for each in travellers] == [2, 4, 6, 8, 10, 12]
    assert road.groups == [[1], [2, 3], [4, 5], [6]]


def test_an_error_of_one_is_not_the_others(road: Road) -> None:
    first, second, wrong, last = travel(road, 1, [2, -3, 4])

    assert [each.outcome for each in (first, second, last)] == [2, 4, 8]
    assert (type(wrong.outcome), str(wrong.outcome)) == (ValueError, "-3")


def test_an_error_of_the_journey_is_everybodys_in_it(road: Road) -> None:
    def meet(items: Sequence[int]) -> None:
        if 3 in items:
            raise TransientError("the store")

    road.meet = meet
    first, *others = travel(road, 1, [2, 3])

    assert first.outcome == 2
    assert [str(each.outcome) for each in others] == ["the store", "the store"]


def test_a_leader_whose_time_is_over_leaves_the_others_something_to_try_again(road: Road) -> None:
    class Timeout(BaseException):
        """As eventlet's."""

    def meet(items: Sequence[int]) -> None:
        if 2 in items:
            raise Timeout

    road.meet = meet
    _, leader, other, next_one = travel(road, 1, [2, 3, 4], limit=2)

    assert isinstance(leader.outcome, Timeout)
    assert isinstance(other.outcome, TransientError)
    assert next_one.outcome == 8


def test_a_burst_goes_as_one_group_and_not_as_one_and_the_rest(road: Road) -> None:
    grouped = Grouped(road.run, limit=10)
    arrive(road, [Traveller(grouped, item) for item in (1, 2, 3)])

    assert road.groups == [[1, 2, 3]]


def test_one_whose_time_is_over_before_its_group_goes_is_left_behind(road: Road) -> None:
    grouped = Grouped(road.run, limit=10)
    first = Traveller(grouped, 1)
    assert road.started.acquire(timeout=10)
    impatient, patient = Traveller(grouped, 2), Traveller(grouped, 3)
    eventlet.sleep(0)
    impatient.thread.kill(KeyboardInterrupt())
    arrive(road, [first, impatient, patient])

    assert isinstance(impatient.outcome, KeyboardInterrupt)
    assert (first.outcome, patient.outcome) == (2, 6)
    assert road.groups == [[1], [3]]


def test_one_who_gives_up_just_when_it_should_lead_hands_the_lead_on(road: Road) -> None:
    grouped = Grouped(road.run, limit=10)
    first = Traveller(grouped, 1)
    assert road.started.acquire(timeout=10)
    impatient, patient = Traveller(grouped, 2), Traveller(grouped, 3)
    eventlet.sleep(0)

    def meet(items: Sequence[int]) -> None:
        # After the first one's journey, its successor has the lead but has not gone on yet.
        if items == [1]:
            eventlet.spawn_n(impatient.thread.throw, KeyboardInterrupt())

    road.meet = meet
    arrive(road, [first, impatient, patient])

    assert isinstance(impatient.outcome, KeyboardInterrupt)
    assert (first.outcome, patient.outcome) == (2, 6)
    assert road.groups == [[1], [3]]


def test_a_leader_whose_time_is_over_before_it_goes_hands_the_lead_on(road: Road) -> None:
    grouped = Grouped(road.run, limit=10)
    impatient, patient = Traveller(grouped, 1), Traveller(grouped, 2)
    eventlet.spawn_n(impatient.thread.throw, KeyboardInterrupt())
    arrive(road, [impatient, patient])

    assert isinstance(impatient.outcome, KeyboardInterrupt)
    assert patient.outcome == 4
    assert road.groups == [[2]]
