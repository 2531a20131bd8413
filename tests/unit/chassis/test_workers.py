"""Workers: so many at once, and an error that is nobody else's."""

from __future__ import annotations

from typing import Any

import eventlet
import pytest
from eventlet.event import Event

from chassis.workers import Workers


@pytest.fixture
def errors() -> list[BaseException]:
    return []


@pytest.fixture
def workers(errors: list[BaseException]) -> Workers:
    return Workers(2, on_error=lambda exc_info: errors.append(exc_info[1]))


def test_calls_of_one_turn_start_in_order_in_the_next(workers: Workers) -> None:
    done: list[int] = []
    workers.spawn(done.append, 1)
    workers.spawn(done.append, 2)

    assert (done, workers.free()) == ([], 0)
    workers.waitall()
    assert (done, workers.free()) == ([1, 2], 2)


def test_who_comes_while_all_are_busy_waits_for_the_first_that_ends(workers: Workers) -> None:
    gates, done = [Event(), Event()], list[str]()
    for gate in gates:
        workers.spawn(gate.wait)
    for name in ("third", "fourth"):
        eventlet.spawn_n(workers.spawn, done.append, name)
    eventlet.sleep(0)
    assert done == []

    gates[1].send()
    workers_end(workers, gates[0])

    assert done == ["third", "fourth"]


def test_who_gives_up_waiting_leaves_its_turn_to_the_next(workers: Workers) -> None:
    gates, done = [Event(), Event()], list[str]()
    for gate in gates:
        workers.spawn(gate.wait)
    impatient = [eventlet.spawn(workers.spawn, done.append, "never") for _ in range(2)]
    eventlet.spawn_n(workers.spawn, done.append, "next")
    eventlet.sleep(0)
    impatient[0].kill()
    gates[1].send()
    # The second one's turn has come, but it has not gone on yet.
    eventlet.spawn_n(impatient[1].throw)
    workers_end(workers, gates[0])

    assert done == ["next"]


def workers_end(workers: Workers, gate: Event) -> None:
    with eventlet.Timeout(10):
        for _ in range(5):
            eventlet.sleep(0)
        gate.send()
        workers.waitall()


def test_an_error_is_told_and_the_other_calls_go_on(workers: Workers, errors: list[BaseException]) -> None:
    done: list[int] = []
    workers.spawn(_fail, LookupError("one"))
    workers.spawn(done.append, 2)
    workers.waitall()

    assert [str(error) for error in errors] == ["one"]
    assert done == [2]


def test_what_is_no_exception_ends_its_own_call_only(
    workers: Workers, errors: list[BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    done: list[int] = []
    workers.spawn(_fail, eventlet.Timeout(None))
    workers.spawn(done.append, 2)
    workers.waitall()

    assert (errors, done, workers.free()) == ([], [2], 2)
    assert "Timeout" in capsys.readouterr().err


def test_killing_ends_calls_where_they_are_and_those_that_have_not_begun(
    workers: Workers, errors: list[BaseException]
) -> None:
    steps: list[str] = []

    def hang() -> None:
        try:
            Event().wait()
        finally:
            steps.append("ended")

    workers.spawn(hang)
    eventlet.sleep(0)
    workers.spawn(steps.append, "never")
    workers.kill()

    assert (steps, errors, workers.free()) == (["ended"], [], 2)
    workers.waitall()


def _fail(error: Any) -> None:
    raise error
