from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from artifacts.domain.people import Consent, Guardian, Kind, Post, Relation, School, Staff, Student
from artifacts.domain.problems import BundleRefusedError, LeftOut, RosterShrinksError
from artifacts.use_cases.roster import Change
from contracts.envelope import derived_id

Files = dict[str, str]


def an_id(kind: Kind, source_id: str) -> str:
    return derived_id("jcps", kind, source_id)


def problems(office: Any) -> list[tuple[str, int | None, str | None, str, LeftOut]]:
    return [(each.file, each.line, each.column, each.reason, each.left_out) for each in office.problems]


def test_a_bundle_becomes_schools_staff_guardians_and_students(office: Any, roster: Files) -> None:
    summary = office.take(roster)

    assert office.problems == []
    assert office.by_source(office.schools) == {
        "sch-1": School(
            school_id=an_id(Kind.SCHOOL, "sch-1"),
            source_id="sch-1",
            name="Shelby Park",
            time_zone="America/Kentucky/Louisville",
        ),
        "sch-2": School(
            school_id=an_id(Kind.SCHOOL, "sch-2"),
            source_id="sch-2",
            name="Beargrass",
            time_zone="America/Chicago",
        ),
    }
    assert office.by_source(office.students)["stu-1"] == Student(
        student_id=an_id(Kind.STUDENT, "stu-1"),
        source_id="stu-1",
        school_id=an_id(Kind.SCHOOL, "sch-1"),
        grade="5",
        given_name="Ana",
        family_name="Díaz",
        home_language="es",
        guardian_ids=tuple(sorted((an_id(Kind.GUARDIAN, "gua-1"), an_id(Kind.GUARDIAN, "gua-2")))),
        teacher_ids=(an_id(Kind.STAFF, "tea-1"),),
    )
    assert office.by_source(office.guardians)["gua-1"] == Guardian(
        guardian_id=an_id(Kind.GUARDIAN, "gua-1"),
        source_id="gua-1",
        given_name="Cruz",
        family_name="Díaz",
        language="es",
        email="cruz@example.org",
        phone="+15025550101",
        relations=(Relation(student_id=an_id(Kind.STUDENT, "stu-1"), kind="parent", may_be_told=True),),
        consents=(
            Consent(channel="email", granted=True, source="form", recorded_on=date(2026, 8, 3)),
            Consent(channel="sms", granted=False, source="phone", recorded_on=date(2026, 9, 1)),
        ),
    )
    assert summary.changes == Counter(
        {
            (Kind.SCHOOL, Change.ADDED): 2,
            (Kind.STAFF, Change.ADDED): 1,
            (Kind.GUARDIAN, Change.ADDED): 2,
            (Kind.STUDENT, Change.ADDED): 2,
        }
    )


def test_a_person_whom_two_schools_have_is_one_person(office: Any, roster: Files) -> None:
    office.take(roster)

    assert office.by_source(office.staff) == {
        "tea-1": Staff(
            staff_id=an_id(Kind.STAFF, "tea-1"),
            source_id="tea-1",
            given_name="Eve",
            family_name="Fox",
            email="eve@example.org",
            posts=tuple(
                sorted(
                    Post(school_id=an_id(Kind.SCHOOL, school), role="teacher")
                    for school in ("sch-1", "sch-2")
                )
            ),
        )
    }


def test_a_link_of_oneroster_alone_gives_no_right_unless_the_district_says_so(
    office: Any, roster: Files
) -> None:
    office.take(roster)
    assert office.by_source(office.guardians)["gua-2"].relations == (
        Relation(student_id=an_id(Kind.STUDENT, "stu-1"), kind="relative", may_be_told=False),
    )

    office.policy = replace(office.policy, agents_may_be_told=True)
    office.take(roster)
    assert office.by_source(office.guardians)["gua-2"].relations[0].may_be_told


def test_importing_the_same_bundle_again_changes_and_announces_nothing(office: Any, roster: Files) -> None:
    office.take(roster)
    office.said()
    image = office.image.lines

    summary = office.take(roster)

    assert office.said() == []
    assert {change for _, change in summary.changes} == {Change.UNCHANGED}
    assert office.image.lines == image


