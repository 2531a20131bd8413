"""Scores, roster, exceptions and a new rule, in any order and however often: the outcome is the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.unit.defenses.defenses_examples import NOW, RULE
from tests.unit.defenses.readiness_examples import STRICTER, Office, Rules, exception

from defenses.domain.readiness import REDUCED_COUNTS, OpportunitySeason, Recency
from defenses.use_cases import readiness

LATER = NOW + timedelta(days=40)
FIRST = replace(
    RULE,
    recency=Recency(artifacts=1, months=12),
    opportunity=OpportunitySeason(first=(1, 1), last=(12, 31)),
)
SECOND = replace(FIRST, version="2", mean_at_least=STRICTER.mean_at_least, min_artifacts=3)

Step = Callable[[Office], Any]
#: What is told before the second rule is in force, and what after it.
BEFORE: tuple[Step, ...] = (
    lambda office: office.enroll(version=1),
    lambda office: office.score("collaborator", 0, version=2),
    lambda office: office.score("collaborator", 1, level=2.0, version=2),
    lambda office: office.score("innovator", 0, version=2),
    lambda office: office.score("innovator", 1, level=1.0, version=2),
    lambda office: office.score("innovator", 1, version=3),
)
AFTER: tuple[Step, ...] = (
    lambda office: office.score("collaborator", 0, level=1.0, version=3, now=LATER),
    lambda office: office.score("collaborator", 0, level=4.0, version=4, now=LATER),
    lambda office: office.score("collaborator", 2, level=4.0, version=2, now=LATER),
    lambda office: office.score("innovator", 1, level=1.0, version=4, now=LATER),
    lambda office: office.score("innovator", 1, level=3.0, version=5, now=LATER),
    lambda office: office.enroll(version=2, school_id="west", now=LATER),
    lambda office: office.withdraw(version=3),
    lambda office: office.enroll(version=4, school_id="west", now=LATER),
    lambda office: _grant(office, "few", kind=REDUCED_COUNTS, min_artifacts=1),
    lambda office: _grant(office, "waiver", ends_on=LATER.date()),
    lambda office: office.revoke("transfer", now=LATER),
)


def _grant(office: Office, exception_id: str, **changes: Any) -> None:
    granted = exception(exception_id, **{"ends_on": (LATER + timedelta(days=1)).date(), **changes})
    readiness.grant_exception("s-1", granted, candidates=office.candidates, rules=office.rules, now=LATER)


def _outcome(before: Sequence[int], after: Sequence[int]) -> tuple[Any, ...]:
    office = Office(Rules(FIRST))
    for step in before:
        BEFORE[step](office)
    office.grant(exception("transfer", kind=REDUCED_COUNTS, min_artifacts=1))
    office.rules = Rules(SECOND, FIRST)
    office.sweep(on=LATER)
    for step in after:
        AFTER[step](office)
    found = office.student
    # The days of a gap are those on which it was seen, and a student who comes back has a new one.
    owed = [(gap.school_id, gap.skill_id, gap.observed) for gap in found.gaps]
    return found.enrollment, found.evidence, found.exceptions, found.current, owed


@st.composite
def _orders(draw: st.DrawFn) -> tuple[list[int], list[int], list[int], list[int]]:
    """Some of the steps as they happened, and the same as they are told: mixed, and some of them twice."""
    chance = draw(st.randoms())
    told: list[list[int]] = []
    for steps, always in ((BEFORE, {0}), (AFTER, set[int]())):
        some = sorted(draw(st.sets(st.integers(0, len(steps) - 1))) | always)
        mixed = [*some, *(each for each in some if chance.random() < 0.3)]
        chance.shuffle(mixed)
        told += [some, mixed]
    before, mixed_before, after, mixed_after = told
    return before, mixed_before, after, mixed_after


@example(([0, 1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 5], [0, 1], [1, 0]))
@settings(deadline=None)
@given(_orders())
def test_whatever_the_order_around_a_new_rule_the_outcome_is_the_same(
    orders: tuple[list[int], list[int], list[int], list[int]],
) -> None:
    before, mixed_before, after, mixed_after = orders

    assert _outcome(mixed_before, mixed_after) == _outcome(before, after)
