"""Milestones, the events at which they are held, and what they need of the roster, in the document store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, ClassVar

from chassis.mongo import AggregateRepository, translated
from chassis.mongo.queries import Reader
from defenses.documents import (
    CandidateDocument,
    MilestoneDocument,
    MilestoneSweepDocument,
    SchoolEventDocument,
)
from defenses.domain.milestones.milestones import OPEN, RECORDED, Milestone, Overdue, Plan, Record
from defenses.domain.milestones.school_events import Refusal, SchoolEvent, Slot
from defenses.domain.milestones.students import RosterStudent


class SchoolEvents(AggregateRepository[SchoolEvent]):
    """Keeps events of schools by id; they name many students, so families see none of them."""

    document: ClassVar[Any] = SchoolEventDocument

    def to_value(self, document: Any) -> SchoolEvent:
        """Return the event of a document."""
        return SchoolEvent(
            event_id=document.id,
            school_id=document.school_id,
            school_year=document.school_year,
            form=document.form,
            slot=Slot(
                starts_at=document.starts_at,
                ends_at=document.ends_at,
                time_zone=document.time_zone,
                place=document.place,
            ),
            student_ids=tuple(document.student_ids),
            changed_by=document.changed_by,
            changed_at=document.event_changed_at,
            state=document.state,
            revision=document.revision,
            is_applied=document.is_applied,
            missed=tuple(document.missed),
            reason=document.reason or "",
            left_out=tuple(Refusal(student_id, reason) for student_id, reason in document.left_out),
        )

    def to_fields(self, value: SchoolEvent) -> dict[str, Any]:
        """Return the document fields of an event."""
        return {
            "school_id": value.school_id,
            "school_year": value.school_year,
            "form": value.form,
            **asdict(value.slot),
            "student_ids": list(value.student_ids),
            "state": value.state,
            "revision": value.revision,
            "is_applied": value.is_applied,
            "missed": list(value.missed),
            "changed_by": value.changed_by,
            "event_changed_at": value.changed_at,
            "reason": value.reason or None,
            "left_out": [[refusal.student_id, refusal.reason] for refusal in value.left_out],
        }


class Milestones(AggregateRepository[Milestone]):
    """Keeps milestones by their derived ids."""

    document: ClassVar[Any] = MilestoneDocument
    student_field = "student_id"

    def settled(self, school_id: str, school_year: str) -> Collection[str]:
        """Return the ids of a school's milestones that are on record or known to be overdue."""
        recorded = self._filter(school_id=school_id, school_year=school_year, state=RECORDED)
        # Of any year: an index is used only if the filter has none but its fields, and its own come first.
        overdue = self._filter(is_overdue=True, school_id=school_id)
        with translated():
            found = [
                *self._collection().find(recorded, {"_id": 1}),
                *self._collection().find(overdue, {"_id": 1}),
            ]
        return frozenset(raw["_id"] for raw in found)

    def open(self, school_id: str, school_year: str) -> Mapping[str, str]:
        """Return the ids of a school's milestones that follow their student, by the student's id."""
        wanted = self._filter(school_id=school_id, school_year=school_year, state=OPEN)
        with translated():
            found = self._collection().find(wanted, {"student_id": 1})
            return {raw["student_id"]: raw["_id"] for raw in found}

    def overdue(self, school_id: str | None) -> list[Overdue]:
        """Return how many are overdue, by school, grade and state; of one school, or of all of them."""
        wanted = self._filter(is_overdue=True, **({} if school_id is None else {"school_id": school_id}))
        shown = {"_id": 0, "school_id": 1, "grade": 1, "state": 1}
        with translated():
            counts = Counter(
                (raw["school_id"], raw["grade"], raw["state"])
                for raw in self._collection().find(wanted, shown)
            )
        return [Overdue(*key, count) for key, count in sorted(counts.items())]

    def to_value(self, document: Any) -> Milestone:
        """Return the milestone of a document."""
        return Milestone(
            milestone_id=document.id,
            student_id=document.student_id,
            school_id=document.school_id,
            grade=document.grade,
            school_year=document.school_year,
            due_on=date.fromisoformat(document.due_on),
            roster_version=document.roster_version,
            state=document.state,
            revision=document.revision,
            plan=_plan(document.plan) if document.plan else None,
            cause=document.cause or "",
            reason=document.reason or "",
            records=tuple(_record(stored) for stored in document.records),
            is_overdue=document.is_overdue,
        )

    def to_fields(self, value: Milestone) -> dict[str, Any]:
        """Return the document fields of a milestone."""
        return {
            "student_id": value.student_id,
            "school_id": value.school_id,
            "grade": value.grade,
            "school_year": value.school_year,
            "due_on": value.due_on.isoformat(),
            "roster_version": value.roster_version,
            "state": value.state,
            "revision": value.revision,
            "plan": asdict(value.plan) if value.plan else {},
            "cause": value.cause or None,
            "reason": value.reason or None,
            "records": [
                {**asdict(record), "levels": [list(level) for level in record.levels]}
                for record in value.records
            ],
            "is_overdue": value.is_overdue,
        }


class RosterStudents(Reader[RosterStudent]):
    """Reads of the candidates what the roster says, and leaves their evidence in the store."""

    document: ClassVar[Any] = CandidateDocument
    student_field = "_id"
    _FIELDS: ClassVar[dict[str, int]] = {
        "roster_version": 1,
        "school_id": 1,
        "grade": 1,
        "teacher_ids": 1,
        "district": 1,
    }

    def select(self, *, limit: int = 0, order_by: str = "", **equals: Any) -> list[RosterStudent]:
        """Return all students whose fields equal what is given, in no order."""
        with translated():
            found = self._collection().find(self._filter(**equals), self._FIELDS)
            return [self._value(raw) for raw in found]

    def existing(self, ids: Iterable[str]) -> Mapping[str, RosterStudent]:
        """Return those of these students who are known, by id."""
        return {student.student_id: student for student in self.select(id=list(ids))}

    def _value(self, raw: dict[str, Any]) -> RosterStudent:
        return RosterStudent(
            student_id=raw["_id"],
            version=raw["roster_version"],
            school_id=raw.get("school_id"),
            grade=raw.get("grade") or "",
            teacher_ids=tuple(raw.get("teacher_ids") or ()),
        )


class MilestoneSweeps(AggregateRepository[datetime]):
    """Keeps the hour of the last sweep of a district."""

    document: ClassVar[Any] = MilestoneSweepDocument

    def to_value(self, document: Any) -> datetime:
        """Return the hour of a document."""
        hour: datetime = document.hour
        return hour

    def to_fields(self, value: datetime) -> dict[str, Any]:
        """Return the document fields of an hour."""
        return {"hour": value}


def districts_with_unapplied_events() -> list[str]:
    """Return the districts with an event whose students have not all heard of it: a timer belongs to none."""
    collection = SchoolEventDocument._get_collection()  # noqa: SLF001 - as the chassis does it
    with translated():
        return sorted({raw["district"] for raw in collection.find({"is_applied": False}, {"district": 1})})


def _plan(stored: Mapping[str, Any]) -> Plan:
    return Plan(**{**stored, "slot": Slot(**stored["slot"])})


def _record(stored: Mapping[str, Any]) -> Record:
    return Record(**{**stored, "levels": tuple((skill, level) for skill, level in stored["levels"])})