def test_only_what_changed_is_announced(office: Any, roster: Files) -> None:
    office.take(roster)
    assert Counter(office.said()) == Counter(
        {"school.updated": 2, "staff.updated": 1, "guardian.updated": 2, "student.enrolled": 2}
    )

    office.take({**roster, "users.csv": roster["users.csv"].replace("Ben,Ray", "Benjamin,Ray")})

    assert office.said() == ["student.enrolled"]
    assert office.by_source(office.students)["stu-2"].given_name == "Benjamin"


def test_who_is_not_in_a_bulk_bundle_leaves_and_may_come_back(office: Any, roster: Files) -> None:
    office.take(roster)
    office.said()
    without = {
        **roster,
        "users.csv": _without(roster["users.csv"], "stu-2", "gua-2"),
        "roles.csv": _without(roster["roles.csv"], "r2", "r4"),
    }

    summary = office.take(without)

    assert not office.by_source(office.students)["stu-2"].enrolled
    assert not office.by_source(office.guardians)["gua-2"].active
    assert summary.changes[Kind.STUDENT, Change.LEFT] == 1
    # Ana has a guardian less, and Dora has gone.
    assert sorted(office.said()) == ["guardian.updated", "student.enrolled", "student.withdrawn"]
    office.take(without)
    assert office.said() == []

    office.take(roster)
    assert sorted(office.said()) == ["guardian.updated", "student.enrolled", "student.enrolled"]
    assert office.by_source(office.students)["stu-2"].enrolled


def test_schools_and_staff_leave_as_well(office: Any, roster: Files) -> None:
    office.take(roster)

    office.take(
        {
            **roster,
            "orgs.csv": _without(roster["orgs.csv"], "sch-2"),
            "users.csv": _without(roster["users.csv"], "tea-1"),
        }
    )

    assert not office.by_source(office.schools)["sch-2"].active
    assert not office.by_source(office.staff)["tea-1"].active
    assert ("roles.csv", 6, "userSourcedId", "names nothing that users.csv has", LeftOut.ROW) in problems(
        office
    )


def test_a_bundle_that_would_empty_the_schools_is_refused(office: Any, roster: Files) -> None:
    office.take(roster)
    image = office.image.lines
    empty = {**roster, "users.csv": roster["users.csv"].partition("\n")[0] + "\n"}

    with pytest.raises(RosterShrinksError, match="2 of 2 students would leave the roster"):
        office.take(empty)
    assert all(student.enrolled for student in office.students.values.values())
    assert office.image.lines == image

    office.take(empty, allow_shrink=True)
    assert not any(student.enrolled for student in office.students.values.values())


def test_a_rehearsal_counts_and_changes_nothing(office: Any, roster: Files) -> None:
    summary = office.take(roster, rehearse=True)

    assert summary.changes[Kind.STUDENT, Change.ADDED] == 2
    assert (office.students.values, office.image.lines, office.said()) == ({}, [], [])


def test_bad_rows_are_reported_and_the_good_ones_go_in(office: Any, roster: Files) -> None:
    roster["users.csv"] += (
        "stu-3,true,g,Gus,,1003,,,,05\n"
        "stu-4,true,h,Hal,Orr,1004,,,,14\n"
        "stu-5,maybe,i,Ida,Orr,1005,,,gua-9,06\n"
        'stu-6,true,j,"Jo,Orr,1006,,,,06\n'
        "stu-1,true,k,Kay,Orr,1007,,,,06\n"
        "too,short\n"
    )
    roster["roles.csv"] += "r7,stu-5,primary,student,,,sch-1\nr8,stu-9,primary,student,,,sch-1\n"

    office.take(roster)

    assert problems(office) == [
        ("users.csv", 8, "familyName", "is required and blank", LeftOut.ROW),
        ("users.csv", 9, "grades", "names a grade that CEDS does not know", LeftOut.ROW),
        ("users.csv", 10, "enabledUser", "is neither true nor false", LeftOut.VALUE),
        ("users.csv", 11, None, "the row has a quote that is never closed", LeftOut.ROW),
        ("users.csv", 13, None, "the row has 2 cells where the header has 10", LeftOut.ROW),
        ("users.csv", 12, "sourcedId", "is the same as on line 2, which counts", LeftOut.ROW),
        ("users.csv", 10, "agentSourcedIds", "names nothing that users.csv has", LeftOut.VALUE),
        ("roles.csv", 9, "userSourcedId", "names nothing that users.csv has", LeftOut.ROW),
    ]
    assert sorted(office.by_source(office.students)) == ["stu-1", "stu-2", "stu-5"]


