"""The many-facet Rasch model: published data, recovery of known severities, and when it says nothing."""

from __future__ import annotations

from dataclasses import replace
from math import exp, log
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.unit.scoring.statistics.statistics_examples import CASES, estimate, matrix_ratings

from scoring.domain.statistics.estimates import (
    FloatArray,
    IntArray,
    InvalidDataError,
    NotEnoughData,
    Shortage,
)
from scoring.domain.statistics.rasch import (
    Locations,
    Measures,
    Prior,
    Ratings,
    ScorerMeasure,
    Separation,
    Steps,
    connected_subsets,
    expected_levels,
    mean_square_fit,
    measure,
    paired_severity,
    severity_in_levels,
)

NO_PRIOR = Prior()
BOTH_PRIORS = Prior(artifact_sd=1.0, scorer_sd=1.0)


def measured(result: Measures | NotEnoughData) -> Measures:
    assert isinstance(result, Measures), result
    return result


def scorer(found: Measures, number: int) -> ScorerMeasure:
    one = found.scorers[number]
    assert isinstance(one, ScorerMeasure), one
    estimate(one.severity)
    return one


def severities(found: Measures) -> list[float]:
    return [scorer(found, number).severity.value for number in range(len(found.scorers))]


def three_facets() -> Ratings:
    rows = CASES["mfrm_own"]["rows_artifact_scorer_c1_c2_levels_1_4"]
    entries = [
        (int(artifact[1:]) - 1, int(scorer[1:]) - 1, criterion, level - 1)
        for artifact, scorer, *levels in rows
        for criterion, level in enumerate(levels)
    ]
    artifact, scorer, criterion, level = np.array(entries).T
    return Ratings(
        artifact=artifact,
        scorer=scorer,
        criterion=criterion,
        level=level,
        artifacts=8,
        scorers=3,
        criteria=2,
        levels=4,
    )


def simulated(
    severity: FloatArray, *, artifacts: int, seed: int, readers: int = 2, criteria: int = 3
) -> Ratings:
    """Let each artifact be read by random scorers of known severity."""
    random = np.random.default_rng(seed)
    quality = random.normal(0, 1, artifacts)
    read_by = np.stack([random.permutation(len(severity))[:readers] for _ in range(artifacts)])
    artifact, reading, criterion = np.indices((artifacts, readers, criteria)).reshape(3, -1)
    scorer = read_by[artifact, reading]
    difficulty, steps = np.linspace(-0.3, 0.3, criteria), np.array([-1.5, 0.0, 1.5])
    logit = quality[artifact] - severity[scorer] - difficulty[criterion]
    climbed = np.cumsum(np.vstack([np.zeros(len(logit)), logit - steps[:, None]]), axis=0)
    chances = np.exp(climbed) / np.exp(climbed).sum(axis=0)
    level = (random.random(len(logit)) > np.cumsum(chances, axis=0)).sum(axis=0)
    return Ratings(
        artifact=artifact,
        scorer=scorer,
        criterion=criterion,
        level=level,
        artifacts=artifacts,
        scorers=len(severity),
        criteria=criteria,
        levels=4,
    )


def test_mfrm_own_three_facets() -> None:
    case = CASES["mfrm_own"]

    found = measured(measure(three_facets(), NO_PRIOR, minimum=1, tolerance=1e-9))

    assert severities(found) == pytest.approx(list(case["severity"].values()), abs=5e-5)
    assert found.locations.criterion == pytest.approx(np.array(list(case["criterion"].values())), abs=5e-5)
    assert found.locations.steps[0] == pytest.approx(np.array(case["tau"]), abs=5e-5)
    assert found.locations.artifact == pytest.approx(np.array(case["artifact"]), abs=6e-5)


