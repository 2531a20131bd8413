"""Schools by groups of students: what is counted, what is hidden, and what a gap is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.scoring.monitoring.monitoring_examples import (
    EQUITY,
    GRADES,
    LANGUAGES,
    SCHOOL_DAYS,
    artifact,
    read,
    season,
    students,
)

from scoring.domain.fairness.cells import enrol, works_of
from scoring.domain.fairness.equity import equity_rows, student_groups
from scoring.domain.fairness.rows import Disparity, EquityRow, Share
from scoring.domain.fairness.rules import UNKNOWN, EquityRule
from scoring.domain.monitoring.facts import StudentFacts, TaskFacts

Cells = dict[tuple[str, str, str], EquityRow]


def works(roster: Sequence[StudentFacts], levels: Sequence[float | None]) -> list[TaskFacts]:
    """Give each student in turn an artifact with a level, or none."""
    return [
        artifact(
            f"a-{student.student_id}-{place}",
            student_id=student.student_id,
            school_id=student.school_id,
            grade=student.grade or "5",
            level=levels[place % len(levels)],
        )
        for place, student in enumerate(roster)
        if levels[place % len(levels)] is not None
    ]


def cells(
    roster: Sequence[StudentFacts],
    tasks: Sequence[TaskFacts],
    rule: EquityRule = EQUITY,
) -> tuple[Cells, list[Disparity]]:
    """Return the cells by grouping, school and group, and the disparities."""
    found = season(*tasks)
    pupils = enrol(list(roster), found.students)
    in_levels = np.full(len(found.reads), np.nan)
    made = works_of(found, pupils, in_levels, SCHOOL_DAYS, minimum=rule.students_least)
    answers = list(equity_rows(pupils, made, found.skills, rule, scale=(1, 4)))
    rows = [row for part, _ in answers for row in part]
    return (
        {(row.grouping_id, row.school_id, row.group_id): row for row in rows},
        [each for _, each in answers],
    )


@pytest.mark.parametrize(
    ("grade", "language", "groups"),
    [
        ("4", "en", ("K-5", "english")),
        ("8", "en-US", ("6-8", "english")),
        ("12", "ES", (UNKNOWN, "other")),
        (None, None, (UNKNOWN, UNKNOWN)),
        ("5", "", ("K-5", UNKNOWN)),
    ],
)
def test_everybody_is_in_the_first_group_that_fits(
    grade: str | None, language: str | None, groups: tuple[str, str]
) -> None:
    assert (GRADES.group_of(grade, language), LANGUAGES.group_of(grade, language)) == groups


def test_a_cell_says_who_is_enrolled_and_who_has_a_released_artifact() -> None:
    roster = [*students(40, "east", "5"), *students(40, "east", "6"), *students(40, "west", "5")]
    found, _ = cells(roster, works(roster, (3.0, None)))

    cell = found["grade_band", "east", "K-5"].published
    assert cell.students == 40
    assert cell.with_artifact == Share(low=0.5, high=0.5)
    assert cell.turnaround_days == 3.0
    assert found["grade_band", "all", "all"].published.students == 120
    assert found["grade_band", "east", "all"].internal.artifacts == 40
    # The school has no such grade, which is no secret, and no row.
    assert ("grade_band", "west", "6-8") not in found


def test_small_cells_and_others_that_would_tell_them_are_hidden() -> None:
    roster = [
        *students(40, "east", "5", "en"),
        *students(4, "east", "5", "es"),
        *students(40, "west", "5", "en"),
        *students(30, "west", "5", "es"),
        *students(40, "north", "5", "en"),
        *students(35, "north", "5", "es"),
    ]
    found, _ = cells(roster, works(roster, (3.0, None)))

    small = found["home_language", "east", "other"]
    assert small.published.students is None
    assert small.published.with_artifact is None
    assert small.internal.few == tuple(f"east-5-es-{place}" for place in range(4))
    hidden = {key for key, row in found.items() if row.published.students is None}
    in_row = [key for key in hidden if key[:2] == ("home_language", "east")]
    in_column = [key for key in hidden if key[0] == "home_language" and key[2] == "other"]
    assert min(len(in_row), len(in_column)) > 1


def test_a_schools_total_is_hidden_in_every_grouping_or_in_none() -> None:
    roster = [*students(6, "tiny", "5"), *students(60, "east", "5"), *students(60, "east", "7", "es")]
    found, _ = cells(roster, works(roster, (3.0, None)))

    for school in ("tiny", "east", "all"):
        said = {found[each, school, "all"].published.students for each in ("grade_band", "home_language")}
        assert len(said) == 1
    assert found["grade_band", "tiny", "all"].published.students is None


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 40), min_size=4, max_size=4), min_size=1, max_size=4).filter(
        lambda counts: any(map(any, counts))
    )
)
def test_no_subtraction_of_published_totals_tells_a_small_cell(counts: list[list[int]]) -> None:
    """Of each row and column with its total, never is all published but one small cell."""
    groups = [("5", "en"), ("5", "es"), ("7", "en"), ("7", "es")]
    roster = [
        student
        for school, row in enumerate(counts)
        for count, (grade, language) in zip(row, groups, strict=True)
        for student in students(count, f"school-{school}", grade, language)
    ]
    found, _ = cells(roster, [artifact("a-1", student_id="nobody", level=3.0)])

    for grouping in ("grade_band", "home_language"):
        rows = {key[1] for key in found if key[0] == grouping}
        columns = {key[2] for key in found if key[0] == grouping}
        keys = [[(grouping, row, column) for column in columns] for row in rows]
        keys += [[(grouping, row, column) for row in rows] for column in columns]
        lines = [[found[key] for key in line if key in found] for line in keys]
        for line in lines:
            hidden = [each for each in line if each.published.students is None]
            assert len(hidden) != 1 or hidden[0].internal.students >= 10
            assert all(each.internal.students >= 10 for each in line if each.published.students is not None)


def test_a_share_near_all_is_said_to_be_so_and_what_would_tell_it_is_not_said() -> None:
    roster = students(100, "east", "5")
    found, _ = cells(roster, works(roster, (3.0,)))

    cell = found["grade_band", "east", "all"].published
    assert cell.with_artifact == Share(low=0.95, high=1.0)
    assert (cell.levels, cell.gap, cell.risk_ratio, cell.turnaround_days) == (None, None, None, None)


def test_a_cell_with_artifacts_of_few_says_no_more_than_that() -> None:
    roster = students(100, "east", "5")
    found, _ = cells(roster, works(roster, (3.0, *[None] * 12)))

    cell = found["grade_band", "east", "all"].published
    assert cell.with_artifact == Share(low=0.08, high=0.08)
    assert cell.levels is None


def test_levels_are_published_where_none_is_few_and_else_by_the_cut() -> None:
    roster = students(200, "east", "5")
    many, _ = cells(roster, works(roster, (1.0, 2.0, 3.0, 4.0, None)))
    few, _ = cells(roster, works(roster, (2.0, 3.0, 3.0, None)))

    all_four = many["grade_band", "east", "K-5"].published.levels
    assert all_four == {str(level): Share(low=0.25, high=0.25) for level in (1, 2, 3, 4)}
    assert few["grade_band", "east", "K-5"].published.levels == {
        "below_cut": Share(low=0.3333, high=0.3333),
        "at_cut": Share(low=0.6667, high=0.6667),
    }
    assert few["grade_band", "east", "K-5"].internal.levels == {"1": 0, "2": 50, "3": 100, "4": 0}


def test_a_gap_is_the_sum_of_its_four_parts() -> None:
    roster = [*students(60, "east", "5"), *students(60, "west", "5")]
    tasks = works(roster[:60], (2.0, 1.0, None, None)) + works(roster[60:], (4.0, 3.0, 3.0, None))
    found, _ = cells(roster, tasks)

    gap = found["grade_band", "east", "K-5"].published.gap
    assert gap is not None
    parts = gap.participation + gap.task_ceiling + gap.scorer_severity + gap.performance
    assert parts == pytest.approx(gap.total, abs=1e-3)
    assert gap.total < 0
    assert gap.participation < 0
    assert gap.scorer_severity == 0


def test_a_scale_of_which_nothing_is_reached_has_no_gap() -> None:
    roster = students(60, "east", "5")
    found, _ = cells(roster, works(roster, (1.0, None)))

    assert found["grade_band", "east", "K-5"].published.gap is None


def test_the_ceiling_of_few_artifacts_is_the_districts() -> None:
    roster = [*students(60, "east", "5"), *students(40, "west", "5")]
    tasks = works(roster[:60], (4.0, None)) + works(roster[60:], (1.0, None, None, None, None))
    found, _ = cells(roster, tasks, replace(EQUITY, students_least=8))

    own, few = (found["grade_band", school, "K-5"].published.ceiling for school in ("east", "west"))
    assert own == 4.0
    assert few == 1.0
    fewer, _ = cells(roster, tasks)
    assert fewer["grade_band", "west", "K-5"].published.ceiling is None


def test_the_ceiling_is_the_tasks_own_where_enough_artifacts_say_which_one_they_answer() -> None:
    roster = [*students(60, "east", "5"), *students(60, "west", "5")]
    tasks = works(roster[:60], (2.0, None)) + works(roster[60:], (4.0, None))
    said = [
        each._replace(assignment_id="poster" if place < 45 else f"own-{place}")
        for place, each in enumerate(tasks)
    ]
    assert [each.mean_level for each in said[30:45]] == [4.0] * 15

    found, _ = cells(roster, said)

    # Fifteen of the forty-five posters have reached level 4, so that much was possible in the east as well.
    assert found["grade_band", "east", "K-5"].published.ceiling == 4.0
    unsaid, _ = cells(roster, tasks)
    assert unsaid["grade_band", "east", "K-5"].published.ceiling == 2.0


def test_risks_and_differences_compare_with_everybody_else() -> None:
    roster = [*students(100, "east", "5"), *students(100, "west", "5")]
    tasks = works(roster[:100], (1.0, 2.0, None, None)) + works(roster[100:], (3.0, 4.0, 3.0, None))
    found, _ = cells(roster, tasks)

    cell = found["grade_band", "east", "K-5"].published
    assert cell.risk_ratio is not None
    assert cell.risk_ratio.value == 2.0
    assert cell.hedges_g is not None
    assert cell.hedges_g.value is not None
    assert cell.hedges_g.value < -2
    whole = found["grade_band", "all", "all"].published
    assert whole.risk_ratio is not None
    assert whole.risk_ratio.shortage == "too_few"


def test_groups_and_schools_that_are_unequal_have_an_index() -> None:
    roster = [*students(100, "east", "5"), *students(100, "west", "7")]
    tasks = works(roster[:100], (3.0, None)) + works(roster[100:], (3.0, None, None, None))
    _, disparities = cells(roster, tasks)

    by_grade = next(each for each in disparities if each.grouping_id == "grade_band")
    assert by_grade.index.value == pytest.approx(100 / 3, abs=0.01)
    assert by_grade.gini.value is not None
    assert by_grade.gini.value > 0


def test_a_district_without_students_has_only_hidden_totals() -> None:
    found, disparities = cells([], [artifact("a-1", level=3.0)])

    assert {row.published.students for row in found.values()} == {None}
    assert all(each.index.shortage == "too_few" for each in disparities)


def test_the_severity_of_its_readers_is_part_of_a_schools_gap() -> None:
    roster = [*students(60, "east", "5"), *students(60, "west", "5")]
    tasks = works(roster, (2.0, 3.0, None))
    read_tasks = [
        task._replace(reads=[read("ann" if task.school_id == "east" else "bob", 2)]) for task in tasks
    ]
    found = season(*read_tasks)
    pupils = enrol(roster, found.students)
    in_levels = np.where(found.reads.school == 0, 0.5, 0.0)
    made = works_of(found, pupils, in_levels, SCHOOL_DAYS, minimum=10)
    rows = [row for part, _ in equity_rows(pupils, made, found.skills, EQUITY, scale=(1, 4)) for row in part]
    gaps = {row.school_id: row.published.gap for row in rows if row.group_id == "K-5"}

    assert gaps["east"] is not None
    assert gaps["east"].scorer_severity < 0


def test_artifacts_are_marked_by_the_groups_of_their_students() -> None:
    roster = [*students(1, "east", "5", "en"), *students(1, "east", "7", "es")]
    found = season(*works(roster, (3.0,)), artifact("a-9", student_id="left"))
    groups = student_groups(enrol(roster, found.students), found.artifacts.student, [GRADES, LANGUAGES])

    assert {name: marks.tolist() for name, marks in groups.items()} == {
        "grade_band.K-5": [1, 0, 0],
        "grade_band.6-8": [0, 1, 0],
        "home_language.english": [1, 0, 0],
        "home_language.other": [0, 1, 0],
    }


def test_students_of_whom_the_roster_says_nothing_are_a_group_of_their_own() -> None:
    roster = [*students(20, "east", None, None), *students(60, "east", "5")]
    found, _ = cells(roster, works(roster, (3.0, None)))

    assert found["grade_band", "east", UNKNOWN].published.students == 20


def test_a_grade_that_a_school_does_not_have_hides_nothing() -> None:
    roster = [*students(60, "elementary", "5"), *students(60, "middle", "7"), *students(60, "both", "5")]
    found, _ = cells([*roster, *students(60, "both", "6")], works(roster, (3.0, None)))

    by_grade = [row for key, row in found.items() if key[0] == "grade_band"]
    assert all(row.published.students == row.internal.students for row in by_grade)
