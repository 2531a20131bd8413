"""Artifacts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from artifacts.documents import ArtifactDocument
from artifacts.domain.artifacts import Artifact
from chassis.mongo import AggregateRepository, translated


class ArtifactRepository(AggregateRepository[Artifact]):
    """The district's artifacts."""

    document = ArtifactDocument
    student_field = "student_id"

    def to_value(self, document: Any) -> Artifact:
        return Artifact(
            artifact_id=document.id,
            student_id=document.student_id,
            school_id=document.school_id,
            grade=document.grade,
            skill_id=document.skill_id,
            title=document.title,
            reflection=document.reflection or "",
            sha256=document.sha256,
            size_bytes=document.size_bytes,
            media_type=document.media_type,
            uploaded_at=document.uploaded_at,
            uploaded_by=document.uploaded_by,
            assignment_id=document.assignment_id,
        )

    def to_fields(self, value: Artifact) -> dict[str, Any]:
        return {
            "student_id": value.student_id,
            "school_id": value.school_id,
            "grade": value.grade,
            "skill_id": value.skill_id,
            "title": value.title,
            "reflection": value.reflection,
            "sha256": value.sha256,
            "size_bytes": value.size_bytes,
            "media_type": value.media_type,
            "uploaded_at": value.uploaded_at,
            "uploaded_by": value.uploaded_by,
            "assignment_id": value.assignment_id,
        }

    def of_student(self, student_id: str) -> list[Artifact]:
        """Return a student's artifacts, oldest first."""
        return sorted(
            self.select(student_id=student_id), key=lambda each: (each.uploaded_at, each.artifact_id)
        )


def used_contents(keys: Iterable[str]) -> set[str]:
    """Return those keys of contents that an artifact of any district has."""
    collection = ArtifactDocument._get_collection()  # noqa: SLF001 - the driver's collection
    with translated():
        return {raw["sha256"] for raw in collection.find({"sha256": {"$in": list(keys)}}, {"sha256": 1})}