def test_mfrm_own_errors_and_fit() -> None:
    case = CASES["mfrm_own"]

    found = measured(measure(three_facets(), NO_PRIOR, minimum=1, tolerance=1e-9))

    ratings, scorers = three_facets(), [scorer(found, number) for number in range(3)]
    fit = mean_square_fit(ratings, found.locations, ratings.scorer, ratings.scorers)
    assert [each.model_error for each in scorers] == pytest.approx(case["se_scorer"], abs=5e-5)
    assert fit.infit == pytest.approx(np.array(case["infit_scorer"]), abs=5e-5)
    assert fit.outfit == pytest.approx(np.array(case["outfit_scorer"]), abs=5e-5)
    assert all((each.severity.standard_error or 0) > each.model_error for each in scorers)


def test_mfrm_two_scorers_closed_form_conditional_and_twice_that_jointly() -> None:
    case = CASES["mfrm_two_scorers_closed_form"]
    first_only, second_only = case["n_A_pass_B_fail"], case["n_A_fail_B_pass"]
    levels = np.array([[1, 0]] * first_only + [[0, 1]] * second_only)

    conditional = estimate(paired_severity(first_only, second_only, minimum=10))
    joint = severities(
        measured(measure(matrix_ratings(levels, scale=2), NO_PRIOR, minimum=1, tolerance=1e-9))
    )

    assert conditional.value == pytest.approx(case["severity_B_minus_A_cml"])
    assert conditional.standard_error == pytest.approx((1 / 30 + 1 / 15) ** 0.5)
    # Andersen (1973): joint maximum likelihood doubles the difference of two items.
    assert joint[1] - joint[0] == pytest.approx(2 * case["severity_B_minus_A_cml"])


def test_paired_severity_needs_artifacts_that_only_one_let_pass() -> None:
    assert paired_severity(40, 9, minimum=10) == NotEnoughData(Shortage.TOO_FEW, 9, 10)
    assert paired_severity(40, 0, minimum=0) == NotEnoughData(Shortage.TOO_FEW, 0, 1)


def test_rasch_moulton_pass_and_fail_with_one_missing() -> None:
    case = CASES["rasch_moulton"]
    levels = np.array([[-1 if each is None else each for each in row] for row in case["x"]])

    found = measured(measure(matrix_ratings(levels, scale=2), NO_PRIOR, minimum=1, tolerance=1e-9))

    items, persons = np.array(case["jmle_item"]), np.array(case["jmle_person"])
    assert severities(found) == pytest.approx((items - items.mean()).tolist(), abs=2e-4)
    assert found.locations.artifact == pytest.approx(persons - items.mean(), abs=2e-4)


def test_rasch_fit_kct_infit_and_outfit_at_winsteps_measures() -> None:
    case = CASES["rasch_fit_kct"]
    levels = np.array([list(map(int, row)) for row in case["responses_35x18"]])
    kept, items = np.array(case["person_status"]) == 1, np.array(case["use_items"]) - 1
    ratings = matrix_ratings(levels[kept][:, items], scale=2)
    at = Locations(
        artifact=np.array(case["person_measure"])[kept],
        scorer=np.array(case["item_measure"])[items],
        criterion=np.zeros(1),
        steps=np.zeros((1, 1)),
    )

    found = mean_square_fit(ratings, at, ratings.scorer, ratings.scorers)

    infit, outfit = (np.array(case[name])[items] for name in ("item_infit_winsteps", "item_outfit_winsteps"))
    assert np.abs(found.infit - infit).max() < case["tolerance"]["infit"]
    assert np.abs(found.outfit - outfit).max() < case["tolerance"]["outfit"]
    assert found.ratings.tolist() == [34] * 14


def liking_for_science() -> tuple[dict[str, Any], Ratings, Measures, list[int]]:
    case = CASES["pcm_liking_for_science"]
    levels = np.array([list(map(int, row)) for row in case["responses_75x25"]])
    kept = [item for item in range(25) if item != case["exclude_item"] - 1]
    levels = levels[(levels.sum(axis=1) > 0) & (levels.sum(axis=1) < 50)]
    ratings = matrix_ratings(levels[:, kept], scale=3, steps=Steps.BY_SCORER)
    return case, ratings, measured(measure(ratings, NO_PRIOR, minimum=1, tolerance=1e-9)), kept


