"""Schools, staff, guardians and students."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date
from typing import Any, TypeVar

from artifacts.documents import (
    ConsentPart,
    GuardianDocument,
    PostPart,
    RelationPart,
    SchoolDocument,
    StaffDocument,
    StudentDocument,
)
from artifacts.domain.people import Consent, Guardian, Post, Relation, School, Staff, Student
from chassis.errors import TransientError
from chassis.mongo import AggregateRepository, Decide

Value = TypeVar("Value")

_WAITS_S = (1.0, 5.0, 15.0, 30.0)


class RosterRepository(AggregateRepository[Value]):
    """Aggregates that imports change in bulk; an import of an hour does not end because of a bad minute."""

    def change_many(self, changes: Sequence[tuple[str, Decide[Value]]]) -> int:
        """Change many aggregates, as the chassis does, and try again while the store cannot be reached.

        What a broken try has written is known by its cause and not written again.
        """
        for wait_s in _WAITS_S:
            try:
                return super().change_many(changes)
            except TransientError:
                time.sleep(wait_s)
        return super().change_many(changes)


class SchoolRepository(RosterRepository[School]):
    """The district's schools."""

    document = SchoolDocument

    def to_value(self, document: Any) -> School:
        return School(
            school_id=document.id,
            source_id=document.source_id,
            name=document.name,
            time_zone=document.time_zone,
            active=document.active,
        )

    def to_fields(self, value: School) -> dict[str, Any]:
        return {
            "source_id": value.source_id,
            "name": value.name,
            "time_zone": value.time_zone,
            "active": value.active,
        }


class StudentRepository(RosterRepository[Student]):
    """The district's students."""

    document = StudentDocument
    student_field = "_id"

    def to_value(self, document: Any) -> Student:
        return Student(
            student_id=document.id,
            source_id=document.source_id,
            school_id=document.school_id,
            grade=document.grade,
            given_name=document.given_name,
            family_name=document.family_name,
            home_language=document.home_language,
            guardian_ids=tuple(document.guardian_ids),
            teacher_ids=tuple(document.teacher_ids),
            enrolled=document.enrolled,
        )

    def to_fields(self, value: Student) -> dict[str, Any]:
        return {
            "source_id": value.source_id,
            "school_id": value.school_id,
            "grade": value.grade,
            "given_name": value.given_name,
            "family_name": value.family_name,
            "home_language": value.home_language,
            "guardian_ids": list(value.guardian_ids),
            "teacher_ids": list(value.teacher_ids),
            "enrolled": value.enrolled,
        }


class GuardianRepository(RosterRepository[Guardian]):
    """The guardians of the district's students."""

    document = GuardianDocument

    def to_value(self, document: Any) -> Guardian:
        return Guardian(
            guardian_id=document.id,
            source_id=document.source_id,
            given_name=document.given_name,
            family_name=document.family_name,
            language=document.language,
            email=document.email,
            phone=document.phone,
            relations=tuple(
                Relation(student_id=part.student_id, kind=part.kind, may_be_told=part.may_be_told)
                for part in document.relations
            ),
            consents=tuple(
                Consent(
                    channel=part.channel,
                    granted=part.granted,
                    source=part.source,
                    recorded_on=date.fromisoformat(part.recorded_on),
                )
                for part in document.consents
            ),
            active=document.active,
        )

    def to_fields(self, value: Guardian) -> dict[str, Any]:
        return {
            "source_id": value.source_id,
            "given_name": value.given_name,
            "family_name": value.family_name,
            "language": value.language,
            "email": value.email,
            "phone": value.phone,
            "relations": [
                RelationPart(student_id=each.student_id, kind=each.kind, may_be_told=each.may_be_told)
                for each in value.relations
            ],
            "consents": [
                ConsentPart(
                    channel=each.channel,
                    granted=each.granted,
                    source=each.source,
                    recorded_on=each.recorded_on.isoformat(),
                )
                for each in value.consents
            ],
            "active": value.active,
        }


class StaffRepository(RosterRepository[Staff]):
    """The district's staff."""

    document = StaffDocument

    def to_value(self, document: Any) -> Staff:
        return Staff(
            staff_id=document.id,
            source_id=document.source_id,
            given_name=document.given_name,
            family_name=document.family_name,
            email=document.email,
            posts=tuple(Post(school_id=part.school_id, role=part.role) for part in document.posts),
            active=document.active,
        )

    def to_fields(self, value: Staff) -> dict[str, Any]:
        return {
            "source_id": value.source_id,
            "given_name": value.given_name,
            "family_name": value.family_name,
            "email": value.email,
            "posts": [PostPart(school_id=post.school_id, role=post.role) for post in value.posts],
            "active": value.active,
        }
