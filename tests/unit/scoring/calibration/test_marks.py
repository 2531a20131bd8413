"""How close a read came, and when seeds stop a scorer; the stop rule's properties."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.scoring.calibration.calibration_examples import RULES

from scoring.domain.calibration.marks import Mark, StopReason, mark, qualifies, reason_to_stop

STOPPING, QUALIFYING = RULES.stopping, RULES.qualifying
GOOD = Mark((0, 0, 0, 0), wrong_side=False)
NEAR = Mark((1, -1, 0, 0), wrong_side=False)
TWO_OFF = Mark((2, 0, 0, 0), wrong_side=False)
ALL_OFF = Mark((1, 1, 1, 0), wrong_side=False)

DIFFERENCES = st.tuples(*[st.integers(-3, 3)] * 4)
MARKS = st.lists(st.builds(Mark, DIFFERENCES, wrong_side=st.booleans()), max_size=40)
WITHIN = st.tuples(*[st.integers(-1, 1)] * 4).filter(lambda each: abs(sum(each)) <= 2)


def test_a_mark_compares_criterion_by_criterion() -> None:
    assert mark([3, 3, 2, 2], [4, 1, 2, 2], cut=2.5) == Mark((1, -2, 0, 0), wrong_side=True)
    assert mark([3, 3, 2, 2], [3, 3, 2, 2], cut=2.5) == GOOD
    assert (TWO_OFF.exact, TWO_OFF.two_apart) == (3, 1)
    unread = mark([3, 3, 2, 2], [], cut=2.5)
    assert (unread.exact, unread.two_apart, unread.wrong_side) == (0, 4, True)
    with pytest.raises(ValueError, match="zip"):
        mark([3, 3, 2, 2], [3, 3, 2], cut=2.5)


def test_the_cut_itself_is_on_the_proficient_side() -> None:
    assert not mark([3, 2], [2, 3], cut=2.5).wrong_side
    assert mark([3, 2], [2, 2], cut=2.5).wrong_side


def test_a_seed_is_missed_on_one_criterion_or_on_the_sum() -> None:
    assert [each.is_miss(STOPPING) for each in (GOOD, NEAR, TWO_OFF, ALL_OFF)] == [False, False, True, True]
    assert mark([3, 3, 2, 2], [], cut=2.5).is_miss(STOPPING)


@pytest.mark.parametrize(
    ("marks", "passed"),
    [
        ([GOOD, GOOD, GOOD], True),
        ([GOOD, NEAR, NEAR], False),  # 8 of 12 exact are below 0.7
        ([GOOD, GOOD, replace(TWO_OFF, wrong_side=True)], True),
        ([GOOD, TWO_OFF, TWO_OFF], False),
        ([GOOD, replace(GOOD, wrong_side=True), replace(GOOD, wrong_side=True)], False),
    ],
)
def test_a_set_qualifies_by_exact_levels_far_ones_and_the_cut(marks: list[Mark], passed: bool) -> None:
    assert qualifies(marks, QUALIFYING) is passed


@pytest.mark.parametrize(
    ("seeds", "reason"),
    [
        ([], None),
        ([TWO_OFF], None),
        ([TWO_OFF, ALL_OFF], StopReason.MISSES),
        ([TWO_OFF, GOOD, GOOD, GOOD, TWO_OFF], StopReason.MISSES),
        ([TWO_OFF, GOOD, GOOD, GOOD, GOOD, TWO_OFF], None),
        ([NEAR] * 19, None),
        ([NEAR] * 20, StopReason.EXACT),
        ([GOOD] * 20 + [NEAR] * 16, None),
        ([GOOD] * 20 + [NEAR] * 17, StopReason.EXACT),
        ([TWO_OFF, GOOD, GOOD, GOOD, GOOD] * 4, None),  # 76 of 80 are adjacent: just enough
        (([TWO_OFF] + [GOOD] * 4) * 3 + [Mark((2, -2, 0, 0), wrong_side=False)] + [GOOD] * 4, "adjacent"),
    ],
)
def test_seeds_stop_a_scorer(seeds: list[Mark], reason: StopReason | str | None) -> None:
    wanted = StopReason.ADJACENT if reason == "adjacent" else reason

    assert reason_to_stop(seeds, STOPPING) == wanted


@settings(deadline=None)
@given(MARKS)
def test_only_the_last_seeds_matter(seeds: list[Mark]) -> None:
    assert reason_to_stop(seeds, STOPPING) == reason_to_stop(seeds[-20:], STOPPING)


@settings(deadline=None)
@given(MARKS)
def test_two_misses_among_the_last_five_always_stop_and_less_never_does_so_for_misses(
    seeds: list[Mark],
) -> None:
    misses = sum(each.is_miss(STOPPING) for each in seeds[-5:])

    assert (reason_to_stop(seeds, STOPPING) is StopReason.MISSES) == (misses >= 2)


@settings(deadline=None)
@given(st.lists(WITHIN, max_size=40))
def test_whoever_stays_within_tolerance_and_exact_enough_is_never_stopped(
    differences: list[tuple[int, ...]],
) -> None:
    marks = [Mark(each, wrong_side=False) for each in differences]
    exact_enough = sum(each.exact for each in marks[-20:]) >= 0.6 * 80

    reason = reason_to_stop(marks, STOPPING)

    assert reason is None or (reason is StopReason.EXACT and not exact_enough)


@settings(deadline=None)
@given(MARKS, st.data())
def test_a_read_that_comes_closer_never_stops_a_scorer(seeds: list[Mark], data: st.DataObject) -> None:
    if not seeds or reason_to_stop(seeds, STOPPING) is not None:
        return
    place = data.draw(st.integers(0, len(seeds) - 1))

    better = [*seeds[:place], GOOD, *seeds[place + 1 :]]

    assert reason_to_stop(better, STOPPING) is None