def test_pcm_liking_for_science_measures_and_thresholds() -> None:
    case, _, found, kept = liking_for_science()

    winsteps = np.array(case["item_measure_winsteps"])[kept]
    assert np.array(severities(found)) == pytest.approx(winsteps - winsteps.mean(), abs=0.05)
    assert np.corrcoef(severities(found), winsteps)[0, 1] > 0.9999
    thresholds = [case["first_andrich_threshold"][str(item + 1)] for item in kept]
    assert found.locations.steps[:, 0] == pytest.approx(np.array(thresholds), abs=0.02)


def test_pcm_liking_for_science_fit() -> None:
    case, ratings, found, kept = liking_for_science()

    fit = mean_square_fit(ratings, found.locations, ratings.scorer, ratings.scorers)

    # Winsteps stopped up to .024 logit short of full convergence.
    assert fit.infit == pytest.approx(np.array(case["item_infit"])[kept], abs=0.03)


def test_steps_by_criterion_are_steps_by_scorer_with_the_facets_swapped() -> None:
    ratings = simulated(np.linspace(-1, 1, 4), artifacts=200, seed=3, criteria=2, readers=4)
    by_scorer = replace(ratings, steps=Steps.BY_SCORER)
    swapped = replace(
        ratings,
        scorer=ratings.criterion,
        criterion=ratings.scorer,
        scorers=2,
        criteria=4,
        steps=Steps.BY_CRITERION,
    )

    one = measured(measure(by_scorer, Prior(artifact_sd=1.0), minimum=1, tolerance=1e-8)).locations
    other = measured(measure(swapped, Prior(artifact_sd=1.0), minimum=1, tolerance=1e-8)).locations

    assert other.criterion == pytest.approx(one.scorer, abs=1e-6)
    assert other.scorer == pytest.approx(one.criterion, abs=1e-6)
    assert other.steps == pytest.approx(one.steps, abs=1e-6)


@pytest.mark.parametrize("prior", [NO_PRIOR, BOTH_PRIORS])
def test_known_severities_are_recovered(prior: Prior) -> None:
    severity = np.linspace(-1, 1, 9)

    found = measured(measure(simulated(severity, artifacts=2000, seed=1), prior, minimum=30))

    tolerance = 0.3 if prior is NO_PRIOR else 0.12
    assert np.abs(np.array(severities(found)) - severity).max() < tolerance


@pytest.mark.parametrize("start", [0.3, 1.0, 3.0])
def test_how_much_artifacts_differ_is_learnt_from_any_start(start: float) -> None:
    severity = np.linspace(-1, 1, 9)
    ratings = simulated(severity, artifacts=2000, seed=1, readers=1)

    found = measured(measure(ratings, Prior(artifact_sd=start, learn=True), minimum=30))

    assert found.artifact_sd == pytest.approx(1.0, abs=0.08)
    assert np.polyfit(severity, severities(found), 1)[0] == pytest.approx(1, abs=0.08)


def test_a_prior_that_is_given_stays_as_it_is() -> None:
    given_one = measured(measure(three_facets(), Prior(artifact_sd=1.3), minimum=1))
    without = measured(measure(three_facets(), NO_PRIOR, minimum=1))

    assert given_one.artifact_sd == pytest.approx(1.3)
    assert without.artifact_sd is None


def test_without_a_prior_there_is_nothing_to_learn() -> None:
    plain = measured(measure(three_facets(), NO_PRIOR, minimum=1, tolerance=1e-9))
    learning = measured(measure(three_facets(), Prior(learn=True), minimum=1, tolerance=1e-9))

    assert severities(learning) == severities(plain)


