"""The rows of a OneRoster bundle: which file each goes into, and its cells by column name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from stack.demo.district import District
from stack.demo.people import GRADES, Guardian, Household, School, SchoolClass, Staff, Student

Row = tuple[str, Mapping[str, str]]

DISTRICT_ORG = "org-district"
_PRESENT = ("academicSessions", "classes", "courses", "demographics", "enrollments", "orgs", "roles", "users")
_ABSENT = (
    "categories",
    "classResources",
    "courseResources",
    "lineItemLearningObjectiveIds",
    "lineItems",
    "lineItemScoreScales",
    "resources",
    "resultLearningObjectiveIds",
    "results",
    "resultScoreScales",
    "scoreScales",
    "userProfiles",
    "userResources",
)


def frame(district: District) -> Iterator[Row]:
    """Return everything that does not belong to a household."""
    shape = district.shape
    yield from _manifest()
    yield (
        "orgs.csv",
        {"sourcedId": DISTRICT_ORG, "name": f"{shape.district.upper()} (demo)", "type": "district"},
    )
    for school in shape.schools:
        yield (
            "orgs.csv",
            {
                "sourcedId": school.sourced_id,
                "name": school.name,
                "type": "school",
                "identifier": school.sourced_id[4:],
                "parentSourcedId": DISTRICT_ORG,
            },
        )
    yield from _sessions(shape.school_year)
    for grade in shape.schools_by_grade:
        yield from _courses(grade)
    yield from chain.from_iterable(_class(each, shape.school_year) for each in district.classes)
    yield from chain.from_iterable(_staff(each) for each in district.staff)


def household(home: Household, *, school_year: int) -> Iterator[Row]:
    """Return the rows of one household."""
    for guardian in home.guardians:
        school = next(each.school for each in home.students)
        yield from _guardian(guardian, school, school_year=school_year)
    for student in home.students:
        yield from _student(student, home, school_year=school_year)


def bad() -> Iterator[Row]:
    """Return a few rows that an import must refuse, each for another reason; nobody else refers to them."""
    person = {"enabledUser": "true", "givenName": "Row", "familyName": "Broken"}
    yield "users.csv", {**person, "sourcedId": "bad-1", "username": "bad-1", "familyName": ""}
    yield "users.csv", {**person, "sourcedId": "bad-2", "username": "bad-2", "grades": "14"}
    yield "roles.csv", _role("bad-3", DISTRICT_ORG, "wizard")
    yield (
        "enrollments.csv",
        {
            "sourcedId": "bad-4",
            "classSourcedId": "cls-nowhere",
            "schoolSourcedId": "sch-nowhere",
            "userSourcedId": "s-000000",
            "role": "student",
        },
    )
    yield "supplement/guardians.csv", _tie("g-000000", "s-nobody", ("parent", "perhaps", "en"))


def _manifest() -> Iterator[Row]:
    values = {
        "manifest.version": "1.0",
        "oneroster.version": "1.2.1",
        **{f"file.{name}": "bulk" for name in _PRESENT},
        **{f"file.{name}": "absent" for name in _ABSENT},
        "source.systemName": "Backpack demo",
        "source.systemCode": "backpack-demo",
    }
    for name, value in values.items():
        yield "manifest.csv", {"propertyName": name, "value": value}


def _sessions(school_year: int) -> Iterator[Row]:
    year, starts = f"sy-{school_year}", school_year - 1
    sessions = (
        (year, f"{starts}-{school_year}", "schoolYear", f"{starts}-08-12", f"{school_year}-05-28", ""),
        (f"{year}-fall", "Fall", "semester", f"{starts}-08-12", f"{starts}-12-18", year),
        (f"{year}-spring", "Spring", "semester", f"{school_year}-01-05", f"{school_year}-05-28", year),
    )
    columns = ("sourcedId", "title", "type", "startDate", "endDate", "parentSourcedId")
    for session in sessions:
        yield (
            "academicSessions.csv",
            {**dict(zip(columns, session, strict=True)), "schoolYear": str(school_year)},
        )


def _courses(grade: str) -> Iterator[Row]:
    for kind, title in (("homeroom", "Homeroom"), ("scheduled", "Project studio")):
        yield (
            "courses.csv",
            {
                "sourcedId": _course(kind, grade),
                "title": f"{title} {grade}",
                "grades": _code(grade),
                "orgSourcedId": DISTRICT_ORG,
            },
        )


def _course(kind: str, grade: str) -> str:
    return f"crs-{kind}-{grade}"


def _class(each: SchoolClass, school_year: int) -> Iterator[Row]:
    yield (
        "classes.csv",
        {
            "sourcedId": each.sourced_id,
            "title": each.title,
            "grades": _code(each.grade),
            "courseSourcedId": _course(each.kind, each.grade),
            "classType": each.kind,
            "schoolSourcedId": each.school.sourced_id,
            "termSourcedIds": f"sy-{school_year}-fall,sy-{school_year}-spring",
        },
    )
    yield "enrollments.csv", _enrollment(each.teacher_sourced_id, each.sourced_id, each.school, "teacher")


def _staff(each: Staff) -> Iterator[Row]:
    for index, school in enumerate(each.schools):
        sourced_id = each.sourced_id if index == 0 else f"{each.sourced_id}-b"
        yield (
            "users.csv",
            {
                **_user(sourced_id, each.given_name, each.family_name),
                "identifier": each.identifier,
                "userIds": f"{{EmployeeId:{each.identifier}}}",
                "email": f"{each.sourced_id}@staff.example.org",
                "primaryOrgSourcedId": each.schools[0].sourced_id,
            },
        )
        yield "roles.csv", _role(sourced_id, school.sourced_id, each.role, is_primary=index == 0)


def _guardian(guardian: Guardian, school: School, *, school_year: int) -> Iterator[Row]:
    yield (
        "users.csv",
        {
            **_user(guardian.sourced_id, guardian.given_name, guardian.family_name),
            "email": guardian.email,
            "sms": guardian.phone,
            "phone": guardian.phone,
        },
    )
    yield "roles.csv", _role(guardian.sourced_id, school.sourced_id, guardian.kind)
    for consent in guardian.consents:
        yield (
            "supplement/consents.csv",
            {
                "guardianSourcedId": guardian.sourced_id,
                "channel": consent.channel,
                "granted": _flag(is_so=consent.granted),
                "source": "enrollment-form",
                "recordedOn": f"{school_year - 1}-08-03",
            },
        )


def _student(student: Student, home: Household, *, school_year: int) -> Iterator[Row]:
    """Return a student's rows; a second school means a second user row with the same identifier."""
    # Half the households have the links in OneRoster too; the others only in the supplement.
    agents = ",".join((*student.told, *student.untold)) if home.number % 2 == 0 else ""
    person = {
        **_user(student.sourced_id, student.given_name, student.family_name),
        "identifier": student.identifier,
        "userIds": f"{{SSID:{student.identifier}}}",
        "email": f"{student.sourced_id}@students.example.org",
        "grades": _code(student.grade),
        "agentSourcedIds": agents,
        "primaryOrgSourcedId": student.school.sourced_id,
    }
    yield "users.csv", person
    yield "roles.csv", _role(student.sourced_id, student.school.sourced_id, "student")
    for class_id in student.class_ids:
        yield "enrollments.csv", _enrollment(student.sourced_id, class_id, student.school, "student")
    if student.second_school is not None and student.second_class_id is not None:
        second_id = f"{student.sourced_id}-b"
        yield "users.csv", {**person, "sourcedId": second_id, "username": second_id}
        yield "roles.csv", _role(second_id, student.second_school.sourced_id, "student", is_primary=False)
        yield (
            "enrollments.csv",
            _enrollment(second_id, student.second_class_id, student.second_school, "student"),
        )
    yield from _about(student, home, school_year=school_year)