def test_nobody_leaves_because_of_a_typing_error(office: Any, roster: Files) -> None:
    office.take(roster)
    office.said()

    roster["users.csv"] = roster["users.csv"].replace("Ben,Ray", "Ben,").replace("1001,,,", "1001,,,,,,,")
    office.take(roster)

    assert office.said() == []
    assert [each.left_out for each in office.problems] == [LeftOut.ROW, LeftOut.ROW]


def test_a_student_without_grade_or_school_is_reported_and_stays_as_they_were(
    office: Any, roster: Files
) -> None:
    office.take(roster)
    office.said()

    roster["users.csv"] = roster["users.csv"].replace(",05\n", ",\n")
    roster["roles.csv"] = roster["roles.csv"].replace(
        "r2,stu-2,primary,student,,,sch-1", "r2,stu-2,primary,student,,,dist"
    )
    office.take(roster)

    assert problems(office) == [
        ("users.csv", 2, "grades", "a student's grade is missing", LeftOut.PERSON),
        ("users.csv", 3, None, "the student has no current role at a school", LeftOut.PERSON),
    ]
    assert office.said() == []


def test_a_student_beyond_grade_12_leaves(office: Any, roster: Files) -> None:
    office.take(roster)

    office.take({**roster, "users.csv": roster["users.csv"].replace(",05\n", ",PS\n")})

    assert office.problems == []
    assert not office.by_source(office.students)["stu-1"].enrolled


def test_roles_and_enrollments_count_from_their_first_to_their_last_day(office: Any, roster: Files) -> None:
    roster["roles.csv"] = roster["roles.csv"].replace(
        "r2,stu-2,primary,student,,,", "r2,stu-2,primary,student,2026-08-12,2026-10-31,"
    )
    roster["enrollments.csv"] = roster["enrollments.csv"].replace(
        "stu-1,student,,", "stu-1,student,2026-10-31,"
    )

    office.take(roster, today=date(2026, 10, 30))
    assert office.by_source(office.students)["stu-1"].teacher_ids == ()
    office.take(roster, today=date(2026, 10, 31))
    assert len(office.by_source(office.students)["stu-1"].teacher_ids) == 1
    assert office.by_source(office.students)["stu-2"].enrolled
    office.take(roster, today=date(2026, 11, 1))
    assert not office.by_source(office.students)["stu-2"].enrolled


def test_a_delta_changes_what_it_names_and_leaves_the_rest(office: Any, roster: Files) -> None:
    office.take(roster)
    office.said()
    columns = "sourcedId,status,dateLastModified,"
    delta = {
        "manifest.csv": "propertyName,value\nmanifest.version,1.0\noneroster.version,1.2.1\n"
        "file.users,delta\nfile.roles,delta\nfile.enrollments,absent\n",
        "users.csv": f"{columns}enabledUser,username,givenName,familyName,grades\n"
        "stu-1,active,2026-11-01T08:00:00Z,true,a,Ana María,Díaz,06\n",
        "roles.csv": f"{columns}userSourcedId,roleType,role,orgSourcedId\n"
        "r2,tobedeleted,2026-11-01T08:00:00Z,,,,\n"
        "r9,tobedeleted,2026-11-01T08:00:00Z,,,,\n",
    }

    office.take(delta)

    assert office.problems == []
    ana = office.by_source(office.students)["stu-1"]
    assert (ana.given_name, ana.grade, len(ana.teacher_ids)) == ("Ana María", "6", 1)
    assert not office.by_source(office.students)["stu-2"].enrolled
    # Ana's row has no agents any more, so Dora is no guardian of hers.
    assert sorted(office.said()) == ["guardian.updated", "student.enrolled", "student.withdrawn"]