def test_artifacts_that_do_not_differ_are_learnt_to_be_nearly_alike() -> None:
    # Every artifact gets every level once, so nothing tells one from another.
    levels = np.array([np.roll(np.arange(4), turn) for turn in range(12)])

    found = measured(
        measure(matrix_ratings(levels, scale=4), Prior(artifact_sd=1.0, scorer_sd=1.0, learn=True), minimum=1)
    )

    assert found.artifact_sd == pytest.approx(0.05)


@pytest.mark.parametrize("readers", [1, 2])
def test_infit_lies_around_one_however_few_ratings_an_artifact_has(readers: int) -> None:
    ratings = simulated(np.linspace(-1, 1, 10), artifacts=2000, seed=3, readers=readers)

    found = measured(measure(ratings, Prior(artifact_sd=1.0), minimum=30))

    infit = [scorer(found, number).infit for number in range(10)]
    raw = mean_square_fit(ratings, found.locations, ratings.scorer, ratings.scorers).infit
    assert np.mean(infit) == pytest.approx(1, abs=0.05)
    assert raw.mean() < 0.9


def test_standard_errors_are_as_large_as_errors_are() -> None:
    severity = np.linspace(-1, 1, 25)
    in_errors = []
    for seed in range(8):
        ratings = simulated(severity, artifacts=500, seed=seed, readers=1)
        found = measured(measure(ratings, Prior(artifact_sd=1.0), minimum=10))
        in_errors += [
            (scorer(found, number).severity.value - true)
            / (scorer(found, number).severity.standard_error or 0)
            for number, true in enumerate(severity)
        ]

    # 200 of them: the standard deviation itself has an error of about .05.
    assert np.std(in_errors) == pytest.approx(1, abs=0.2)


def test_errors_that_hold_the_artifacts_for_known_are_too_small() -> None:
    found = measured(
        measure(simulated(np.zeros(20), artifacts=400, seed=5, readers=1), BOTH_PRIORS, minimum=30)
    )

    one = scorer(found, 0)
    assert one.severity.standard_error is not None
    assert one.severity.standard_error > 1.5 * one.model_error


def test_an_erratic_scorer_has_more_infit_than_the_others() -> None:
    ratings = simulated(np.zeros(10), artifacts=1000, seed=2)
    random = np.random.default_rng(4)
    level = np.where(ratings.scorer == 7, random.integers(0, 4, len(ratings)), ratings.level)

    found = measured(measure(replace(ratings, level=level), BOTH_PRIORS, minimum=30))

    infit = [scorer(found, number).infit for number in range(10)]
    assert infit[7] == max(infit)
    assert infit[7] > 1.5
    assert sorted(infit)[-2] < 1.2


def test_separation_tells_scorers_who_differ_from_those_who_do_not() -> None:
    apart = measured(
        measure(simulated(np.linspace(-1, 1, 10), artifacts=1000, seed=6), BOTH_PRIORS, minimum=30)
    )
    alike = measured(measure(simulated(np.zeros(10), artifacts=1000, seed=6), BOTH_PRIORS, minimum=30))

    assert isinstance(apart.separation, Separation)
    assert isinstance(alike.separation, Separation)
    assert apart.separation.reliability > 0.95
    assert apart.separation.spread == pytest.approx(np.linspace(-1, 1, 10).std(ddof=1), abs=0.1)
    assert apart.separation.strata > 4 > alike.separation.strata
    assert alike.separation.reliability < 0.6


def test_one_scorer_with_enough_ratings_cannot_be_told_apart() -> None:
    ratings = simulated(np.linspace(-1, 1, 5), artifacts=300, seed=8)
    busiest = int(np.bincount(ratings.scorer).max())

    found = measured(measure(ratings, BOTH_PRIORS, minimum=busiest))

    assert found.separation == NotEnoughData(Shortage.TOO_FEW_RATERS, 1, 2)


