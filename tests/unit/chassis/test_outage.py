"""Outage mode: who waits, who asks, who goes first."""

from __future__ import annotations

from collections.abc import Callable

import eventlet
import pytest

from chassis.errors import StoreUnavailableError, TransientError
from chassis.outage import AbandonedError, Outage


class Store:
    """A store that answers or not, and works that need it."""

    def __init__(self) -> None:
        self.up = True
        self.asked = 0
        self.done: list[str] = []
        self.tried: list[str] = []

    def answers(self) -> bool:
        self.asked += 1
        return self.up

    def work(self, name: str, error: Exception | None = None) -> Callable[[], str]:
        def run() -> str:
            self.tried.append(name)
            if not self.up:
                raise StoreUnavailableError("away")
            if error is not None:
                raise error
            self.done.append(name)
            return name

        return run


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def outage(store: Store) -> Outage:
    return Outage(store.answers, pause_s=0.001)


def let_run(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds, letting the other greenthreads run."""
    for _ in range(2000):
        if condition():
            return
        eventlet.sleep(0.001)
    pytest.fail("the condition never came true")


def test_nothing_is_asked_while_all_is_well(store: Store, outage: Outage) -> None:
    assert outage.hold(store.work("a")) == "a"
    assert store.asked == 0


def test_all_wait_while_the_store_is_away_and_one_goes_first(store: Store, outage: Outage) -> None:
    store.up = False
    held = [eventlet.spawn(outage.hold, store.work(name)) for name in "abc"]
    let_run(lambda: store.asked > 10)
    tried_while_away = len(store.tried)
    store.up = True

    assert [each.wait() for each in held] == ["a", "b", "c"]
    # The first found out for all; after that only questions went to the store.
    assert tried_while_away == 1
    assert sorted(store.done) == ["a", "b", "c"]


def test_a_store_that_answers_and_fails_is_the_works_own_trouble(store: Store, outage: Outage) -> None:
    with pytest.raises(StoreUnavailableError, match="slow"):
        outage.hold(store.work("a", StoreUnavailableError("slow")))

    assert outage.hold(store.work("b")) == "b"


@pytest.mark.parametrize(
    "error", [ValueError("a fault"), TransientError("later"), StoreUnavailableError("slow")]
)
def test_the_first_work_after_an_outage_may_fail_and_the_outage_is_over(
    store: Store, outage: Outage, error: Exception
) -> None:
    store.up = False
    first = eventlet.spawn(outage.hold, store.work("a", error))
    let_run(lambda: store.asked > 3)
    store.up = True

    with pytest.raises(type(error)):
        first.wait()
    assert outage.hold(store.work("b")) == "b"


def test_a_store_that_goes_again_at_once_is_waited_for_again(store: Store, outage: Outage) -> None:
    store.up = False
    answers = iter([False, False, True, False, False])

    def moody() -> bool:
        store.asked += 1
        return next(answers, store.up)

    outage._answers = moody
    held = eventlet.spawn(outage.hold, store.work("a"))
    let_run(lambda: store.asked > 6)
    store.up = True

    assert held.wait() == "a"
    assert store.tried == ["a", "a", "a"]


def test_a_stop_lets_go_of_what_is_held(store: Store, outage: Outage) -> None:
    store.up = False
    held = [eventlet.spawn(outage.hold, store.work(name)) for name in "ab"]
    let_run(lambda: store.asked > 3)
    outage.stop()

    for each in held:
        with pytest.raises(AbandonedError):
            each.wait()
    assert store.done == []
