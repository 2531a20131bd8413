"""Work of seconds beside the hub: others have their turn, and whoever plans is heard of."""

from __future__ import annotations

import threading

import eventlet
import pytest

from defenses.entrypoints.scheduling import aside
from defenses.repository import LeaseLostError

#: Only ever waited for when a test fails.
PATIENCE_S = 60.0


def nobody(_: object) -> bool:
    return True


def test_greenlets_have_their_turn_while_the_work_goes_on() -> None:
    had_its_turn = threading.Event()
    eventlet.spawn_n(had_its_turn.set)

    assert aside(lambda: had_its_turn.wait(PATIENCE_S), nobody)


def test_a_beat_is_heard_while_the_work_goes_on() -> None:
    heard = threading.Event()

    def beat(_: object) -> bool:
        heard.set()
        return True

    assert aside(lambda: heard.wait(PATIENCE_S), beat)


def test_what_the_work_raises_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        aside(lambda: 1 // 0, nobody)


def test_who_has_lost_the_lease_does_not_wait() -> None:
    waiting, may_end = threading.Event(), threading.Event()

    def lost(_: object) -> bool:
        raise LeaseLostError

    def work() -> None:
        waiting.set()
        may_end.wait(PATIENCE_S)

    with pytest.raises(LeaseLostError):
        aside(work, lost)

    assert waiting.is_set()
    assert not may_end.is_set()
    may_end.set()
