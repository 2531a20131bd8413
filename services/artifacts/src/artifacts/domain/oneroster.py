"""The files of a OneRoster 1.2 CSV bundle and of our supplement: columns, vocabularies and references.

Source: three implementations that agree on the headers, see `reference/domain.md` 3.1.
"""

from __future__ import annotations

from dataclasses import dataclass

from artifacts.domain.cells import Read, boolean, day, grades, language, listed, one_of, text, user_ids

#: Roles in roles.csv by the kind of person that they make somebody.
STUDENT_ROLES = ("student",)
GUARDIAN_ROLES = ("parent", "guardian", "relative")
STAFF_ROLES = (
    "aide",
    "counselor",
    "districtAdministrator",
    "principal",
    "proctor",
    "siteAdministrator",
    "systemAdministrator",
    "teacher",
)

VERSIONS = ("1.2", "1.2.1")
MANIFEST = "manifest.csv"


@dataclass(frozen=True)
class Column:
    """One column that we know; all others of a file are ignored.

    Attributes:
        name: as the header has it.
        read: turns a cell that is not blank into its canonical text.
        required: the header must have it, and no cell may be blank.
        kept: the roster image keeps it; what we have no use for is checked and forgotten.
        costs_row: a wrong cell leaves out the row; otherwise it leaves out the value alone.
        refers_to: the file whose sourcedId the cell names.
        many: the cell is a list; a reference that leads nowhere then costs that reference alone.
        also: an older or different spelling of the header.
    """

    name: str
    read: Read = text
    required: bool = False
    kept: bool = False
    costs_row: bool = False
    refers_to: str | None = None
    many: bool = False
    also: str | None = None


@dataclass(frozen=True)
class RosterFile:
    """One file of a bundle.

    Attributes:
        name: its path in the bundle.
        key: the columns that tell its rows apart.
        columns: what we know of it.
        core: a bundle that promises it and does not deliver it is refused.
        supplement: one of our own files, of which the manifest knows nothing.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ("sourcedId",)
    core: bool = False
    supplement: bool = False

    @property
    def table(self) -> str:
        """Its name without folder and suffix in the image; supplement files keep their folder's name."""
        return self.name.removesuffix(".csv").replace("/", "_")

    @property
    def manifest_property(self) -> str:
        """The property of the manifest that says bulk, delta or absent."""
        return f"file.{self.name.removesuffix('.csv')}"

    @property
    def kept(self) -> tuple[Column, ...]:
        """The columns that the image keeps."""
        return tuple(column for column in self.columns if column.kept)


def _needed(name: str, read: Read = text, refers_to: str | None = None) -> Column:
    return Column(name, read, required=True, kept=True, costs_row=True, refers_to=refers_to)


def _safe(name: str, read: Read) -> Column:
    # Without the value the row still counts, as "may not": losing a refusal would tell whom a court forbids.
    return Column(name, read, required=True, kept=True)


def _checked(name: str, read: Read = text, *, required: bool = False, refers_to: str | None = None) -> Column:
    # A reference is kept, so that it can be checked once all files are read.
    return Column(name, read, required=required, kept=refers_to is not None, refers_to=refers_to)


def _wanted(name: str, read: Read = text, *, costs_row: bool = False, also: str | None = None) -> Column:
    return Column(name, read, kept=True, costs_row=costs_row, also=also)


_ID = _needed("sourcedId")
_ORG_TYPES = ("department", "school", "district", "local", "state", "national")

