"""Frameworks as CSV, there and back, and the rows that cannot be taken."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.scoring.rubrics.rubric_examples import framework

from scoring.domain.rubrics import Framework, InvalidFrameworkError, from_table, to_table

WHOLE = framework()
ROWS = to_table(WHOLE).splitlines()


def _read(text: str) -> Framework:
    return from_table(text, version="2027.1", title=WHOLE.title)


def _faults(text: str) -> list[tuple[str, str]]:
    with pytest.raises(InvalidFrameworkError) as refused:
        _read(text)
    return [(each.field, each.reason) for each in refused.value.faults]


def test_a_framework_comes_back_as_it_went() -> None:
    assert len(ROWS) == 1 + 3 * 4
    assert _read(to_table(WHOLE)) == WHOLE


@settings(deadline=None)
@given(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), min_size=1))
def test_any_text_comes_back_as_it_went_and_is_no_formula_meanwhile(text: str) -> None:
    lower, upper = WHOLE.rubrics
    odd = replace(WHOLE, rubrics=(replace(lower, title=text), replace(upper, title=f"'{text}")))

    table = to_table(odd)

    assert _read(table) == odd
    cells = [cell for row in csv.reader(io.StringIO(table, newline="")) for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


def test_columns_may_stand_in_any_order_after_a_byte_order_mark() -> None:
    rows = list(csv.reader(ROWS))
    text = io.StringIO()
    csv.writer(text).writerows(row[::-1] for row in rows)

    assert _read("\ufeff" + text.getvalue()) == WHOLE


def test_empty_lines_are_passed_over() -> None:
    assert _read("\n".join([*ROWS, "", ",,"])) == WHOLE


def test_levels_may_stand_in_any_order() -> None:
    assert _read("\n".join([ROWS[0], *ROWS[4:0:-1], *ROWS[5:]])) == WHOLE


def test_what_contradicts_an_earlier_row_is_named_with_row_and_column() -> None:
    other_band = ROWS[2].replace(",K-5,", ",K-6,")

    assert _faults("\n".join([ROWS[0], ROWS[1], other_band, ROWS[1]])) == [
        ("row 3, column band", "row 2 says something else"),
        ("row 4, column level", "row 2 has this level already"),
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", ("row 1", "column skill_id is missing")),
        (ROWS[0].replace("band", "bands"), ("row 1", "column bands is not known")),
        (f"{ROWS[0]},band", ("row 1", "a column stands twice")),
        (f"{ROWS[0]}\na,b", ("row 2", "it has 2 cells and not 11")),
        (
            f"{ROWS[0]}\n{ROWS[1].replace(',1,', ',high,')}",
            ("row 2, column level", "it is not a whole number"),
        ),
        (f'{ROWS[0]}\n"a"b', ("line 2", "it is not CSV: ',' expected after '\"'")),
        ("\n".join([ROWS[0], *["x"] * 20_001]), ("row 20001", "there are more than 20000 rows")),
    ],
)
def test_a_table_that_cannot_be_read_says_where_and_why(text: str, fault: tuple[str, str]) -> None:
    assert fault in _faults(text)
