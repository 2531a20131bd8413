"""Who was shown whose record: each reading by anybody but the family is kept (34 CFR 99.32).

A reading by the student or a guardian is an inspection of one's own record and leaves no trace. Tokens do not
say at which school somebody works, so all other readings are kept, not only those from outside the school.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar
from uuid import uuid4

from marshmallow import Schema, fields
from mongoengine import DateTimeField, Document, ListField, StringField
from pymongo import InsertOne

from chassis.auth import SCOPED_ROLES, Permission, Principal, Role
from chassis.mongo.collection import grouped
from chassis.mongo.documents import RawField, stored
from chassis.mongo.queries import Page, Reader

#: Families may see who has read their record.
READ_DISCLOSURES = Permission("disclosures.read", (Role.DISTRICT_ADMIN, Role.PORTAL, *SCOPED_ROLES))


class DisclosureDocument(Document):
    """One answer to one caller; a service that keeps disclosures has this among its documents.

    The id begins with the time, so that ids are in the order of the readings.
    """

    meta: ClassVar[dict[str, Any]] = {
        "collection": "disclosures",
        "strict": False,
        "auto_create_index": False,
        "indexes": [{"fields": ["student_ids", "district"], "cls": False}],
    }
    id = StringField(primary_key=True)
    district = StringField(required=True)
    seen_by = StringField(required=True)
    role = StringField(required=True)
    what = StringField(required=True)
    #: [student id, record id or None] pairs, and the students once more for queries.
    shown = RawField(default=list)
    student_ids = ListField(StringField())
    seen_at = DateTimeField(required=True)


@dataclass(frozen=True, kw_only=True)
class Disclosure:
    """Somebody was shown something of some students.

    Attributes:
        seen_by, role: the caller, as the token names them.
        what: such as `journey` or `hearings`.
        shown: (student id, record id); no record id where a student has one of the kind.
    """

    disclosure_id: str
    seen_by: str
    role: str
    what: str
    shown: tuple[tuple[str, str | None], ...]
    seen_at: datetime

    @property
    def record_ids(self) -> tuple[str, ...]:
        """Which of the students' records; empty where there is one of a kind."""
        return tuple(record_id for _, record_id in self.shown if record_id is not None)

    def about(self, student_id: str) -> Disclosure:
        """Return it without the other students who were in the same answer."""
        return replace(self, shown=tuple(pair for pair in self.shown if pair[0] == student_id))


class DisclosureSchema(Schema):
    """One reading of a student's record."""

    disclosure_id = fields.String(required=True)
    seen_by = fields.String(required=True)
    role = fields.String(required=True)
    what = fields.String(required=True)
    record_ids = fields.List(fields.String(), required=True)
    seen_at = fields.AwareDateTime(required=True)


class Disclosures(Reader[Disclosure]):
    """Keeps readings; one is written once and never changed."""

    document: ClassVar[Any] = DisclosureDocument
    student_field = "student_ids"

    def to_value(self, document: Any) -> Disclosure:
        """Return the disclosure of a document."""
        return Disclosure(
            disclosure_id=document.id,
            seen_by=document.seen_by,
            role=document.role,
            what=document.what,
            shown=tuple((student_id, record_id) for student_id, record_id in document.shown),
            seen_at=document.seen_at,
        )

    def note(self, reader: Principal, what: str, shown: Iterable[tuple[str, str | None]]) -> None:
        """Keep that somebody reads; an answer with nothing in it discloses nothing.

        A caller who repeats an idempotency key has read twice, and that is kept twice.

        Args:
            reader: the caller.
            what: a stable word.
            shown: (student id, record id); no record id where a student has one of the kind.

        Raises:
            TransientError: if the store does not take it; then nothing may be shown.
        """
        pairs = [list(pair) for pair in shown]
        if not pairs or reader.role in SCOPED_ROLES:
            return
        wire = stored(
            DisclosureDocument,
            {
                "id": f"{self.work.now:%Y%m%d%H%M%S%f}-{uuid4().hex}",
                "district": self.work.district,
                "seen_by": reader.subject,
                # Whoever holds a private address has no role.
                "role": str(reader.role or "holder"),
                "what": what,
                "shown": pairs,
                "student_ids": sorted({student for student, _ in pairs}),
                "seen_at": self.work.now,
            },
        )
        grouped(self._collection()).write(InsertOne(wire))

    def of_student(self, student_id: str, *, cursor: str | None, limit: int) -> Page[Disclosure]:
        """Return who has read a student's record, oldest first, and nothing of others in the same answer."""
        found = self.page(cursor=cursor, limit=limit, student_ids=student_id)
        return found.map(lambda disclosure: disclosure.about(student_id))
