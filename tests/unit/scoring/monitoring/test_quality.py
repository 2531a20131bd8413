"""What reads say of scorers, schools, rubrics, criteria and weeks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from tests.unit.scoring.monitoring.monitoring_examples import (
    DAY,
    SCHOOL_DAYS,
    THRESHOLDS,
    artifact,
    read,
    season,
    seed,
    unscorable,
)

from scoring.domain.monitoring.columns import Season
from scoring.domain.monitoring.facts import TaskFacts
from scoring.domain.monitoring.quality import quality_rows
from scoring.domain.monitoring.rows import Figure, Kind, Measure, QualityRow, flags_of, too_few
from scoring.domain.monitoring.rules import Thresholds
from scoring.domain.monitoring.severity import severities
from scoring.domain.statistics.estimates import IntArray


def rows(
    found: Season, rule: Thresholds = THRESHOLDS, groups: dict[str, IntArray] | None = None
) -> dict[tuple[Kind, str], QualityRow]:
    """Return the rows of a season by kind and subject."""
    made = quality_rows(found, severities(found, rule), SCHOOL_DAYS, groups or {}, rule)
    return {(each.kind, each.subject): each for each in made}


def doubles(count: int, mine: int, theirs: int, *, first: int = 0) -> Iterator[TaskFacts]:
    """Yield artifacts that ann and then bob read."""
    for place in range(first, first + count):
        yield artifact(f"a-{place}", read("ann", mine, mine), read("bob", theirs, theirs, after=2 * DAY))


def test_agreement_is_counted_for_both_scorers_and_said_of_the_second_against_the_first() -> None:
    found = rows(season(*doubles(3, 2, 2), *doubles(3, 3, 4, first=3)))

    for subject in ("ann", "bob"):
        row = found[Kind.SCORER, subject]
        assert (row.reads, row.pairs) == (6, 6)
        assert row.figures[Measure.EXACT].value == 0.5
        assert row.figures[Measure.ADJACENT].value == 1.0
    ann, bob = (found[Kind.SCORER, each].figures[Measure.SMD].value for each in ("ann", "bob"))
    assert ann is not None
    assert bob is not None
    assert ann == -bob < 0
    assert Measure.SMD in found[Kind.SCORER, "bob"].flags
    assert found[Kind.DISTRICT, ""].pairs == found[Kind.SCHOOL, "east"].pairs == 6


def test_too_few_pairs_are_said_to_be_too_few_and_flag_nothing() -> None:
    found = rows(season(*doubles(3, 1, 4)))

    row = found[Kind.SCORER, "ann"]
    assert row.figures[Measure.EXACT] == too_few(3, 4)
    assert row.figures[Measure.READING_HOURS] == too_few(3, 4)
    assert row.flags == ()


def test_criteria_of_one_pair_are_not_counted_as_pairs() -> None:
    """Two criteria of three pairs are six comparisons, and still three pairs."""
    assert rows(season(*doubles(3, 1, 1)))[Kind.DISTRICT, ""].pairs == 3


def test_each_criterion_has_its_own_agreement() -> None:
    tasks = (artifact(f"a-{n}", read("ann", 2, 1), read("bob", 2, 4, after=2 * DAY)) for n in range(4))

    found = rows(season(*tasks))

    exact = [found[Kind.CRITERION, f"communicator-k-5/c-{n}"].figures[Measure.EXACT].value for n in (0, 1)]
    assert exact == [1.0, 0.0]
    assert Measure.ADJACENT in found[Kind.CRITERION, "communicator-k-5/c-1"].flags


def test_a_rubric_with_fewer_criteria_has_no_row_for_those_of_another() -> None:
    found = rows(season(artifact("a-1", read("ann", 1, 4)), artifact("a-2", read("ann", 2), rubric_id="s")))

    assert {subject for kind, subject in found if kind is Kind.CRITERION} == {
        "communicator-k-5/c-0",
        "communicator-k-5/c-1",
        "s/c-0",
    }


def test_seeds_count_for_their_scorer_and_tell_drift() -> None:
    tasks = [seed(f"p-{n}", read("ann", 2 + n % 2, 3)) for n in range(12)]
    settled = {f"p-{n}": {"c-0": 1 + n % 2, "c-1": 2} for n in range(12)}

    found = rows(season(*tasks, settled=settled))

    row = found[Kind.SCORER, "ann"]
    assert row.pairs == 12
    assert row.figures[Measure.DRIFT].value == 1.0
    assert row.figures[Measure.DRIFT].chance == pytest.approx(2.0**-23, abs=1e-4)
    assert Measure.DRIFT in row.flags
    assert found[Kind.DISTRICT, ""].pairs == 0
    assert (Kind.SCHOOL, "east") not in found


def test_drift_that_wavers_has_an_interval() -> None:
    tasks = [seed(f"p-{n}", read("ann", 2, 3)) for n in range(12)]
    settled = {f"p-{n}": {"c-0": 1 + n % 3, "c-1": 3} for n in range(12)}

    figure = rows(season(*tasks, settled=settled))[Kind.SCORER, "ann"].figures[Measure.DRIFT]

    assert figure.value == 0.0
    assert figure.low is not None
    assert figure.low < 0


def test_a_seed_without_settled_levels_is_no_pair() -> None:
    found = rows(season(*(seed(f"p-{n}", read("ann", 2, 3)) for n in range(5))))

    assert found[Kind.SCORER, "ann"].pairs == 0


def _severe_season() -> Season:
    """Thirty artifacts, each read by three of four; dora gives a level less than the others."""
    chance = np.random.default_rng(7)
    tasks = []
    for number in range(60):
        truth = chance.integers(1, 5)
        readers = [*chance.permutation(["ann", "bob", "cleo"])[:2], "dora"]
        reads = []
        for place, scorer in enumerate(readers):
            shift = -1 if scorer == "dora" else 0
            levels = np.clip(truth + shift + chance.integers(-1, 2, 2), 1, 4).tolist()
            reads.append(read(str(scorer), *levels, after=(1 + place) * DAY))
        tasks.append(artifact(f"a-{number}", *reads, school_id="east" if number % 2 else "west"))
    return season(*tasks)


def test_a_severe_scorer_is_flagged_and_the_schools_owe_them_levels() -> None:
    found = rows(_severe_season())

    dora = found[Kind.SCORER, "dora"]
    severity = dora.figures[Measure.SEVERITY]
    assert severity.value is not None
    assert severity.low is not None
    assert severity.value > severity.low > 0.5
    assert Measure.SEVERITY in dora.flags
    assert Measure.SEVERITY not in found[Kind.SCORER, "ann"].flags
    infit = dora.figures[Measure.INFIT].value
    assert infit is not None
    assert 0.5 < infit < 1.5
    for school in ("east", "west"):
        owed = found[Kind.SCHOOL, school].figures[Measure.SEVERITY_IN_LEVELS].value
        assert owed is not None
        assert 0 < owed < 1


def test_severities_of_too_few_ratings_are_said_to_be_so() -> None:
    found = severities(_severe_season(), replace(THRESHOLDS, reads_least=1000))

    assert {each.shortage for each in found.severity} == {"too_few"}
    assert {each.shortage for each in found.infit} == {"too_few"}
    assert found.separation is None
    assert found.subsets == 1


def test_one_scorer_alone_has_no_severity_and_schools_owe_nothing_that_is_known() -> None:
    found = rows(season(*(artifact(f"a-{n}", read("ann", 2, 3)) for n in range(5))))

    assert found[Kind.SCORER, "ann"].figures[Measure.SEVERITY].shortage == "too_few_raters"
    assert found[Kind.SCHOOL, "east"].figures[Measure.SEVERITY_IN_LEVELS].shortage == "too_few"


def test_the_share_of_what_was_found_unscorable_counts_openings() -> None:
    tasks = [artifact(f"a-{n}", read("ann", 2, 3)) for n in range(3)]
    blank = artifact("a-9", unscorable=[unscorable("ann"), unscorable("zoe")])

    found = rows(season(*tasks, blank))

    assert found[Kind.SCORER, "ann"].figures[Measure.UNSCORABLE] == Figure(count=4, value=0.25)
    assert found[Kind.DISTRICT, ""].figures[Measure.UNSCORABLE] == Figure(count=5, value=0.4)


def test_turnaround_counts_the_school_days_to_the_first_read() -> None:
    tasks = [
        artifact(f"a-{n}", read("ann", 2, 3, after=days * DAY), read("bob", 2, 3, after=9 * DAY))
        for n, days in enumerate((1, 1, 2, 7))
    ]

    figures = rows(season(*tasks))[Kind.SCHOOL, "east"].figures

    assert figures[Measure.TURNAROUND_DAYS].value == 1.0
    assert figures[Measure.TURNAROUND_DAYS_P95].value == 5.0


def test_each_week_has_a_row() -> None:
    found = rows(season(artifact("a-1", read("ann", 1, 1), read("bob", 1, 1, after=7 * DAY))))

    assert {subject for kind, subject in found if kind is Kind.WEEK} == {"2026-11-16", "2026-11-23"}


def _unlike(member: bool) -> tuple[int, int]:
    return (1, 3) if member else (3, 1)


def test_a_scorer_who_reads_one_group_otherwise_than_others_do_is_flagged_with_the_group() -> None:
    tasks = []
    for number in range(24):
        mine, theirs = _unlike(number % 2 == 0)
        tasks.append(
            artifact(
                f"a-{number}",
                read("ann", mine, mine + number % 2),
                read("bob", theirs, theirs, after=2 * DAY),
            )
        )
    evens = (np.arange(24) % 2 == 0).astype(np.int64)

    found = rows(
        season(*tasks),
        groups={"home_language.other": evens, "few": np.zeros(24, dtype=np.int64), "odd": 1 - evens},
    )

    figure = found[Kind.SCORER, "ann"].figures[Measure.DSM]
    assert figure.group == "home_language.other"
    assert figure.value is not None
    assert figure.value < -0.1
    assert Measure.DSM in found[Kind.SCORER, "ann"].flags


def test_groups_that_are_everybody_or_few_tell_no_difference() -> None:
    everybody = {"all": np.ones(6, dtype=np.int64)}

    found = rows(season(*doubles(3, 2, 3), *doubles(3, 3, 4, first=3)), groups=everybody)

    assert found[Kind.SCORER, "ann"].figures[Measure.DSM] == too_few(0, 4)


def test_levels_that_never_vary_tell_no_difference() -> None:
    half = {"half": np.array([1, 1, 1, 1, 0, 0, 0, 0], dtype=np.int64)}

    found = rows(season(*doubles(8, 2, 3)), groups=half)

    assert found[Kind.SCORER, "ann"].figures[Measure.DSM].shortage == "no_variation"


def test_a_season_without_reads_has_no_rows() -> None:
    assert rows(season()) == {}


@pytest.mark.parametrize(
    ("measure", "figure", "is_flagged"),
    [
        (Measure.EXACT, Figure(count=40, value=0.49), True),
        (Measure.EXACT, Figure(count=40, value=0.5), False),
        (Measure.ADJACENT, Figure(count=40, value=0.94), True),
        (Measure.KAPPA, Figure(count=40, value=0.69), True),
        (Measure.SMD, Figure(count=40, value=-0.16), True),
        (Measure.SMD, Figure(count=40, value=0.15), False),
        (Measure.DSM, Figure(count=40, value=0.11), True),
        (Measure.INFIT, Figure(count=40, value=0.4), True),
        (Measure.INFIT, Figure(count=40, value=1.6), True),
        (Measure.INFIT, Figure(count=40, value=1.0), False),
        (Measure.SEVERITY, Figure(count=40, value=0.6, standard_error=0.2), True),
        (Measure.SEVERITY, Figure(count=40, value=0.6, standard_error=0.4), False),
        (Measure.SEVERITY, Figure(count=40, value=0.4, standard_error=0.1), False),
        (Measure.DRIFT, Figure(count=40, value=-0.2, chance=0.001), True),
        (Measure.DRIFT, Figure(count=40, value=-0.2, chance=0.2), False),
        (Measure.DRIFT, Figure(count=40, value=-0.2), False),
        (Measure.UNSCORABLE, Figure(count=40, value=0.9), False),
        (Measure.EXACT, too_few(3, 30), False),
    ],
)
def test_a_figure_is_flagged_outside_its_threshold(
    measure: Measure, figure: Figure, is_flagged: bool
) -> None:
    assert flags_of({measure: figure}, THRESHOLDS) == ((measure,) if is_flagged else ())
