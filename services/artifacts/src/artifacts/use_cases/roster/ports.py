"""What an import needs: the bundle, a workbench on disk, the repositories, and somebody who watches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from artifacts.domain.assembly import GuardianRecord, PersonRecord, SchoolRecord, StudentRecord
from artifacts.domain.manifest import Mode
from artifacts.domain.oneroster import RosterFile
from artifacts.domain.people import Guardian, Kind, School, Staff, Student
from artifacts.domain.problems import Problem
from artifacts.domain.records import Row
from artifacts.use_cases.ports import Aggregates


class Bundle(Protocol):
    """A roster bundle; `sizes` are bytes by file name, for the files that are there."""

    @property
    def sizes(self) -> Mapping[str, int]: ...

    def lines(self, name: str, /) -> Iterator[str]: ...


class Workbench(Protocol):
    """Joins a roster's rows without holding them in memory; see `artifacts.clients.workbench`."""

    def restore(self, lines: Iterable[bytes], /) -> None: ...

    def load(self, file: RosterFile, mode: Mode, rows: Iterable[Row], /) -> Iterator[Problem]: ...

    def dangling(self) -> Iterator[Problem]: ...

    def link(self, *, today: date, most_rows: int) -> Iterator[Problem]: ...

    def schools(self) -> Iterator[SchoolRecord]: ...

    def staff(self) -> Iterator[PersonRecord]: ...

    def guardians(self) -> Iterator[GuardianRecord]: ...

    def students(self) -> Iterator[StudentRecord]: ...

    def settle(self, student: str, /) -> None: ...

    def stays(self, kind: Kind, source_id: str, /) -> bool: ...

    def leave(self, kind: Kind, aggregate_id: str, /) -> None: ...

    def leaving(self, kind: Kind, /) -> Iterator[str]: ...

    def count(self, kind: Kind, /) -> int: ...

    def image(self) -> Iterator[bytes]: ...


class Images(Protocol):
    """Keeps what the last import has left in the workbench, for the next one."""

    def load(self) -> Iterator[bytes]: ...

    def save(self, lines: Iterable[bytes], /) -> None: ...


class Progress(Protocol):
    """Watches an import; `total` is in bytes while files are read and in people while they are written."""

    def begin(self, stage: str, *, total: int) -> None: ...

    def advance(self, amount: int, /) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Rosters:
    """The district's aggregates."""

    schools: Aggregates[School]
    staff: Aggregates[Staff]
    guardians: Aggregates[Guardian]
    students: Aggregates[Student]
