"""Scoring tasks and their documents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chassis.mongo import AggregateRepository, translated
from scoring.documents import GivenLevel, GivenRead, TaskDocument
from scoring.domain import CriterionLevel, Read, State, Submission, Task

_SUBMISSION = (
    "artifact_id",
    "student_id",
    "school_id",
    "grade",
    "skill_id",
    "title",
    "reflection",
    "media_type",
)


class Tasks(AggregateRepository[Task]):
    """Keeps tasks; a student or guardian sees those about whom their token speaks."""

    document = TaskDocument
    student_field = "student_id"

    def queued(self) -> Iterator[Task]:
        """Yield every queued task of the district, in no order."""
        return self.stream(state=str(State.QUEUED))

    def to_fields(self, value: Task) -> dict[str, Any]:
        """Return the document fields of a task."""
        return {
            **{name: getattr(value.submission, name) for name in _SUBMISSION},
            "rubric_id": value.rubric_id,
            "rubric_version": value.rubric_version,
            "state": str(value.state),
            "scorer_id": value.scorer_id,
            "reads": [_read_fields(each) for each in value.reads],
            "opened_at": value.opened_at,
            "assigned_at": value.assigned_at,
        }

    def to_value(self, document: Any) -> Task:
        """Return the task of a document."""
        return Task(
            task_id=document.id,
            submission=Submission(**{name: getattr(document, name) or "" for name in _SUBMISSION}),
            rubric_id=document.rubric_id,
            rubric_version=document.rubric_version,
            state=State(document.state),
            scorer_id=document.scorer_id,
            reads=tuple(_read(each) for each in document.reads),
            opened_at=document.opened_at,
            assigned_at=document.assigned_at,
        )


def districts_with_queued_tasks() -> list[str]:
    """Return the districts in which tasks are queued: the timer's one question across districts."""
    with translated():
        found = TaskDocument._get_collection().distinct(  # noqa: SLF001 - the driver's collection
            "district", {"state": str(State.QUEUED)}
        )
    return sorted(found)


def _read_fields(read: Read) -> GivenRead:
    levels = [
        GivenLevel(criterion_id=each.criterion_id, level=each.level, feedback=each.feedback)
        for each in read.levels
    ]
    return GivenRead(scorer_id=read.scorer_id, levels=levels, given_at=read.given_at)


def _read(stored: Any) -> Read:
    return Read(
        scorer_id=stored.scorer_id,
        levels=tuple(
            CriterionLevel(criterion_id=each.criterion_id, level=each.level, feedback=each.feedback or "")
            for each in stored.levels
        ),
        given_at=stored.given_at,
    )
