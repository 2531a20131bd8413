"""What old levels say in the terms of a later version, and crosswalks that lead nowhere or in a circle."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.scoring.rubrics.rubric_examples import CRAFT, MESSAGE, UPPER, crosswalk, framework, link

from scoring.domain.rubrics import (
    Carried,
    CriterionRef,
    Crosswalk,
    NoWayError,
    Relation,
    carry_over,
    cycle_of,
    reference_faults,
    way_between,
)

NAMES = "abcdef"


def _from(*versions: str) -> list[Crosswalk]:
    return [Crosswalk(from_version=each, links=()) for each in versions]


def test_a_replaced_criterion_takes_the_level_along_and_a_related_one_does_not() -> None:
    way = [crosswalk("2026.1", link(MESSAGE, UPPER), link(CRAFT, MESSAGE, Relation.RELATED))]

    assert carry_over({MESSAGE: 3, CRAFT: 2}, way) == Carried(levels={UPPER: ((MESSAGE, 3),)}, left=(CRAFT,))


def test_a_split_criterion_gives_its_level_to_each_part_and_a_merged_one_keeps_all() -> None:
    split = [crosswalk("2026.1", link(MESSAGE, MESSAGE), link(MESSAGE, CRAFT))]
    merged = [crosswalk("2026.1", link(MESSAGE, MESSAGE), link(CRAFT, MESSAGE))]

    assert carry_over({MESSAGE: 4}, split).levels == {MESSAGE: ((MESSAGE, 4),), CRAFT: ((MESSAGE, 4),)}
    assert carry_over({MESSAGE: 4, CRAFT: 1}, merged).levels == {MESSAGE: ((CRAFT, 1), (MESSAGE, 4))}


def test_levels_go_over_several_versions() -> None:
    ways = {
        "c": [crosswalk("b", link(CRAFT, UPPER))],
        "b": [crosswalk("a", link(MESSAGE, CRAFT, Relation.SAME))],
    }

    way = way_between(ways, old="a", new="c")

    assert [each.from_version for each in way] == ["a", "b"]
    assert carry_over({MESSAGE: 2}, way) == Carried(levels={UPPER: ((MESSAGE, 2),)}, left=())


def test_the_shortest_way_is_taken_and_none_is_an_error() -> None:
    ways = {"c": _from("b", "a"), "b": _from("a"), "d": _from("d")}

    assert [each.from_version for each in way_between(ways, old="a", new="c")] == ["a"]
    assert way_between(ways, old="c", new="c") == ()
    with pytest.raises(NoWayError, match="from version c to version a"):
        way_between(ways, old="c", new="a")
    with pytest.raises(NoWayError):
        way_between(ways, old="a", new="d")


def test_a_crosswalk_that_dangles_is_named() -> None:
    nobody = CriterionRef("communicator-k-5", "length")
    wrong = framework(
        "2027.1",
        crosswalk("2026.1", link(nobody, nobody), link(MESSAGE, CRAFT), link(MESSAGE, CRAFT)),
        crosswalk("2026.1", link(MESSAGE, MESSAGE)),
        crosswalk("1999", link(MESSAGE, MESSAGE)),
    )

    faults = reference_faults(wrong, {"2026.1": framework("2026.1")})

    assert [(each.field, each.reason) for each in faults] == [
        (
            "crosswalks.0.links.0.old",
            "version 2026.1 has no criterion length in a rubric communicator-k-5",
        ),
        (
            "crosswalks.0.links.0.new",
            "version 2027.1 has no criterion length in a rubric communicator-k-5",
        ),
        ("crosswalks.0.links.2", "crosswalks.0.links.1 links the same two already"),
        ("crosswalks.1.from_version", "crosswalks.0 is from there already"),
        ("crosswalks.2.from_version", "there is no version 1999"),
    ]


def test_crosswalks_in_a_circle_are_named() -> None:
    same = link(MESSAGE, MESSAGE)
    earlier = {
        "2025.1": framework("2025.1", crosswalk("2027.1", same)),
        "2026.1": framework("2026.1", crosswalk("2025.1", same)),
    }

    [fault] = reference_faults(framework("2027.1", crosswalk("2026.1", same)), earlier)
    [of_itself] = reference_faults(framework("2027.1", crosswalk("2027.1", same)), {})

    assert fault.field == of_itself.field == "crosswalks"
    assert fault.reason == "they lead round in a circle: 2025.1 <- 2027.1 <- 2026.1 <- 2025.1"
    assert of_itself.reason == "they lead round in a circle: 2027.1 <- 2027.1"


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=4)))
def test_a_circle_is_found_exactly_when_a_version_leads_back_to_itself(sources: dict[str, list[str]]) -> None:
    reached = {version: set(sources.get(version, ())) for version in NAMES}
    for _ in NAMES:
        reached = {
            version: found.union(*(sources.get(each, ()) for each in found))
            for version, found in reached.items()
        }

    circle = cycle_of({version: _from(*found) for version, found in sources.items()})

    assert bool(circle) == any(version in found for version, found in reached.items())
    for at, before in pairwise(circle):
        assert before in sources[at]
    assert circle[:1] == circle[-1:]
