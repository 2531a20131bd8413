"""Seeds come as often as the district says, at places that nobody can foresee."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.scoring.calibration.calibration_examples import RULES

from scoring.domain.calibration.seeding import draw, seeds_due

RULE = RULES.seeding


def _places(scorer: str, reads: int) -> list[int]:
    due = [0, *(seeds_due(scorer, place, RULE) for place in range(reads))]
    return [place for place in range(reads) if due[place + 1] > due[place]]


@settings(deadline=None)
@given(st.text(max_size=10))
def test_each_block_of_reads_has_one_seed(scorer: str) -> None:
    places = _places(scorer, 250)

    assert [place // 10 for place in places[:5]] == [0, 1, 2, 3, 4]
    assert [(place - 50) // 20 for place in places[5:]] == list(range(10))


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 37), st.integers(1, 9), st.integers(1, 30))
def test_the_share_is_kept_whatever_the_district_says(first: int, often: int, seldom: int) -> None:
    rule = replace(RULE, first_reads=first, first_every=often, later_every=seldom)
    first_blocks = -(-first // often)

    for blocks in range(4):
        end_of_first = min(blocks, first_blocks) * often
        end = end_of_first + max(0, blocks - first_blocks) * seldom
        if end:
            assert seeds_due("t-1", end - 1, rule) == blocks


def test_scorers_have_places_and_orders_of_their_own() -> None:
    scorers = [f"t-{number}" for number in range(40)]

    assert len({tuple(_places(each, 50)) for each in scorers}) == 40
    firsts = {min((draw(each, paper), paper) for paper in "abcdefgh")[1] for each in scorers}
    assert len(firsts) > 4


def test_every_place_of_a_block_is_as_likely_as_another() -> None:
    firsts = [_places(f"t-{number}", 10)[0] for number in range(2000)]

    assert min(firsts.count(place) for place in range(10)) > 140  # 200 are expected, 13 is the deviation