def test_a_person_keeps_their_id_when_the_row_they_were_first_known_by_goes(
    office: Any, roster: Files
) -> None:
    office.take(roster)
    first = set(office.staff.values)

    office.take({**roster, "users.csv": _without(roster["users.csv"], "tea-1,")})
    office.take({**roster, "users.csv": _without(roster["users.csv"], "tea-1,")})

    assert set(office.staff.values) == first
    assert office.by_source(office.staff)["tea-1"].active


def test_rows_that_turn_out_to_be_two_people_get_two_ids(office: Any, roster: Files) -> None:
    office.take(roster)

    office.take({**roster, "users.csv": roster["users.csv"].replace("f,Eve,Fox,E1", "f,Eve,Fox,E2")})

    assert sorted(office.by_source(office.staff)) == ["tea-1", "tea-1-b"]


def test_two_halves_of_one_person_do_not_both_keep_the_id(office: Any, roster: Files) -> None:
    third = "tea-1-c,true,g,Eve,Fox,E1,,,,\n"
    roles = roster["roles.csv"] + "r7,tea-1-c,secondary,teacher,,,sch-2\n"
    office.take({**roster, "users.csv": roster["users.csv"] + third, "roles.csv": roles})
    halves = _without(roster["users.csv"], "tea-1,") + third.replace("E1", "E2")

    office.take({**roster, "users.csv": halves, "roles.csv": roles})

    assert sorted(office.by_source(office.staff)) == ["tea-1", "tea-1-c"]


def test_an_identifier_that_everybody_shares_recognises_nobody(office: Any, roster: Files) -> None:
    rows = [f"tea-{n},true,u{n},Eve,Fox,0,,,,\n" for n in range(2, 6)]
    roster["users.csv"] += "".join(rows) + "stu-3,true,s,Zoe,Ray,1002,,,,KG\n"
    roster["roles.csv"] += "".join(f"t{n},tea-{n},primary,teacher,,,sch-1\n" for n in range(2, 6))
    roster["roles.csv"] += "r9,stu-3,primary,student,,,sch-1\n"

    office.take(roster)

    assert problems(office) == [
        (
            "users.csv",
            8,
            "identifier",
            "is the same for 4 rows, so that it recognises nobody",
            LeftOut.VALUE,
        ),
        (
            "users.csv",
            12,
            "identifier",
            "is also that of a row with another given name; they stay apart",
            LeftOut.VALUE,
        ),
    ]
    assert len(office.staff.values) == 5
    assert sorted(office.by_source(office.students)) == ["stu-1", "stu-2", "stu-3"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"manifest.csv": None}, "manifest.csv: is missing"),
        ({"users.csv": None}, "users.csv: the manifest promises the file, and it is missing"),
        (
            {"users.csv": "sourcedId,givenName\n"},
            "users.csv, column enabledUser: the header lacks the column",
        ),
        ({"orgs.csv": ""}, "orgs.csv: the file is empty"),
    ],
)
def test_a_bundle_without_its_core_is_refused(
    office: Any, roster: Files, change: dict[str, str | None], reason: str
) -> None:
    files = {name: text for name, text in {**roster, **change}.items() if text is not None}

    with pytest.raises(BundleRefusedError) as refused:
        office.take(files)

    assert str(refused.value) == reason
    assert office.students.values == {}


def test_another_file_that_cannot_be_used_keeps_what_was_known(office: Any, roster: Files) -> None:
    office.take(roster)
    office.said()

    office.take({**roster, "classes.csv": "sourcedId\n", "supplement/languages.csv": '"\n'})

    assert problems(office) == [
        ("classes.csv", None, "title", "the header lacks the column", LeftOut.FILE),
        ("supplement/languages.csv", None, None, "the header has a quote that is never closed", LeftOut.FILE),
    ]
    assert office.said() == []
    files = {name: text for name, text in roster.items() if name != "enrollments.csv"}
    office.take(files)
    assert problems(office) == [
        ("enrollments.csv", None, None, "the manifest promises the file, and it is missing", LeftOut.FILE)
    ]
    assert office.said() == []


def test_progress_is_told_in_bytes_and_people(office: Any, roster: Files) -> None:
    office.take(roster)

    assert office.watcher.stages["users.csv"] == [len(roster["users.csv"])] * 2
    assert office.watcher.stages["students"] == [2, 2]


def _without(text: str, *keys: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(keys))
