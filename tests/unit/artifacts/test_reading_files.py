from __future__ import annotations

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artifacts.domain import cells
from artifacts.domain.cells import CellError
from artifacts.domain.manifest import Mode, read_manifest
from artifacts.domain.oneroster import BY_NAME, FILES, SUPPLEMENT_LANGUAGES
from artifacts.domain.problems import BundleRefusedError, FileUnusableError, LeftOut, Problem
from artifacts.domain.records import Fate, Row, read_rows

HEADER = "studentSourcedId,homeLanguage\n"


def languages(text: str, mode: Mode = Mode.BULK) -> list[Row | Problem]:
    return list(read_rows(text.splitlines(keepends=True), SUPPLEMENT_LANGUAGES, mode))


def row_problem(line: int, reason: str, sourced_id: str | None = None) -> Problem:
    return Problem(
        file="supplement/languages.csv", line=line, reason=reason, left_out=LeftOut.ROW, sourced_id=sourced_id
    )


@pytest.mark.parametrize(
    ("read", "cell", "canonical"),
    [
        (cells.text, "Ana", "Ana"),
        (cells.day, "2028-02-29", "2028-02-29"),
        (cells.moment, "2026-11-01T08:00:00.000Z", "2026-11-01T08:00:00.000Z"),
        (cells.boolean, "TRUE", "true"),
        (cells.language, "zh-Hant", "zh-Hant"),
        (cells.listed, "a, b,,a", '["a", "b"]'),
        (cells.grades, "KG,01,12,PK", '["K", "1", "12", "PK"]'),
        (cells.grades, "K", '["K"]'),
        (cells.user_ids, "{SSID:7}, {Fed: a b }, {x:}", '["ssid:7", "fed:a b"]'),
        (cells.one_of("a", extensible=True), "ext:b", "ext:b"),
    ],
)
def test_a_cell_has_one_canonical_text(read: cells.Read, cell: str, canonical: str) -> None:
    assert read(cell) == canonical


@pytest.mark.parametrize(
    ("read", "cell", "reason"),
    [
        (cells.day, "20260131", "is not a date of the form YYYY-MM-DD"),
        (cells.day, "2027-02-29", "is not a date of the form YYYY-MM-DD"),
        (cells.moment, "yesterday", "is not an ISO 8601 date and time"),
        (cells.boolean, "yes", "is neither true nor false"),
        (cells.language, "Spanish!", "is not a BCP 47 language tag"),
        (cells.grades, "14", "names a grade that CEDS does not know"),
        (cells.grades, "00", "names a grade that CEDS does not know"),
        (cells.user_ids, "SSID:7", "is not a list of {type:id}"),
        (cells.user_ids, "{SSID:7} and more", "is not a list of {type:id}"),
        (cells.one_of("a", "b"), "ext:c", "is none of a, b"),
        (cells.clean, "a\x00b", "contains control characters"),
        (cells.clean, "a" * 1001, "is longer than 1000 characters"),
        (cells.clean, "caf\udce9", "is not UTF-8"),
    ],
)
def test_a_wrong_cell_says_why_and_never_what_it_holds(read: cells.Read, cell: str, reason: str) -> None:
    with pytest.raises(CellError) as wrong:
        read(cell)

    assert str(wrong.value) == reason


def test_blanks_round_a_cell_do_not_count_and_odd_spaces_in_it_do() -> None:
    assert cells.clean(" A\u00a0B \r\n") == "A\u00a0B"


@given(st.lists(st.tuples(st.text("abc é", min_size=1), st.sampled_from(["en", "es-MX"])), max_size=8))
def test_what_a_csv_writer_writes_is_read_back(rows: list[tuple[str, str]]) -> None:
    file = StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(["studentSourcedId", "homeLanguage"])
    writer.writerows(rows)

    found = list(read_rows(file.getvalue().splitlines(keepends=True), SUPPLEMENT_LANGUAGES, Mode.BULK))

    wanted = [(key.strip(), language) for key, language in rows if key.strip()]
    assert [each.values for each in found if isinstance(each, Row)] == wanted


def test_a_quoted_cell_may_go_over_lines() -> None:
    assert languages(HEADER + '"a\nb",en\nc,es\n')[0] == Problem(
        file="supplement/languages.csv",
        line=2,
        column="studentSourcedId",
        reason="contains control characters",
        left_out=LeftOut.ROW,
    )
    assert languages(HEADER + '"a, b",en\nc,es\n') == [
        Row(2, ("a, b",), Fate.KEEP, ("a, b", "en")),
        Row(3, ("c",), Fate.KEEP, ("c", "es")),
    ]


