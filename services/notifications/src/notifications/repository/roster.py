"""Copies of the roster as documents."""

from datetime import date
from typing import Any

from chassis.mongo import ReplicaRepository
from chassis.outbox import UnitOfWork
from notifications.documents import ConsentPart, GuardianCopy, RelationPart, SchoolCopy, StudentCopy
from notifications.domain.roster import Channel, Consent, Guardian, Relation, School, Student
from notifications.repository.wishes import MongoWishes
from notifications.use_cases.ports import Roster


class MongoSchools(ReplicaRepository[School]):
    """Keeps copies of schools."""

    document = SchoolCopy
    views = True

    def keep(self, value: School, *, version: int) -> bool:
        """Keep a copy, if it is newer than what is known."""
        fields = {"name": value.name, "time_zone": value.time_zone, "active": value.active}
        return self.apply(value.school_id, version, fields)

    def to_value(self, document: Any) -> School:
        """Return the school."""
        return School(
            school_id=document.id, name=document.name, time_zone=document.time_zone, active=document.active
        )


class MongoStudents(ReplicaRepository[Student]):
    """Keeps copies of students."""

    document = StudentCopy
    views = True
    student_field = "_id"

    def keep(self, value: Student, *, version: int) -> bool:
        """Keep a copy, if it is newer than what is known."""
        fields = {
            "school_id": value.school_id,
            "given_name": value.given_name,
            "family_name": value.family_name,
            "guardian_ids": list(value.guardian_ids),
            "active": value.active,
        }
        return self.apply(value.student_id, version, fields)

    def to_value(self, document: Any) -> Student:
        """Return the student."""
        return Student(
            student_id=document.id,
            school_id=document.school_id,
            given_name=document.given_name or "",
            family_name=document.family_name or "",
            guardian_ids=tuple(document.guardian_ids),
            active=document.active,
        )


class MongoGuardians(ReplicaRepository[Guardian]):
    """Keeps copies of guardians."""

    document = GuardianCopy
    views = True

    def keep(self, value: Guardian, *, version: int) -> bool:
        """Keep a copy, if it is newer than what is known."""
        fields = {
            "language": value.language,
            "email": value.email,
            "phone": value.phone,
            "relations": [
                RelationPart(student_id=each.student_id, may_be_told=each.may_be_told)
                for each in value.relations
            ],
            "consents": [
                ConsentPart(
                    channel=each.channel.value,
                    granted=each.granted,
                    recorded_on=each.recorded_on.isoformat(),
                    source=each.source or None,
                )
                for each in value.consents
            ],
            "active": value.active,
        }
        return self.apply(value.guardian_id, version, fields)

    def to_value(self, document: Any) -> Guardian:
        """Return the guardian."""
        return Guardian(
            guardian_id=document.id,
            language=document.language,
            email=document.email,
            phone=document.phone,
            relations=tuple(
                Relation(student_id=each.student_id, may_be_told=each.may_be_told)
                for each in document.relations
            ),
            consents=tuple(
                Consent(
                    channel=Channel(each.channel),
                    granted=each.granted,
                    recorded_on=date.fromisoformat(each.recorded_on),
                    source=each.source or "",
                )
                for each in document.consents
            ),
            active=document.active,
        )


def roster_of(work: UnitOfWork) -> Roster:
    """Return all copies of the roster that one unit of work may read, and the guardians' wishes."""
    return Roster(MongoSchools(work), MongoStudents(work), MongoGuardians(work), MongoWishes(work))
