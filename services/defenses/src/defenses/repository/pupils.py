"""What scheduling needs to know of students, without what was scored: a tenth of the time to read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from chassis.mongo import Reader, translated
from defenses.documents import CandidateDocument
from defenses.domain.readiness import READY
from defenses.domain.roster import Pupil

_FIELDS = ("school_id", "grade", "status", "guardian_ids", "teacher_ids")
#: What the first release called its statuses, in decisions that nothing has renewed since.
_RENAMED = {"READY": READY}


class Pupils(Reader[Pupil]):
    """Finds students by id, by school and status, and by guardian."""

    document: ClassVar[Any] = CandidateDocument
    student_field = "_id"

    def find(self, document_id: str) -> Pupil | None:
        """Return one student, or None if there is none that the caller may see."""
        return self.existing([document_id]).get(document_id)

    def select(self, *, limit: int = 0, order_by: str = "", **equals: Any) -> list[Pupil]:
        """Return all students whose fields equal what is given; a list means any of its members."""
        with translated():
            found = self._collection().find(self._filter(**equals), dict.fromkeys(_FIELDS, 1))
            if order_by:
                found = found.sort(order_by)
            return [self._value(raw) for raw in found.limit(limit)]

    def existing(self, ids: Iterable[str]) -> Mapping[str, Pupil]:
        """Return those of these students that exist, by id."""
        return {each.student_id: each for each in self.select(id=list(ids))}

    def _value(self, raw: dict[str, Any]) -> Pupil:
        status = raw.get("status") or ""
        return Pupil(
            student_id=raw["_id"],
            school_id=raw.get("school_id"),
            grade=raw.get("grade"),
            status=_RENAMED.get(status, status) or None,
            guardian_ids=frozenset(raw.get("guardian_ids", ())),
            teacher_ids=frozenset(raw.get("teacher_ids", ())),
        )
