"""One import's rows in a SQLite file of its own, which goes with it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from artifacts.clients.workbench import linking, reading, tables
from artifacts.domain.assembly import GuardianRecord, PersonRecord, SchoolRecord, StudentRecord
from artifacts.domain.manifest import Mode
from artifacts.domain.oneroster import RosterFile
from artifacts.domain.people import Kind
from artifacts.domain.problems import Problem
from artifacts.domain.records import Row

_CACHE_KB = 32 * 1024
#: Nobody needs the file after a crash, so nothing waits for the disk.
_SETTINGS = (
    "PRAGMA journal_mode = OFF",
    "PRAGMA synchronous = OFF",
    "PRAGMA temp_store = FILE",
    f"PRAGMA cache_size = -{_CACHE_KB}",
)


class SqliteWorkbench:
    """A Workbench of the use case in one database connection."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        tables.create(db)

    def restore(self, lines: Iterable[bytes]) -> None:
        """Start from the image that the last import has left."""
        tables.restore(self._db, lines)

    def load(self, file: RosterFile, mode: Mode, rows: Iterable[Row]) -> Iterator[Problem]:
        """Put a file's rows over it."""
        return tables.load(self._db, file, mode, rows)

    def dangling(self) -> Iterator[Problem]:
        """Say which references of this bundle lead nowhere."""
        return tables.dangling(self._db)

    def link(self, *, today: date, most_rows: int) -> Iterator[Problem]:
        """Work out who is who; call it once, after the files."""
        return linking.link(self._db, today=today, most_rows=most_rows)

    def schools(self) -> Iterator[SchoolRecord]:
        """Yield the schools."""
        return reading.schools(self._db)

    def staff(self) -> Iterator[PersonRecord]:
        """Yield the staff."""
        return reading.staff(self._db)

    def guardians(self) -> Iterator[GuardianRecord]:
        """Yield the guardians; after the students are settled."""
        return reading.guardians(self._db)

    def students(self) -> Iterator[StudentRecord]:
        """Yield the students."""
        return reading.students(self._db)

    def settle(self, student: str) -> None:
        """Note that a student stays in the district."""
        self._db.execute("INSERT INTO settled VALUES (?)", (student,))

    def stays(self, kind: Kind, source_id: str) -> bool:
        """Say whether the roster still has somebody, or a school."""
        query = {
            Kind.SCHOOL: "SELECT 1 FROM orgs WHERE type = 'school' AND sourcedId = ?",
            Kind.STUDENT: "SELECT 1 FROM settled WHERE source = ?",
            Kind.GUARDIAN: "SELECT 1 FROM member WHERE kind = 'guardian' AND source = ?",
            Kind.STAFF: "SELECT 1 FROM member WHERE kind = 'staff' AND source = ?",
        }[kind]
        return self._db.execute(query, (source_id,)).fetchone() is not None

    def leave(self, kind: Kind, aggregate_id: str) -> None:
        """Note that somebody leaves."""
        self._db.execute("INSERT INTO leaving VALUES (?, ?)", (kind, aggregate_id))

    def leaving(self, kind: Kind) -> Iterator[str]:
        """Yield the ids of those who leave."""
        for (aggregate_id,) in self._db.execute("SELECT id FROM leaving WHERE kind = ?", (kind,)):
            yield str(aggregate_id)

    def count(self, kind: Kind) -> int:
        """Return how many of a kind the roster has."""
        query = "SELECT count(DISTINCT source) FROM member WHERE kind = ?"
        if kind is Kind.SCHOOL:
            query = "SELECT count(*) FROM orgs WHERE type = ?"
        return int(self._db.execute(query, (kind,)).fetchone()[0])

    def image(self) -> Iterator[bytes]:
        """Yield what the next import starts from."""
        return tables.image(self._db)


@contextmanager
def open_workbench() -> Iterator[SqliteWorkbench]:
    """Open a workbench in a folder for temporary files (TMPDIR says where), readable for us alone."""
    with ExitStack() as held:
        folder = Path(held.enter_context(TemporaryDirectory(prefix="backpack-roster-")))
        db = held.enter_context(closing(sqlite3.connect(folder / "roster.sqlite", isolation_level=None)))
        for setting in _SETTINGS:
            db.execute(setting)
        db.create_function("folded", 1, str.casefold, deterministic=True)
        # One transaction that is never committed: nothing is written but what the cache cannot hold.
        db.execute("BEGIN")
        yield SqliteWorkbench(db)
