"""A small roster as text, and an import of it into memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import pytest

from artifacts.clients.workbench import open_workbench
from artifacts.domain.people import DistrictPolicy, Guardian, School, Staff, Student
from artifacts.domain.problems import Problem
from artifacts.use_cases.roster import Import, Rosters, Summary, import_roster
from chassis.testing import MemoryRepository

POLICY = DistrictPolicy(
    time_zone="America/Kentucky/Louisville",
    school_time_zones={"sch-2": "America/Chicago"},
    language="en",
    agents_may_be_told=False,
    most_leaving_share=0.5,
    always_may_leave=0,
    most_rows_of_a_person=3,
    most_bundle_bytes=1_000_000,
)

# The columns of a real bundle that matter here.
ROSTER = {
    "manifest.csv": """propertyName,value
manifest.version,1.0
oneroster.version,1.2
file.orgs,bulk
file.users,bulk
file.roles,bulk
file.courses,bulk
file.classes,bulk
file.enrollments,bulk
file.demographics,bulk
file.academicSessions,absent
""",
    "orgs.csv": """sourcedId,name,type,parentSourcedId
dist,District,district,
sch-1,Shelby Park,school,dist
sch-2,Beargrass,school,dist
""",
    "users.csv": """\
sourcedId,enabledUser,username,givenName,familyName,identifier,email,sms,agentSourcedIds,grades
stu-1,true,a,Ana,Díaz,1001,,,"gua-1,gua-2",05
stu-2,true,b,Ben,Ray,1002,,,,KG
gua-1,true,c,Cruz,Díaz,,cruz@example.org,+15025550101,,
gua-2,true,d,Dora,Díaz,,,,,
tea-1,true,e,Eve,Fox,E1,eve@example.org,,,
tea-1-b,true,f,Eve,Fox,E1,,,,
""",
    "roles.csv": """sourcedId,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId
r1,stu-1,primary,student,,,sch-1
r2,stu-2,primary,student,,,sch-1
r3,gua-1,primary,parent,,,sch-1
r4,gua-2,primary,relative,,,sch-1
r5,tea-1,primary,teacher,,,sch-1
r6,tea-1-b,secondary,teacher,,,sch-2
""",
    "courses.csv": "sourcedId,title,orgSourcedId\ncrs,Homeroom,dist\n",
    "classes.csv": """sourcedId,title,courseSourcedId,classType,schoolSourcedId,termSourcedIds
cls-1,Homeroom 5,crs,homeroom,sch-1,fall
""",
    "enrollments.csv": """sourcedId,classSourcedId,schoolSourcedId,userSourcedId,role,beginDate,endDate
e1,cls-1,sch-1,stu-1,student,,
e2,cls-1,sch-1,tea-1,teacher,,
""",
    "demographics.csv": "sourcedId,birthDate,sex\nstu-1,2016-02-29,female\n",
    "supplement/guardians.csv": """guardianSourcedId,studentSourcedId,relation,mayBeTold,language
gua-1,stu-1,parent,true,es
""",
    "supplement/consents.csv": """guardianSourcedId,channel,granted,source,recordedOn
gua-1,email,true,form,2026-08-03
gua-1,sms,true,form,2026-08-03
gua-1,sms,false,phone,2026-09-01
""",
    "supplement/languages.csv": "studentSourcedId,homeLanguage\nstu-1,es\n",
}


class TextBundle:
    """A bundle whose files are strings."""

    def __init__(self, files: dict[str, str]) -> None:
        self._files = files
        self.sizes = {name: len(text) for name, text in files.items()}

    def lines(self, name: str, /) -> Iterator[str]:
        yield from self._files[name].splitlines(keepends=True)


class KeptImage:
    """The image between imports."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []

    def load(self) -> Iterator[bytes]:
        yield from self.lines

    def save(self, lines: Iterable[bytes], /) -> None:
        self.lines = list(lines)


class Watcher:
    """Notes the stages and adds up what was done in each."""

    def __init__(self) -> None:
        self.stages: dict[str, list[int]] = {}

    def begin(self, stage: str, *, total: int) -> None:
        self.stages[stage] = [total, 0]

    def advance(self, amount: int, /) -> None:
        list(self.stages.values())[-1][1] += amount


class RosterOffice:
    """A district that imports bundle after bundle.

    Attributes:
        problems: of the last import.
    """

    def __init__(self) -> None:
        self.schools: MemoryRepository[School] = MemoryRepository()
        self.staff: MemoryRepository[Staff] = MemoryRepository()
        self.guardians: MemoryRepository[Guardian] = MemoryRepository()
        self.students: MemoryRepository[Student] = MemoryRepository()
        self.image = KeptImage()
        self.watcher = Watcher()
        self.problems: list[Problem] = []
        self.policy = POLICY

    def take(self, files: dict[str, str], *, today: date = date(2026, 11, 1), **options: Any) -> Summary:
        self.problems.clear()
        order = Import(
            district="jcps",
            today=today,
            policy=self.policy,
            report=self.problems.append,
            progress=self.watcher,
            **options,
        )
        rosters = Rosters(
            schools=self.schools, staff=self.staff, guardians=self.guardians, students=self.students
        )
        with open_workbench() as workbench:
            return import_roster(
                TextBundle(files), order, workbench=workbench, rosters=rosters, images=self.image
            )

    def by_source(self, kept: MemoryRepository[Any]) -> dict[str, Any]:
        return {value.source_id: value for value in kept.values.values()}

    def said(self) -> list[str]:
        """Return what was announced since the last time, by contract name, and forget it."""
        everywhere = (self.schools, self.staff, self.guardians, self.students)
        names = [fact.contract.name for kept in everywhere for fact in kept.facts]
        for kept in everywhere:
            kept.facts.clear()
        return names


@pytest.fixture
def office() -> RosterOffice:
    return RosterOffice()


@pytest.fixture
def roster() -> dict[str, str]:
    return dict(ROSTER)
