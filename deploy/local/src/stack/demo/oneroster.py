"""Write a district as a OneRoster 1.2.1 CSV bundle with its supplement, one household at a time."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

from stack.demo import rows
from stack.demo.district import District

Row = tuple[str, Mapping[str, str]]

_ADDRESS = "email,sms,phone,agentSourcedIds,grades,password,userMasterIdentifier"
#: The exact columns of OneRoster 1.2.1; an empty cell is a value that the source does not have.
HEADERS = {
    "manifest.csv": "propertyName,value",
    "orgs.csv": "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId",
    "academicSessions.csv": (
        "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear"
    ),
    "courses.csv": (
        "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,subjectCodes"
    ),
    "classes.csv": (
        "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,"
        "schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods"
    ),
    "users.csv": (
        "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,"
        f"{_ADDRESS},preferredGivenName,preferredMiddleName,preferredFamilyName,primaryOrgSourcedId,pronouns"
    ),
    "roles.csv": (
        "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,userProfileSourcedId"
    ),
    "enrollments.csv": (
        "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate"
    ),
    "demographics.csv": (
        "sourcedId,status,dateLastModified,birthDate,sex,americanIndianOrAlaskaNative,asian,blackOrAfricanAmerican,"
        "nativeHawaiianOrOtherPacificIslander,white,demographicRaceTwoOrMoreRaces,hispanicOrLatinoEthnicity,"
        "countryOfBirthCode,stateOfBirthAbbreviation,cityOfBirth,publicSchoolResidenceStatus"
    ),
    "supplement/guardians.csv": "guardianSourcedId,studentSourcedId,relation,mayBeTold,language",
    "supplement/consents.csv": "guardianSourcedId,channel,granted,source,recordedOn",
    "supplement/languages.csv": "studentSourcedId,homeLanguage",
}


def write_bundle(folder: Path, district: District) -> int:
    """Write the bundle into a folder and return how many students it holds; its memory stays constant."""
    (folder / "supplement").mkdir(parents=True, exist_ok=True)
    students = 0
    with ExitStack() as files:
        writers = {name: _writer(files, folder / name, header) for name, header in HEADERS.items()}
        for name, row in _rows(district):
            writers[name].writerow(row)
            students += name == "supplement/languages.csv"
    return students


def _rows(district: District) -> Iterator[Row]:
    yield from rows.frame(district)
    for household in district.households():
        yield from rows.household(household, school_year=district.shape.school_year)
    if district.shape.with_bad_rows:
        yield from rows.bad()


def _writer(files: ExitStack, path: Path, header: str) -> csv.DictWriter[str]:
    file = files.enter_context(path.open("w", encoding="utf-8", newline=""))
    writer = csv.DictWriter(file, header.split(","))
    writer.writeheader()
    return writer
