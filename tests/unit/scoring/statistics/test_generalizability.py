"""G and D studies: published data, crossed and nested, and what they say about one another."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.unit.scoring.statistics.statistics_examples import CASES, PROPERTY, estimate, floats

from scoring.domain.statistics.estimates import FloatArray, InvalidDataError, NotEnoughData, Shortage
from scoring.domain.statistics.generalizability import Components, Dependability, d_study, g_study
from scoring.domain.statistics.reliability import IccModel, icc

BRENNAN = floats(
    [list(map(int, row)) for row in CASES["gstudy_brennan_3_2"]["x_rows_persons_cols_t1r1_4_t2r5_8_t3r9_12"]]
).reshape(10, 3, 4)
SHROUT_FLEISS = floats(CASES["icc_shrout_fleiss_1979"]["x"])


def studied(result: Components | NotEnoughData) -> Components:
    assert isinstance(result, Components)
    return result


def decided(result: Dependability | NotEnoughData) -> Dependability:
    assert isinstance(result, Dependability)
    return result


def test_gstudy_brennan_3_2_persons_by_readers_in_tasks() -> None:
    case = CASES["gstudy_brennan_3_2"]

    found = studied(g_study(BRENNAN, "ptr", nested={"r": "t"}, minimum=10)).variance

    assert {frozenset(name.replace(":", "")): value for name, value in case["var"].items()} == pytest.approx(
        found, abs=5e-5
    )


def test_dstudy_brennan_3_2_with_as_many_readers_and_tasks() -> None:
    case = CASES["gstudy_brennan_3_2"]
    components = studied(g_study(BRENNAN, "ptr", nested={"r": "t"}, minimum=10))

    found = decided(d_study(components, {"t": 3, "r": 4}, person="p"))

    assert found.generalizability == pytest.approx(case["E_rho2"], abs=5e-5)
    assert found.dependability == pytest.approx(case["Phi"], abs=5e-5)


@pytest.mark.parametrize(("readers", "phi"), [(1, 0.29), (2, 0.45), (4, 0.62)])
def test_more_readers_decide_better_on_shrout_and_fleiss_data(readers: int, phi: float) -> None:
    # reference/scoring.md, section 2.
    components = studied(g_study(SHROUT_FLEISS, "pr", minimum=6))

    assert decided(d_study(components, {"r": readers}, person="p")).dependability == pytest.approx(
        phi, abs=5e-3
    )


def test_persons_by_readers_is_the_intraclass_correlation_of_random_readers() -> None:
    components = studied(g_study(SHROUT_FLEISS, "pr", minimum=6))

    single = decided(d_study(components, {"r": 1}, person="p"))

    assert single.dependability == pytest.approx(
        estimate(icc(SHROUT_FLEISS, IccModel.RANDOM_READERS, average=False, minimum=6)).value
    )
    assert single.generalizability == pytest.approx(
        estimate(icc(SHROUT_FLEISS, IccModel.FIXED_READERS, average=False, minimum=6)).value
    )


def test_fully_crossed_effects_that_are_put_in_come_out() -> None:
    person, reader, task = np.array([-1.0, 1.0]), np.array([-2.0, 2.0]), np.array([-3.0, 0.0, 3.0])
    levels = person[:, None, None] + reader[:, None] + task

    found = studied(g_study(levels, "prt", minimum=2)).variance

    assert {"".join(sorted(effect)): value for effect, value in found.items()} == pytest.approx(
        {"p": 2, "r": 8, "t": 9, "pr": 0, "pt": 0, "rt": 0, "prt": 0}
    )


def test_a_person_with_a_missing_reading_is_left_out() -> None:
    more = np.vstack([SHROUT_FLEISS, floats([[1, None, 1, 1]])])

    found = studied(g_study(more, "pr", minimum=6))

    assert found == g_study(SHROUT_FLEISS, "pr", minimum=6)
    assert found.sizes == {"p": 6, "r": 4}


@pytest.mark.parametrize(
    ("levels", "shortage"),
    [
        ([[1, 2]], NotEnoughData(Shortage.TOO_FEW, 1, 2)),
        ([[None, 2], [None, 1], [1, 1]], NotEnoughData(Shortage.TOO_FEW, 1, 2)),
        ([[1], [2]], NotEnoughData(Shortage.TOO_FEW_RATERS, 1, 2)),
        ([[2, 2], [2, 2]], NotEnoughData(Shortage.NO_VARIATION, 1, 2)),
    ],
)
def test_a_g_study_needs_persons_and_readers_that_vary(
    levels: list[list[float]], shortage: NotEnoughData
) -> None:
    assert g_study(floats(levels), "pr", minimum=2) == shortage


@pytest.mark.parametrize("facets", ["p", "prt", "pp"])
def test_facets_must_name_the_axes(facets: str) -> None:
    with pytest.raises(InvalidDataError):
        g_study(SHROUT_FLEISS, facets, minimum=2)


def test_a_decision_about_what_does_not_vary_is_none() -> None:
    components = studied(g_study(floats([[1, 2], [1, 2]]), "pr", minimum=2))

    assert d_study(components, {"r": 1}, person="p") == NotEnoughData(Shortage.NO_VARIATION, 1, 2)


@PROPERTY
@given(arrays(np.float64, (3, 2, 2), elements=st.sampled_from([1.0, 2.0, 3.0, 4.0])))
def test_coefficients_lie_between_nothing_and_one_and_grow_with_readers(levels: FloatArray) -> None:
    components = g_study(levels, "ptr", nested={"r": "t"}, minimum=2)
    if isinstance(components, NotEnoughData):
        return
    few = d_study(components, {"t": 1, "r": 1}, person="p")
    many = d_study(components, {"t": 2, "r": 5}, person="p")

    if isinstance(few, Dependability):
        assert 0 <= few.dependability <= few.generalizability <= 1
        if isinstance(many, Dependability):
            assert many.dependability >= few.dependability - 1e-12