def test_a_quote_that_never_ends_costs_its_own_line_alone() -> None:
    assert languages(HEADER + 'a,"en\nb,es\n') == [
        row_problem(2, "the row has a quote that is never closed"),
        Row(2, ("a",), Fate.SPARE),
        Row(3, ("b",), Fate.KEEP, ("b", "es")),
    ]


def test_a_quote_that_ends_only_far_below_is_never_closed() -> None:
    text = HEADER + 'a,"en\n' + "".join(f"s{n},es\n" for n in range(30)) + 'z,"en"\n'

    found = languages(text)

    assert found[0] == row_problem(2, "the row has a quote that is never closed")
    assert sum(isinstance(each, Row) and each.fate is Fate.KEEP for each in found) == 31


def test_a_row_that_is_no_csv_is_reported_and_spares_its_key() -> None:
    assert languages(HEADER + 'a,"e"n\nb\n\nc,es\n') == [
        row_problem(2, "the row is not valid CSV"),
        Row(2, ("a",), Fate.SPARE),
        row_problem(3, "the row has 1 cells where the header has 2", "b"),
        Row(3, ("b",), Fate.SPARE),
        Row(5, ("c",), Fate.KEEP, ("c", "es")),
    ]


def test_a_delta_says_of_each_row_whether_it_stays() -> None:
    header = "studentSourcedId,homeLanguage,status,dateLastModified\n"
    when = "2026-11-01T00:00:00Z"

    found = languages(
        f"{header}a,en,active,{when}\nb,!!,tobedeleted,{when}\nc,en,gone,{when}\nd,en,active,\n", Mode.DELTA
    )

    assert [(each.key, each.fate) for each in found if isinstance(each, Row)] == [
        (("a",), Fate.KEEP),
        (("b",), Fate.DROP),
        (("c",), Fate.SPARE),
        (("d",), Fate.SPARE),
    ]
    assert [each.column for each in found if isinstance(each, Problem)] == ["status", "dateLastModified"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the file is empty"),
        ("homeLanguage\n", "the header lacks the column"),
        ("studentSourcedId,homeLanguage,homeLanguage\n", "the header has the column twice"),
        ("s\0t\0u\0\n", "the file is UTF-16; it must be UTF-8"),
        ('"\n', "the header has a quote that is never closed"),
    ],
)
def test_a_file_without_a_usable_header_cannot_be_used(text: str, reason: str) -> None:
    with pytest.raises(FileUnusableError, match=reason):
        languages(text)


def test_columns_are_found_by_name_in_any_order_and_old_spelling() -> None:
    header = "metadata.x,familyName,preferredFirstName,givenName,username,enabledUser,sourcedId\n"

    (row,) = read_rows([header, "1,Díaz,Anita,Ana,a,true,s-1\n"], BY_NAME["users.csv"], Mode.BULK)

    assert isinstance(row, Row)
    names = [column.name for column in BY_NAME["users.csv"].kept]
    assert {name: value for name, value in zip(names, row.values, strict=True) if value} == {
        "sourcedId": "s-1",
        "givenName": "Ana",
        "familyName": "Díaz",
        "preferredGivenName": "Anita",
    }


def test_a_file_comes_after_those_that_it_refers_to() -> None:
    order = [file.name for file in FILES]
    for file in FILES:
        for column in file.columns:
            if column.refers_to is not None:
                assert order.index(column.refers_to) <= order.index(file.name)


def manifest(text: str) -> dict[str, Mode]:
    return read_manifest(text.splitlines(keepends=True))


def test_the_manifest_says_what_each_file_is() -> None:
    modes = manifest(
        "propertyName,value\nmanifest.version,1.0\noneroster.version,1.2.1\n"
        "file.orgs,bulk\nfile.users,delta\nfile.results,absent\nshort\n"
    )

    assert (modes["orgs.csv"], modes["users.csv"], modes["roles.csv"]) == (Mode.BULK, Mode.DELTA, Mode.ABSENT)
    assert "supplement/guardians.csv" not in modes


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "manifest.csv, column propertyName: the header lacks the column"),
        ("propertyName,value\n", "manifest.csv, column value: manifest.version is not 1.0"),
        (
            "propertyName,value\nmanifest.version,1.0\noneroster.version,1.1\n",
            "manifest.csv, column value: oneroster.version is none of 1.2, 1.2.1",
        ),
        (
            "propertyName,value\nmanifest.version,1.0\noneroster.version,1.2\nfile.users,some\n",
            "manifest.csv, column value: file.users is none of absent, bulk, delta",
        ),
        ('propertyName,value\n"a', "manifest.csv: is not a CSV file in UTF-8"),
    ],
)
def test_what_is_no_manifest_refuses_the_bundle(text: str, reason: str) -> None:
    with pytest.raises(BundleRefusedError) as refused:
        manifest(text)

    assert str(refused.value) == reason
