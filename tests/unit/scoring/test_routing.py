"""Who may read an artifact, and which of them does."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.scoring.scoring_examples import STUDENT, teacher

from scoring.domain import choose_scorer

ROLES = ("teacher",)


def test_chooses_somebody_of_another_school_who_does_not_teach_the_student() -> None:
    staff = [
        teacher("t-east", "east"),
        teacher("t-both", "west", "east"),
        teacher("t-own", "west"),
        teacher("t-left", "west", active=False),
        teacher("t-office", "west", role="principal"),
        teacher("t-west", "west"),
    ]

    assert choose_scorer("a-1", STUDENT, staff, roles=ROLES) == "t-west"


def test_chooses_nobody_when_nobody_may() -> None:
    assert choose_scorer("a-1", STUDENT, [teacher("t-east", "east")], roles=ROLES) is None
    assert choose_scorer("a-1", STUDENT, [], roles=ROLES) is None


def test_keeps_away_from_further_schools() -> None:
    staff = [teacher("t-west", "west"), teacher("t-north", "north")]

    assert choose_scorer("a-1", STUDENT, staff, roles=ROLES, away_from=["west"]) == "t-north"


def test_nobody_reads_for_a_student_who_has_left() -> None:
    left = replace(STUDENT, enrolled=False)

    assert choose_scorer("a-1", left, [teacher("t-west", "west")], roles=ROLES) is None


@given(st.permutations([f"t-{number}" for number in range(8)]))
def test_the_order_of_the_staff_does_not_matter(order: list[str]) -> None:
    chosen = choose_scorer("a-1", STUDENT, [teacher(each, "west") for each in order], roles=ROLES)

    assert chosen == choose_scorer(
        "a-1", STUDENT, [teacher(f"t-{number}", "west") for number in range(8)], roles=ROLES
    )


def test_one_who_leaves_changes_no_other_choice() -> None:
    staff = [teacher(f"t-{number}", "west") for number in range(20)]
    fewer = staff[1:]
    artifacts = [f"a-{number}" for number in range(200)]

    before = {each: choose_scorer(each, STUDENT, staff, roles=ROLES) for each in artifacts}
    after = {each: choose_scorer(each, STUDENT, fewer, roles=ROLES) for each in artifacts}

    moved = {each for each in artifacts if before[each] != after[each]}
    assert moved == {each for each in artifacts if before[each] == "t-0"}


def test_spreads_the_work() -> None:
    staff = [teacher(f"t-{number}", "west") for number in range(10)]

    share = Counter(choose_scorer(f"a-{n}", STUDENT, staff, roles=ROLES) for n in range(2000))

    # 200 each on average; five standard deviations of a binomial (2000, 1/10) are 67.
    assert set(share) == {f"t-{number}" for number in range(10)}
    assert min(share.values()) > 133
    assert max(share.values()) < 267
