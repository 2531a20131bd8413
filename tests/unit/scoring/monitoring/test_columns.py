"""How a season's tasks become columns."""

from __future__ import annotations

import numpy as np
from tests.unit.scoring.monitoring.monitoring_examples import (
    CALENDAR,
    DAY,
    HOUR,
    MONDAY,
    artifact,
    read,
    season,
    seed,
    unscorable,
)

from scoring.domain.monitoring.columns import Names, lay_out
from scoring.domain.monitoring.school_days import SchoolDays


def test_each_read_is_a_row_with_numbers_for_names() -> None:
    found = season(
        artifact("a-1", read("ann", 1, 4), read("bob", 2, 4, after=8 * DAY)),
        artifact("a-2", read("bob", 3, 3), school_id="west", student_id="s-2"),
    )

    assert found.scorers == ["ann", "bob"]
    assert found.schools == ["east", "west"]
    assert found.criteria == [["c-0", "c-1"]]
    assert found.weeks == ["2026-11-16", "2026-11-23"]
    assert found.reads.scorer.tolist() == [0, 1, 1]
    assert found.reads.levels.tolist() == [[0, 3], [1, 3], [2, 2]]
    assert found.reads.first.tolist() == [True, False, True]
    assert found.reads.week.tolist() == [0, 1, 0]
    assert found.reads.hours.tolist() == [1, 1, 1]


def test_criteria_are_told_apart_by_name_and_not_by_place() -> None:
    found = season(
        artifact("a-1", read("ann", 1, 4)), artifact("a-2", read("ann", 4, 1, criteria=["c-1", "c-0"]))
    )

    assert found.reads.levels.tolist() == [[0, 3], [0, 3]]


def test_a_rubric_with_fewer_criteria_leaves_the_others_empty() -> None:
    found = season(artifact("a-1", read("ann", 1, 4)), artifact("a-2", read("ann", 2), rubric_id="short"))

    assert found.reads.levels.tolist() == [[0, 3], [1, -1]]
    assert found.reads.rubric.tolist() == [0, 1]


def test_a_seed_has_its_settled_levels_and_no_school() -> None:
    found = season(
        seed("p-1", read("ann", 2, 3)), settled={"p-1": {"c-0": 3, "c-1": 3, "gone": 1}, "p-2": {"c-0": 1}}
    )

    assert found.reads.settled.tolist() == [[2, 2]]
    assert found.reads.school.tolist() == [-1]
    assert found.artifacts.student.tolist() == [-1]
    assert not found.reads.first.any()


def test_a_seed_that_is_an_artifact_too_is_one_artifact_whatever_comes_first() -> None:
    paper, own = seed("a-1", read("ann", 2, 3)), artifact("a-1", read("bob", 2, 3), level=2.5)

    for found in (season(paper, own), season(own, paper)):
        assert len(found.artifacts) == 1
        assert found.artifacts.student.tolist() == [0]
        assert found.artifacts.level.tolist() == [2.5]


def test_a_read_outside_the_scale_is_left_out_and_counted() -> None:
    found = season(artifact("a-1", read("ann", 5, 1), read("bob", 4, 1)))

    assert (found.left_out, len(found.reads)) == (1, 1)
    assert not found.reads.first.any()


def test_what_is_older_than_the_window_is_left_out() -> None:
    old = artifact("a-1", read("ann", 1, 1, after=-2 * DAY), unscorable=[unscorable("ann", -2 * DAY)])
    new = artifact("a-2", unscorable=[unscorable("bob")])

    found = lay_out([old, new], {}, since=MONDAY - DAY, lowest=1, highest=4)

    assert len(found.reads) == 0
    assert found.unscorable.week.tolist() == [0]
    assert found.scorers == ["bob"]
    assert len(found.artifacts) == 2


def test_a_season_may_be_empty() -> None:
    found = season()

    assert (len(found.reads), len(found.artifacts), found.weeks) == (0, 0, [])


def test_names_are_found_only_once_they_are_numbered() -> None:
    names = Names()
    names.number("ann")

    assert (names.find("ann"), names.find("bob"), len(names)) == (0, None, 1)


def test_school_days_leave_out_weekends_and_holidays() -> None:
    days = SchoolDays(CALENDAR, first_s=MONDAY.timestamp(), last_s=(MONDAY + 14 * DAY).timestamp())
    start = MONDAY.timestamp()

    def after(*ends: object) -> list[float]:
        seconds = np.array([(MONDAY + each).timestamp() for each in ends])  # type: ignore[operator]
        passed: list[float] = days.between(np.full(len(seconds), start), seconds).round(3).tolist()
        return passed

    # Friday, Saturday, the next Monday, and the Friday of that week, whose Thursday is closed.
    assert after(4 * DAY, 5 * DAY + 12 * HOUR, 7 * DAY, 11 * DAY) == [4.0, 4.833, 5.0, 8.0]


def test_a_moment_that_is_not_there_has_no_school_days() -> None:
    days = SchoolDays(CALENDAR, first_s=MONDAY.timestamp(), last_s=MONDAY.timestamp())

    assert np.isnan(days.between(np.array([MONDAY.timestamp()]), np.array([np.nan]))).all()
