"""Keep copies of the roster, as far as telling families needs it."""

from contracts.artifacts import GuardianUpdated, SchoolUpdated, StudentEnrolled, StudentWithdrawn
from notifications.domain.roster import Channel, Consent, Guardian, Relation, School, Student
from notifications.use_cases.ports import Guardians, Schools, Students


def keep_school(event: SchoolUpdated, *, version: int, schools: Schools) -> None:
    """Keep what the roster says about a school."""
    school = School(
        school_id=event.school_id, name=event.name, time_zone=event.time_zone, active=event.active
    )
    schools.keep(school, version=version)


def keep_student(event: StudentEnrolled, *, version: int, students: Students) -> None:
    """Keep what the roster says about an enrolled student."""
    student = Student(
        student_id=event.student_id,
        school_id=event.school_id,
        given_name=event.given_name,
        family_name=event.family_name,
        guardian_ids=event.guardian_ids,
        active=True,
    )
    students.keep(student, version=version)


def keep_withdrawal(event: StudentWithdrawn, *, version: int, students: Students) -> None:
    """Keep that a student is enrolled nowhere; the names stay, so that a school sees whom it is about."""
    known = students.find(event.student_id)
    student = Student(
        student_id=event.student_id,
        school_id=event.school_id,
        given_name=known.given_name if known else "",
        family_name=known.family_name if known else "",
        guardian_ids=known.guardian_ids if known else (),
        active=False,
    )
    students.keep(student, version=version)


def keep_guardian(event: GuardianUpdated, *, version: int, guardians: Guardians) -> None:
    """Keep what the roster says about a guardian.

    Messages that exist already are not planned anew: what changes between a message's creation and its
    sending is seen when it is taken up, and a consent that comes later counts for the next fact.
    """
    guardian = Guardian(
        guardian_id=event.guardian_id,
        language=event.language,
        email=event.email,
        phone=event.phone,
        relations=tuple(
            Relation(student_id=each.student_id, may_be_told=each.may_be_told) for each in event.relations
        ),
        consents=tuple(
            Consent(
                channel=Channel(each.channel),
                granted=each.granted,
                recorded_on=each.recorded_on,
                source=each.source,
            )
            for each in event.consents
        ),
        active=event.active,
    )
    guardians.keep(guardian, version=version)
