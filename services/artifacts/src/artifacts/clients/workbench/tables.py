"""The files of a bundle as tables: what earlier bundles brought, and this one over it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from artifacts.domain.manifest import Mode
from artifacts.domain.oneroster import BY_NAME, FILES, Column, RosterFile
from artifacts.domain.problems import LeftOut, Problem
from artifacts.domain.records import Fate, Row

#: The table of the image that remembers under which sourcedId a person was first known.
PEOPLE = "person"
_PEOPLE_COLUMNS = ("kind", "user", "source")
_BATCH = 2000


def create(db: sqlite3.Connection) -> None:
    """Make one table a file, and the one that remembers people."""
    for file in FILES:
        columns = ", ".join(f'"{name}" TEXT NOT NULL' for name in _names(file))
        key = f"line INTEGER NOT NULL, PRIMARY KEY ({_key(file)})"
        db.execute(f"CREATE TABLE {file.table} ({columns}, {key}) WITHOUT ROWID")
    db.execute(
        f"CREATE TABLE {PEOPLE} (kind TEXT, user TEXT, source TEXT, PRIMARY KEY (kind, user)) WITHOUT ROWID"
    )


def restore(db: sqlite3.Connection, lines: Iterable[bytes]) -> None:
    """Fill the tables with an image; line 0 marks what no file of this bundle has said yet."""
    statements = {file.table: (_insert(file), [0]) for file in FILES}
    statements[PEOPLE] = (f"INSERT INTO {PEOPLE} VALUES (?, ?, ?)", [])  # noqa: S608 - a constant
    rows = (json.loads(line) for line in lines)
    for table, group in groupby(rows, key=lambda row: str(row[0])):
        insert, line = statements[table]
        db.executemany(insert, ([*values, *line] for _, *values in group))


def image(db: sqlite3.Connection) -> Iterator[bytes]:
    """Yield the tables as `restore` takes them: one JSON array a row, always in the same order."""
    named = [(file.table, _names(file), _key(file)) for file in FILES]
    for table, names, key in [*named, (PEOPLE, _PEOPLE_COLUMNS, "kind, user")]:
        columns = ", ".join(f'"{name}"' for name in names)
        for row in db.execute(f"SELECT {columns} FROM {table} ORDER BY {key}"):  # noqa: S608 - constants
            yield json.dumps([table, *row], ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def load(db: sqlite3.Connection, file: RosterFile, mode: Mode, rows: Iterable[Row]) -> Iterator[Problem]:
    """Put a file's rows over what is known; yield a problem for each key that comes twice."""
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            yield from _put(db, file, batch)
            batch = []
    yield from _put(db, file, batch)
    if mode is Mode.BULK:
        # What the whole file does not name any more is gone.
        db.execute(f"DELETE FROM {file.table} WHERE line = 0")  # noqa: S608 - a constant


def dangling(db: sqlite3.Connection) -> Iterator[Problem]:
    """Yield a problem for each reference of this bundle that leads nowhere; joins pass such rows over."""
    for file in FILES:
        for column in file.columns:
            if column.refers_to is None:
                continue
            for line, sourced_id in db.execute(_dangling(file, column, column.refers_to)):
                yield Problem(
                    file=file.name,
                    line=line,
                    column=column.name,
                    reason=f"names nothing that {column.refers_to} has",
                    left_out=LeftOut.ROW if column.costs_row else LeftOut.VALUE,
                    sourced_id=sourced_id,
                )


def _dangling(file: RosterFile, column: Column, target: str) -> str:
    named = f't."{column.name}"'
    tables, reference = f"{file.table} t", named
    if column.many:
        tables, reference = f"{tables} CROSS JOIN json_each(nullif({named}, '')) e", "e.value"
    there = f"SELECT 1 FROM {BY_NAME[target].table} o WHERE o.sourcedId = {reference}"  # noqa: S608 - constants
    condition = f"t.line > 0 AND {named} <> '' AND NOT EXISTS ({there})"
    return f'SELECT DISTINCT t.line, t."{file.key[0]}" FROM {tables} WHERE {condition}'  # noqa: S608 - constants


def _put(db: sqlite3.Connection, file: RosterFile, batch: Sequence[Row]) -> Iterator[Problem]:
    where = " AND ".join(f'"{name}" = ?' for name in file.key)
    kept = [row for row in batch if row.fate is Fate.KEEP]
    written = db.executemany(_upsert(file), ((*row.values, row.line) for row in kept)).rowcount
    spare = f"UPDATE {file.table} SET line = ? WHERE {where} AND line = 0"  # noqa: S608 - constants
    db.executemany(spare, ((row.line, *row.key) for row in batch if row.fate is Fate.SPARE))
    drop = f"DELETE FROM {file.table} WHERE {where}"  # noqa: S608 - constants
    db.executemany(drop, (row.key for row in batch if row.fate is Fate.DROP))
    if kept and written != len(kept):
        yield from _twice(db, file, kept)


def _twice(db: sqlite3.Connection, file: RosterFile, rows: Iterable[Row]) -> Iterator[Problem]:
    where = " AND ".join(f'"{name}" = ?' for name in file.key)
    for row in rows:
        found = db.execute(f"SELECT line FROM {file.table} WHERE {where}", row.key).fetchone()  # noqa: S608 - constants
        if found is not None and found[0] != row.line:
            yield Problem(
                file=file.name,
                line=row.line,
                column=file.key[0],
                reason=f"is the same as on line {found[0]}, which counts",
                left_out=LeftOut.ROW,
                sourced_id=row.key[0],
            )


def _names(file: RosterFile) -> tuple[str, ...]:
    return tuple(column.name for column in file.kept)


def _key(file: RosterFile) -> str:
    return ", ".join(f'"{name}"' for name in file.key)


def _insert(file: RosterFile) -> str:
    marks = ", ".join("?" for _ in (*file.kept, "line"))
    return f"INSERT INTO {file.table} VALUES ({marks})"  # noqa: S608 - constants


def _upsert(file: RosterFile) -> str:
    changed = ", ".join(f'"{name}" = excluded."{name}"' for name in (*_names(file), "line"))
    # Line 0 is an earlier bundle's row; any other one means that this file has the key twice.
    return f"{_insert(file)} ON CONFLICT DO UPDATE SET {changed} WHERE line = 0"
