"""What panelists judge, alone and together."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.defenses.hearing_examples import INDICATORS, NOW, RULE, hearing, marks, marks_of

from defenses.domain.hearings.faults import HearingConflictError, InvalidEntryError, NotOnPanelError
from defenses.domain.hearings.hearing import Hearing
from defenses.domain.hearings.judging import submitted
from defenses.domain.hearings.sheets import Mark, Sheet, apart, checked, medians


def sheets(*levels: int) -> list[Sheet]:
    return [
        Sheet(panelist_id=f"p-{n}", round=1, marks=marks_of(["claim"], level), submitted_at=NOW)
        for n, level in enumerate(levels)
    ]


@pytest.mark.parametrize(
    ("levels", "middle"), [([3], 3.0), ([2, 3], 2.5), ([1, 3, 4], 3.0), ([4, 1, 2], 2.0), ([2, 2, 3, 4], 2.5)]
)
def test_the_panel_says_the_median(levels: list[int], middle: float) -> None:
    assert medians(sheets(*levels), ["claim"]) == (("claim", middle),)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=7), st.randoms())
def test_the_order_of_sheets_changes_nothing(levels: list[int], chance: object) -> None:
    mixed = sorted(levels)

    assert medians(sheets(*levels), ["claim"]) == medians(sheets(*mixed), ["claim"])
    assert apart(sheets(*levels), ["claim"], 2) == apart(sheets(*mixed), ["claim"], 2)
    assert (apart(sheets(*levels), ["claim"], 2) == ("claim",)) == (mixed[-1] - mixed[0] >= 2)


def test_marks_come_out_in_the_order_of_the_indicators() -> None:
    assert checked(marks()[::-1], INDICATORS, RULE) == marks()


def test_every_fault_of_a_sheet_is_named_by_its_field() -> None:
    wrong = (
        Mark(indicator_id="claim", level=0, note=""),
        Mark(indicator_id="claim", level=3, note=""),
        Mark(indicator_id="height", level=5, note=""),
        *marks_of(["evidence", "reflection", "growth"], 4),
    )

    with pytest.raises(InvalidEntryError) as caught:
        checked(wrong, INDICATORS, RULE)

    assert [(fault.field, fault.reason) for fault in caught.value.faults] == [
        ("marks.0.level", "it is not between 1 and 4"),
        ("marks.1.indicator_id", "it is marked twice"),
        ("marks.2.indicator_id", "this hearing is not about it"),
        ("marks.2.level", "it is not between 1 and 4"),
        ("marks", "delivery is missing"),
    ]
    assert "marks.1.indicator_id: it is marked twice" in str(caught.value)


def test_nobody_sees_anothers_sheet_while_a_round_is_open() -> None:
    judged = submitted(hearing(), "t-1", 1, marks(2), RULE, now=NOW)

    assert judged.submitted_ids == ("t-1",)
    assert judged.seen_by("t-1") == judged
    for viewer in ("t-2", "o-1"):
        assert [(each.panelist_id, each.marks) for each in judged.seen_by(viewer).sheets] == [("t-1", ())]


def test_once_a_round_is_closed_the_panel_sees_all_of_it_and_nothing_of_the_next() -> None:
    second = discussed()
    judged = submitted(second, "x-1", 2, marks(3), RULE, now=NOW)

    seen = judged.seen_by("t-1").sheets

    assert [(each.panelist_id, each.round, len(each.marks)) for each in seen] == [
        ("t-1", 1, 5),
        ("t-2", 1, 5),
        ("x-1", 1, 5),
        ("x-1", 2, 0),
    ]


def discussed() -> Hearing:
    """A hearing in its second round."""
    found = hearing()
    for panelist_id, claim in zip(found.panelist_ids, (2, 3, 4), strict=True):
        found = submitted(found, panelist_id, 1, marks(3, claim=claim), RULE, now=NOW)
    assert found.round == 2
    return found


def test_the_same_sheet_again_changes_nothing_even_after_its_round() -> None:
    judged = submitted(hearing(), "t-1", 1, marks(), RULE, now=NOW)
    second = discussed()

    assert submitted(judged, "t-1", 1, marks()[::-1], RULE, now=NOW) is judged
    assert submitted(second, "t-2", 1, marks(3, claim=3), RULE, now=NOW) is second


def test_another_sheet_of_the_same_round_is_refused() -> None:
    judged = submitted(hearing(), "t-1", 1, marks(), RULE, now=NOW)

    with pytest.raises(HearingConflictError, match="another sheet of yours is in") as caught:
        submitted(judged, "t-1", 1, marks(4), RULE, now=NOW)

    assert caught.value.field == "marks"


def test_only_the_panel_judges_and_only_the_open_round() -> None:
    with pytest.raises(NotOnPanelError):
        submitted(hearing(), "t-9", 1, marks(), RULE, now=NOW)
    with pytest.raises(HearingConflictError, match="round 1 is open"):
        submitted(hearing(), "t-1", 2, marks(), RULE, now=NOW)
    with pytest.raises(HearingConflictError, match="the hearing is adjourned"):
        submitted(replace(hearing(), state="adjourned"), "t-1", 1, marks(), RULE, now=NOW)
