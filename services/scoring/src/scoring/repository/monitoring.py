"""Nightly runs and the rows of their reports in the document store."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import date
from itertools import islice
from typing import Any, ClassVar

from chassis.mongo import AggregateRepository, Reader, translated
from chassis.mongo.documents import stored
from contracts.envelope import derived_id
from scoring.documents import EquityRowDocument, NightsDocument, QualityRowDocument, StaffCopy
from scoring.domain.fairness.rows import EquityRow, Internal, Parts, Published, Share
from scoring.domain.monitoring.asking import report_from_wire, report_to_wire
from scoring.domain.monitoring.nights import Failure, Nights, Run
from scoring.domain.monitoring.rows import Figure, Kind, Measure, QualityRow

#: Rows that are written together.
_BATCH = 500


def nights_id_of(district: str) -> str:
    """Return the id of a district's nights."""
    return derived_id("scoring", "nights", district)


class NightlyRuns(AggregateRepository[Nights]):
    """Keeps each district's nights."""

    document: ClassVar[Any] = NightsDocument

    def to_fields(self, value: Nights) -> dict[str, Any]:
        """Return the document fields of a district's nights."""
        return {
            "night": value.night and value.night.isoformat(),
            "attempts": value.attempts,
            "asked_at": value.asked_at,
            "run": value.run and {**asdict(value.run), "night": value.run.night.isoformat()},
            "failure": value.failure and {**asdict(value.failure), "night": value.failure.night.isoformat()},
            "report": value.report and report_to_wire(value.report),
        }

    def to_value(self, document: Any) -> Nights:
        """Return the nights of a document."""
        run, failure = document.run, document.failure
        return Nights(
            night=document.night and date.fromisoformat(document.night),
            attempts=document.attempts,
            asked_at=document.asked_at,
            run=run and Run(**{**run, "night": date.fromisoformat(run["night"])}),
            failure=failure and Failure(**{**failure, "night": date.fromisoformat(failure["night"])}),
            report=document.report and report_from_wire(document.report),
        )


class QualityRows(Reader[QualityRow]):
    """Keeps what reports say of who read and what was read."""

    document: ClassVar[Any] = QualityRowDocument

    def put(self, report_id: str, rows: Iterable[QualityRow]) -> None:
        """Write the rows of a report that nobody reads yet."""
        _insert(self, (self._fields(report_id, row) for row in rows))

    def drop_others(self, kept: Iterable[str]) -> None:
        """Delete the rows of all reports of the district but some."""
        _drop_others(self, kept)

    def to_value(self, document: Any) -> QualityRow:
        """Return the row of a document."""
        return QualityRow(
            kind=Kind(document.kind),
            subject=document.subject or "",
            reads=document.reads,
            pairs=document.pairs,
            figures={Measure(name): Figure(**each) for name, each in document.figures.items()},
            flags=tuple(map(Measure, document.flags)),
        )

    def _fields(self, report_id: str, row: QualityRow) -> dict[str, Any]:
        return {
            "id": f"{report_id}:{row.kind}:{row.subject}",
            "district": self.work.district,
            "report_id": report_id,
            "kind": str(row.kind),
            "subject": row.subject,
            "flagged": bool(row.flags),
            "reads": row.reads,
            "pairs": row.pairs,
            "figures": {str(name): _said(asdict(each)) for name, each in row.figures.items()},
            "flags": [str(each) for each in row.flags],
        }


class EquityRows(Reader[EquityRow]):
    """Keeps what reports say of schools and groups of students."""

    document: ClassVar[Any] = EquityRowDocument

    def put(self, report_id: str, rows: Iterable[EquityRow]) -> None:
        """Write the rows of a report that nobody reads yet."""
        _insert(self, (self._fields(report_id, row) for row in rows))

    def drop_others(self, kept: Iterable[str]) -> None:
        """Delete the rows of all reports of the district but some."""
        _drop_others(self, kept)

    def to_value(self, document: Any) -> EquityRow:
        """Return the row of a document."""
        return EquityRow(
            grouping_id=document.grouping_id,
            skill_id=document.skill_id,
            school_id=document.school_id,
            group_id=document.group_id,
            published=_published(document.published),
            internal=Internal(**{**document.internal, "few": tuple(document.internal["few"])}),
        )

    def _fields(self, report_id: str, row: EquityRow) -> dict[str, Any]:
        cell = (row.grouping_id, row.skill_id, row.school_id, row.group_id)
        return {
            # A hash, for schools and skills may have any name.
            "id": f"{report_id}:{derived_id('scoring', 'cell', *cell)}",
            "district": self.work.district,
            "report_id": report_id,
            "grouping_id": row.grouping_id,
            "skill_id": row.skill_id,
            "school_id": row.school_id,
            "group_id": row.group_id,
            "published": _said(asdict(row.published)),
            "internal": {**asdict(row.internal), "few": list(row.internal.few)},
        }


class DistrictBook:
    """The districts that the roster has named, as a process remembers them: a timer belongs to none."""

    #: How long a new district may go unseen; the embedded store reads all staff to answer this.
    age_s = 60.0

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: list[str] = []
        self._until = 0.0

    def districts(self) -> list[str]:
        """Return the districts with staff, and at once those who ask for a report or have one."""
        with translated():
            if self._clock() >= self._until:
                self._known = StaffCopy._get_collection().distinct("district")  # noqa: SLF001 - as the chassis does it
                self._until = self._clock() + self.age_s
            asking = NightsDocument._get_collection().distinct("district")  # noqa: SLF001 - as the chassis does it
        return sorted({*self._known, *asking})


def _published(stored_: Mapping[str, Any]) -> Published:
    share, levels, gap = stored_.get("with_artifact"), stored_.get("levels"), stored_.get("gap")
    figures = {name: stored_.get(name) for name in ("risk_ratio", "hedges_g")}
    return Published(
        students=stored_.get("students"),
        with_artifact=share and Share(**share),
        levels=levels and {name: Share(**each) for name, each in levels.items()},
        ceiling=stored_.get("ceiling"),
        turnaround_days=stored_.get("turnaround_days"),
        gap=gap and Parts(**gap),
        **{name: each and Figure(**each) for name, each in figures.items()},
    )


def _said(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return what has a value; most of a figure has none, and there are many."""
    return {
        name: _said(each) if isinstance(each, Mapping) else each
        for name, each in fields.items()
        if each is not None
    }


def _insert(rows: Reader[Any], fields: Iterator[dict[str, Any]]) -> None:
    collection = rows.document._get_collection()  # noqa: SLF001 - as the chassis does it
    while batch := list(islice(fields, _BATCH)):
        with translated():
            collection.insert_many([stored(rows.document, each) for each in batch])


def _drop_others(rows: Reader[Any], kept: Iterable[str]) -> None:
    collection = rows.document._get_collection()  # noqa: SLF001 - as the chassis does it
    district = {"district": rows.work.district}
    with translated():
        for report_id in set(collection.distinct("report_id", district)) - set(kept):
            collection.delete_many({"report_id": report_id, **district})