ORGS = RosterFile(
    "orgs.csv",
    (
        _ID,
        _needed("name"),
        _needed(
            "type", one_of("department", "school", "district", "local", "state", "national", extensible=True)
        ),
        _wanted("parentSourcedId"),
    ),
    core=True,
)
SESSIONS = RosterFile(
    "academicSessions.csv",
    (
        _ID,
        _checked("title", required=True),
        _checked(
            "type", one_of("gradingPeriod", "semester", "schoolYear", "term", extensible=True), required=True
        ),
        _checked("startDate", day, required=True),
        _checked("endDate", day, required=True),
        _checked("parentSourcedId", refers_to="academicSessions.csv"),
        _checked("schoolYear", required=True),
    ),
)
USERS = RosterFile(
    "users.csv",
    (
        _ID,
        _checked("enabledUser", boolean, required=True),
        _checked("username", required=True),
        _wanted("userIds", user_ids, costs_row=True),
        _needed("givenName"),
        _needed("familyName"),
        _wanted("identifier", costs_row=True),
        _wanted("email"),
        _wanted("sms"),
        _wanted("phone"),
        Column("agentSourcedIds", listed, kept=True, refers_to="users.csv", many=True),
        _wanted("grades", grades, costs_row=True),
        _wanted("userMasterIdentifier", costs_row=True),
        _wanted("preferredGivenName", also="preferredFirstName"),
        _wanted("preferredFamilyName", also="preferredLastName"),
    ),
    core=True,
)
COURSES = RosterFile(
    "courses.csv",
    (
        _ID,
        _checked("title", required=True),
        _checked("orgSourcedId", required=True, refers_to="orgs.csv"),
        _checked("schoolYearSourcedId", refers_to="academicSessions.csv"),
    ),
)
CLASSES = RosterFile(
    "classes.csv",
    (
        _ID,
        _checked("title", required=True),
        _checked("courseSourcedId", required=True, refers_to="courses.csv"),
        _checked("classType", one_of("homeroom", "scheduled", extensible=True), required=True),
        _checked("schoolSourcedId", required=True, refers_to="orgs.csv"),
        _checked("termSourcedIds", listed, required=True),
    ),
)
ROLES = RosterFile(
    "roles.csv",
    (
        _ID,
        _needed("userSourcedId", refers_to="users.csv"),
        _needed("roleType", one_of("primary", "secondary")),
        _needed("role", one_of(*STUDENT_ROLES, *GUARDIAN_ROLES, *STAFF_ROLES, extensible=True)),
        _wanted("beginDate", day, costs_row=True),
        _wanted("endDate", day, costs_row=True),
        _needed("orgSourcedId", refers_to="orgs.csv"),
    ),
    core=True,
)
ENROLLMENTS = RosterFile(
    "enrollments.csv",
    (
        _ID,
        _needed("classSourcedId", refers_to="classes.csv"),
        _checked("schoolSourcedId", required=True, refers_to="orgs.csv"),
        _needed("userSourcedId", refers_to="users.csv"),
        _needed("role", one_of("administrator", "proctor", "student", "teacher", extensible=True)),
        _checked("primary", boolean),
        _wanted("beginDate", day, costs_row=True),
        _wanted("endDate", day, costs_row=True),
    ),
)
_RACES = (
    "americanIndianOrAlaskaNative",
    "asian",
    "blackOrAfricanAmerican",
    "nativeHawaiianOrOtherPacificIslander",
    "white",
    "demographicRaceTwoOrMoreRaces",
    "hispanicOrLatinoEthnicity",
)
#: Checked and forgotten: nothing that Backpack does needs it, so it keeps none of it.
DEMOGRAPHICS = RosterFile(
    "demographics.csv",
    (
        _needed("sourcedId", refers_to="users.csv"),
        _checked("birthDate", day),
        _checked("sex", one_of("male", "female", "unspecified", "other")),
        *(_checked(race, boolean) for race in _RACES),
    ),
)

_KIND = one_of("parent", "guardian", "relative")
SUPPLEMENT_GUARDIANS = RosterFile(
    "supplement/guardians.csv",
    (
        _needed("guardianSourcedId", refers_to="users.csv"),
        _needed("studentSourcedId", refers_to="users.csv"),
        _safe("relation", _KIND),
        _safe("mayBeTold", boolean),
        _wanted("language", language),
    ),
    key=("guardianSourcedId", "studentSourcedId"),
    supplement=True,
)
SUPPLEMENT_CONSENTS = RosterFile(
    "supplement/consents.csv",
    (
        _needed("guardianSourcedId", refers_to="users.csv"),
        _needed("channel", one_of("email", "sms")),
        _safe("granted", boolean),
        _needed("source"),
        _needed("recordedOn", day),
    ),
    key=("guardianSourcedId", "channel", "recordedOn"),
    supplement=True,
)
SUPPLEMENT_LANGUAGES = RosterFile(
    "supplement/languages.csv",
    (_needed("studentSourcedId", refers_to="users.csv"), _needed("homeLanguage", language)),
    key=("studentSourcedId",),
    supplement=True,
)

#: In the order in which they are read and checked: a file comes after those that it refers to.
FILES = (
    ORGS,
    SESSIONS,
    USERS,
    COURSES,
    CLASSES,
    ROLES,
    ENROLLMENTS,
    DEMOGRAPHICS,
    SUPPLEMENT_GUARDIANS,
    SUPPLEMENT_CONSENTS,
    SUPPLEMENT_LANGUAGES,
)
BY_NAME = {file.name: file for file in FILES}