def _about(student: Student, home: Household, *, school_year: int) -> Iterator[Row]:
    """Return a student's demographics and what OneRoster cannot say."""
    born = school_year - 6 - GRADES.index(student.grade)
    yield (
        "demographics.csv",
        {"sourcedId": student.sourced_id, "birthDate": f"{born}-03-15", "sex": "unspecified"},
    )
    yield (
        "supplement/languages.csv",
        {"studentSourcedId": student.sourced_id, "homeLanguage": student.home_language},
    )
    for guardian in home.guardians:
        may_be_told = _flag(is_so=guardian.sourced_id in student.told)
        about = (guardian.kind, may_be_told, guardian.language)
        yield "supplement/guardians.csv", _tie(guardian.sourced_id, student.sourced_id, about)


def _user(sourced_id: str, given_name: str, family_name: str) -> dict[str, str]:
    return {
        "sourcedId": sourced_id,
        "enabledUser": "true",
        "username": sourced_id,
        "givenName": given_name,
        "familyName": family_name,
    }


def _role(user: str, org: str, role: str, *, is_primary: bool = True) -> dict[str, str]:
    return {
        "sourcedId": f"role-{user}",
        "userSourcedId": user,
        "roleType": "primary" if is_primary else "secondary",
        "role": role,
        "orgSourcedId": org,
    }


def _enrollment(user: str, class_id: str, school: School, role: str) -> dict[str, str]:
    return {
        "sourcedId": f"enr-{user}-{class_id}",
        "classSourcedId": class_id,
        "schoolSourcedId": school.sourced_id,
        "userSourcedId": user,
        "role": role,
        "primary": "true" if role == "teacher" else "",
    }


def _tie(guardian: str, student: str, about: tuple[str, str, str]) -> dict[str, str]:
    relation, may_be_told, language = about
    return {
        "guardianSourcedId": guardian,
        "studentSourcedId": student,
        "relation": relation,
        "mayBeTold": may_be_told,
        "language": language,
    }


def _code(grade: str) -> str:
    """Return a grade as OneRoster's sources write it: KG, 01 to 12."""
    return "KG" if grade == "K" else grade.zfill(2)


def _flag(*, is_so: bool) -> str:
    return "true" if is_so else "false"
