"""Cut a roster file into rows: the CSV itself, its header, and each row's cells."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from artifacts.domain.cells import CellError, clean, moment, one_of
from artifacts.domain.manifest import Mode
from artifacts.domain.oneroster import Column, RosterFile
from artifacts.domain.problems import FileUnusableError, LeftOut, Problem

#: A quoted cell may go over lines; one that never ends must not swallow the rest of the file.
_MOST_LINES_OF_A_ROW = 20
_SHOWN_ID = 200
_IN_BULK = Column("status", one_of("active", "tobedeleted"), costs_row=True)
_IN_DELTA = (
    Column("status", one_of("active", "tobedeleted"), required=True, costs_row=True),
    Column("dateLastModified", moment, required=True, costs_row=True),
)


class Fate(Enum):
    """What a row does to what is known under its key."""

    KEEP = "the row replaces it"
    DROP = "it goes"
    SPARE = "it stays as it is, because the row is wrong"


@dataclass(frozen=True)
class Row:
    """One row of a file, read.

    Attributes:
        line: where it begins, from 1.
        key: what tells it from the file's other rows.
        fate: what it does.
        values: canonical text by the file's kept columns, "" where there is none; empty unless it is kept.
    """

    line: int
    key: tuple[str, ...]
    fate: Fate
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Record:
    """One record of the CSV; `wrong` says why its cells are only a guess."""

    line: int
    cells: list[str]
    wrong: str | None = None


@dataclass(frozen=True)
class _Layout:
    """Where the known columns of one file are."""

    file: RosterFile
    width: int
    places: tuple[tuple[int, Column], ...]


def read_rows(lines: Iterable[str], file: RosterFile, mode: Mode) -> Iterator[Row | Problem]:
    """Read a file row by row; a wrong row is a problem, and the next row is read.

    A wrong row whose key can be read comes out as well, to spare what is known under that key: nobody
    leaves school because of a typing error.

    Args:
        lines: with their line ends; what was no UTF-8 is escaped as lone surrogates.
        file: what the file should be.
        mode: bulk or delta; a delta says of each row whether it is there or to be deleted.

    Raises:
        FileUnusableError: if the header is missing, lacks a required column or has one twice.
    """
    records = _records(lines)
    header = next(records, _Record(1, []))
    if header.wrong:
        raise FileUnusableError(f"the header {header.wrong}")
    layout = _layout(header.cells, file, mode)
    for record in records:
        if record.cells:
            yield from _row(record, layout)


def _records(lines: Iterable[str]) -> Iterator[_Record]:
    numbered = enumerate(lines, start=1)
    waiting: deque[tuple[int, str]] = deque()
    while (first := waiting.popleft() if waiting else next(numbered, None)) is not None:
        taken = [first]
        while _is_open(taken) and len(taken) < _MOST_LINES_OF_A_ROW:
            following = waiting.popleft() if waiting else next(numbered, None)
            if following is None:
                break
            taken.append(following)
        if _is_open(taken):
            # Only the line with the stray quote is lost; the lines after it are read again.
            waiting.extendleft(reversed(taken[1:]))
            yield _Record(*_guess(first), "has a quote that is never closed")
        else:
            yield _record(taken)


def _is_open(lines: Sequence[tuple[int, str]]) -> bool:
    return sum(text.count('"') for _, text in lines) % 2 == 1


def _record(lines: list[tuple[int, str]]) -> _Record:
    try:
        return _Record(lines[0][0], next(csv.reader((text for _, text in lines), strict=True), []))
    except csv.Error:
        return _Record(*_guess(lines[0]), "is not valid CSV")


def _guess(line: tuple[int, str]) -> tuple[int, list[str]]:
    # The quotes are wrong, but what comes before the first comma is most often the key.
    number, text = line
    return number, [cell.strip(' "\r\n') for cell in text.split(",")]


def _layout(header: list[str], file: RosterFile, mode: Mode) -> _Layout:
    names = [name.strip() for name in header]
    if not any(names):
        raise FileUnusableError("the file is empty")
    if any("\0" in name for name in names):
        raise FileUnusableError("the file is UTF-16; it must be UTF-8")
    columns = (*file.columns, *(_IN_DELTA if mode is Mode.DELTA else (_IN_BULK,)))
    found = ((_place(names, column), column) for column in columns)
    return _Layout(file, len(names), tuple((place, column) for place, column in found if place is not None))


def _place(names: list[str], column: Column) -> int | None:
    found = [place for place, name in enumerate(names) if name in {column.name, column.also}]
    if len(found) > 1:
        raise FileUnusableError("the header has the column twice", column=column.name)
    if not found and column.required:
        raise FileUnusableError("the header lacks the column", column=column.name)
    return found[0] if found else None


def _row(record: _Record, layout: _Layout) -> Iterator[Row | Problem]:
    """Yield what is wrong with the row, then the row with its fate."""
    cells, wrong_row = record.cells, record.wrong
    if wrong_row is None and len(cells) != layout.width:
        wrong_row = f"has {len(cells)} cells where the header has {layout.width}"
    values, wrong = _values(cells, layout)
    file, key = layout.file, tuple(values.get(name, "") for name in layout.file.key)
    fate = _fate(values, {column for column, _ in wrong}, wrong_row)
    shown = (key[0][:_SHOWN_ID] or None) if record.wrong is None else None
    if wrong_row is not None:
        reason = f"the row {wrong_row}"
        yield Problem(file=file.name, line=record.line, reason=reason, left_out=LeftOut.ROW, sourced_id=shown)
    elif fate is not Fate.DROP:
        for column, reason in wrong:
            yield Problem(
                file=file.name,
                line=record.line,
                column=column.name,
                reason=reason,
                left_out=LeftOut.ROW if column.costs_row else LeftOut.VALUE,
                sourced_id=shown,
            )
    if all(key):
        kept = (values.get(column.name, "") for column in file.kept) if fate is Fate.KEEP else ()
        yield Row(record.line, key, fate, tuple(kept))


def _values(cells: list[str], layout: _Layout) -> tuple[dict[str, str], list[tuple[Column, str]]]:
    """Return the readable cells by column, and what is wrong with the others."""
    values: dict[str, str] = {}
    wrong: list[tuple[Column, str]] = []
    for place, column in layout.places:
        try:
            values[column.name] = _value(cells[place] if place < len(cells) else "", column)
        except CellError as error:
            wrong.append((column, str(error)))
    return values, wrong


def _value(cell: str, column: Column) -> str:
    value = clean(cell)
    if value:
        return column.read(value)
    if column.required:
        raise CellError("is required and blank")
    return ""


def _fate(values: dict[str, str], wrong: set[Column], wrong_row: str | None) -> Fate:
    asked = {*_IN_DELTA, _IN_BULK}
    if wrong_row is not None or wrong & asked:
        return Fate.SPARE
    if values.get("status") == "tobedeleted":
        return Fate.DROP
    return Fate.SPARE if any(column.costs_row for column in wrong) else Fate.KEEP