def test_a_scorer_with_few_ratings_is_drawn_to_the_middle() -> None:
    ratings = simulated(np.linspace(-1, 1, 5), artifacts=300, seed=8)
    few = np.flatnonzero(ratings.scorer == 4)[6:]
    ratings = ratings.only(~np.isin(np.arange(len(ratings)), few))

    free = measured(measure(ratings, Prior(artifact_sd=1.0), minimum=1))
    drawn = measured(measure(ratings, Prior(artifact_sd=1.0, scorer_sd=0.3), minimum=1))

    assert abs(scorer(drawn, 4).severity.value) < abs(scorer(free, 4).severity.value)
    assert measured(measure(ratings, BOTH_PRIORS, minimum=30)).scorers[4] == NotEnoughData(
        Shortage.TOO_FEW, 6, 30
    )


def test_subsets_are_named_in_the_order_of_their_first_scorer() -> None:
    # Scorers 0 and 3 share an artifact, 1 and 4 do, 2 reads alone, 5 reads nothing.
    levels = np.full((4, 6), -1)
    levels[0, [0, 3]] = 1
    levels[1, [4, 1]] = 1
    levels[2, 2] = 1
    levels[3, 3] = 1

    assert connected_subsets(matrix_ratings(levels, scale=2)).tolist() == [0, 1, 2, 0, 1, 3]


def test_a_chain_of_shared_artifacts_connects_its_ends() -> None:
    levels = np.full((9, 10), -1)
    for artifact in range(9):
        levels[artifact, [artifact, artifact + 1]] = 0

    assert connected_subsets(matrix_ratings(levels, scale=2)).tolist() == [0] * 10


def two_groups() -> Ratings:
    levels = np.full((80, 4), -1)
    random = np.random.default_rng(9)
    levels[:40, :2] = random.integers(0, 2, (40, 2))
    levels[40:, 2:] = random.integers(0, 2, (40, 2))
    return matrix_ratings(levels, scale=2)


def test_scorers_without_common_artifacts_are_not_compared() -> None:
    assert measure(two_groups(), NO_PRIOR, minimum=1) == NotEnoughData(Shortage.DISCONNECTED, 2, 1)


def test_a_prior_for_artifacts_compares_them_and_says_that_they_are_apart() -> None:
    found = measured(measure(two_groups(), BOTH_PRIORS, minimum=1))

    assert [scorer(found, number).subset for number in range(4)] == [0, 0, 1, 1]
    assert found.subsets.tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize(
    ("levels", "scale", "shortage"),
    [
        ([[0], [1], [1]], 2, NotEnoughData(Shortage.TOO_FEW_RATERS, 1, 2)),
        ([[-1, -1], [-1, -1]], 2, NotEnoughData(Shortage.TOO_FEW_RATERS, 0, 2)),
        ([[1, 1], [1, 1], [1, 1]], 2, NotEnoughData(Shortage.UNUSED_LEVEL, 1, 2)),
        ([[0, 2], [2, 0], [0, 2]], 3, NotEnoughData(Shortage.UNUSED_LEVEL, 2, 3)),
    ],
)
@pytest.mark.parametrize("prior", [NO_PRIOR, BOTH_PRIORS])
def test_it_needs_two_scorers_and_every_level(
    levels: list[list[int]], scale: int, shortage: NotEnoughData, prior: Prior
) -> None:
    assert measure(matrix_ratings(np.array(levels), scale=scale), prior, minimum=1) == shortage


def test_a_scorer_who_gives_only_the_highest_level_has_no_severity_without_a_prior() -> None:
    random = np.random.default_rng(0)
    levels = np.hstack([random.integers(0, 2, (60, 3)), np.ones((60, 1), dtype=np.int64)])
    ratings = matrix_ratings(levels, scale=2)

    free = measured(measure(ratings, NO_PRIOR, minimum=1))
    held = measured(measure(ratings, BOTH_PRIORS, minimum=1))

    assert free.scorers[3] == NotEnoughData(Shortage.TOO_FEW, 0, 1)
    assert scorer(held, 3).severity.value == min(severities(held))


