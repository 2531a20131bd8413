"""Bells: all who wait are woken together, and nobody who has gone."""

from __future__ import annotations

import eventlet
import pytest
from eventlet.support.greenlets import GreenletExit

from chassis.bells import Bell, ring


def note_when_rung(bell: Bell, notes: list[int], note: int) -> None:
    bell.wait()
    notes.append(note)


def test_all_who_wait_go_on_in_order_in_the_next_turn() -> None:
    bells, woken = [Bell(), Bell(), Bell()], list[int]()
    for place, bell in enumerate(bells):
        eventlet.spawn_n(note_when_rung, bell, woken, place)
    eventlet.sleep(0)

    ring(bells)
    assert woken == []
    eventlet.sleep(0)

    assert woken == [0, 1, 2]


def test_a_bell_that_has_rung_keeps_nobody_waiting() -> None:
    bell = Bell()
    ring([bell])

    bell.wait()


def test_who_has_stopped_waiting_is_not_woken_from_something_else() -> None:
    bell, steps = Bell(), list[str]()

    def give_up() -> None:
        with pytest.raises(GreenletExit):
            bell.wait()
        eventlet.sleep(0.01)
        steps.append("slept")

    waiting = eventlet.spawn(give_up)
    eventlet.sleep(0)
    ring([bell])
    waiting.kill()
    eventlet.sleep(0)

    assert steps == []
    waiting.wait()
    assert steps == ["slept"]


def test_one_that_fails_once_it_is_woken_does_not_keep_the_others_asleep(
    capsys: pytest.CaptureFixture[str],
) -> None:
    bells, woken = [Bell(), Bell()], list[int]()

    def fail() -> None:
        bells[0].wait()
        raise LookupError

    eventlet.spawn_n(fail)
    eventlet.spawn_n(note_when_rung, bells[1], woken, 1)
    eventlet.sleep(0)
    ring(bells)
    eventlet.sleep(0)
    eventlet.sleep(0)

    assert woken == [1]
    assert "LookupError" in capsys.readouterr().err