def test_one_scorer_left_after_the_extreme_ones_is_not_enough() -> None:
    levels = np.array([[0, 1], [1, 1], [0, 1], [1, 1]])

    found = measure(matrix_ratings(levels, scale=2), Prior(artifact_sd=1.0), minimum=1)

    assert found == NotEnoughData(Shortage.TOO_FEW_RATERS, 1, 2)


def test_artifacts_with_only_highest_levels_are_not_measured_without_a_prior() -> None:
    levels = np.array([[1, 1, 1], [0, 1, 0], [1, 0, 0], [0, 0, 1], [1, 1, 0]])

    found = measured(measure(matrix_ratings(levels, scale=2), NO_PRIOR, minimum=1))

    assert found.measured.tolist() == [False, True, True, True, True]


def test_levels_that_order_artifacts_and_scorers_perfectly_have_no_finite_measures() -> None:
    # Scorers 0 and 1 pass everything that 2 and 3 fail, and never the other way round.
    levels = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [1, 1, 1, 0], [1, 1, 0, 1]])

    found = measure(matrix_ratings(levels, scale=2), NO_PRIOR, minimum=1)

    assert isinstance(found, NotEnoughData)
    assert found.shortage is Shortage.NOT_CONVERGED


def test_what_a_severe_scorer_costs_in_levels() -> None:
    ratings = replace(matrix_ratings(np.array([[1, 1, 1]]), scale=2))
    at = Locations(
        artifact=np.zeros(1),
        scorer=np.array([-log(3), 0.0, log(3)]),
        criterion=np.zeros(1),
        steps=np.zeros((1, 1)),
    )

    assert severity_in_levels(ratings, at) == pytest.approx(np.array([-0.25, 0, 0.25]))


def test_expected_levels_follow_the_model() -> None:
    ratings = matrix_ratings(np.array([[2]]), scale=3)
    at = Locations(
        artifact=np.array([1.0]), scorer=np.array([0.5]), criterion=np.zeros(1), steps=np.array([[-1.0, 1.0]])
    )

    expected, variance = expected_levels(ratings, at)

    chances = np.array([1, exp(0.5 + 1), exp(2 * 0.5)])
    chances /= chances.sum()
    assert expected[0] == pytest.approx(chances @ [0, 1, 2])
    assert variance[0] == pytest.approx(chances @ [0, 1, 4] - expected[0] ** 2)


@pytest.mark.parametrize(
    "change",
    [{"scorers": 2}, {"levels": 3}, {"artifacts": 3}, {"level": np.array([0])}, {"level": np.full(32, -1)}],
)
def test_ratings_that_contradict_themselves_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidDataError):
        replace(three_facets(), **change)


@settings(max_examples=40, deadline=None)
@given(arrays(np.int64, (6, 4), elements=st.integers(-1, 2)), st.sampled_from([NO_PRIOR, BOTH_PRIORS]))
def test_every_measure_is_a_finite_number_or_says_why_not(levels: IntArray, prior: Prior) -> None:
    found = measure(matrix_ratings(levels, scale=3), prior, minimum=1)

    if isinstance(found, Measures):
        for number, each in enumerate(found.scorers):
            if isinstance(each, ScorerMeasure):
                assert np.isfinite([scorer(found, number).infit, each.outfit, each.model_error]).all()


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(3)))
def test_the_order_of_the_scorers_does_not_matter(order: list[int]) -> None:
    ratings = three_facets()
    shuffled = replace(ratings, scorer=np.array(order)[ratings.scorer])

    before = severities(measured(measure(ratings, BOTH_PRIORS, minimum=1, tolerance=1e-8)))
    after = severities(measured(measure(shuffled, BOTH_PRIORS, minimum=1, tolerance=1e-8)))

    assert [after[place] for place in order] == pytest.approx(before, abs=1e-6)
