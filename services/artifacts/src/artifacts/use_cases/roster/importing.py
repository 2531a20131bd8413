"""The import itself, step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from artifacts.domain import assembly
from artifacts.domain.manifest import Mode, read_manifest
from artifacts.domain.oneroster import FILES, MANIFEST, RosterFile
from artifacts.domain.people import DistrictPolicy, Guardian, Kind, School, Staff, Student
from artifacts.domain.problems import BundleRefusedError, FileUnusableError, LeftOut, Problem
from artifacts.domain.records import Row, read_rows
from artifacts.use_cases import announcing
from artifacts.use_cases.roster.ports import Bundle, Images, Progress, Rosters, Workbench
from artifacts.use_cases.roster.writing import Summary, Writer
from contracts.envelope import derived_id

Value = TypeVar("Value", School, Staff, Guardian)


@dataclass(frozen=True, kw_only=True)
class Import:
    """One import.

    Attributes:
        district: whose roster it is.
        today: roles and enrollments count on this day.
        report: is told of every problem, in no order that matters.
        allow_shrink: let the students go, however many they are.
        rehearse: change nothing.
    """

    district: str
    today: date
    policy: DistrictPolicy
    report: Callable[[Problem], None]
    progress: Progress
    allow_shrink: bool = False
    rehearse: bool = False

    def name(self, kind: Kind, source_id: str) -> str:
        """Return the id that all services use for somebody, or for a school: the same in every import."""
        return derived_id(self.district, kind, source_id)


def import_roster(
    bundle: Bundle, order: Import, *, workbench: Workbench, rosters: Rosters, images: Images
) -> Summary:
    """Bring the district's roster up to the bundle; what has not changed is not written and not announced.

    The image is saved last: an import that was broken off is simply done again.

    Raises:
        BundleRefusedError: if nothing of the bundle can be used; nothing was changed.
        RosterShrinksError: if too many students would leave; nothing was changed.
    """
    summary = Summary()

    def report(problem: Problem) -> None:
        summary.problems[problem.left_out] += 1
        order.report(problem)

    workbench.restore(images.load())
    _read_files(bundle, workbench, report, order.progress)
    order.progress.begin("who is who", total=0)
    for problem in workbench.link(today=order.today, most_rows=order.policy.most_rows_of_a_person):
        report(problem)
    _settle_students(order, workbench, report)
    writers = _writers(order, rosters, summary)
    _find_leaving(order, workbench, writers)
    _write(order, workbench, writers)
    if not order.rehearse:
        images.save(workbench.image())
    return summary


@dataclass(frozen=True, kw_only=True)
class _Writers:
    schools: Writer[School]
    staff: Writer[Staff]
    guardians: Writer[Guardian]
    students: Writer[Student]


def _read_files(
    bundle: Bundle, workbench: Workbench, report: Callable[[Problem], None], progress: Progress
) -> None:
    if MANIFEST not in bundle.sizes:
        raise BundleRefusedError(MANIFEST, "is missing")
    modes = read_manifest(bundle.lines(MANIFEST))
    for file in FILES:
        here = file.name in bundle.sizes
        mode = (Mode.BULK if here else Mode.ABSENT) if file.supplement else modes[file.name]
        if mode is Mode.ABSENT:
            continue
        if not here:
            _note_unusable(file, "the manifest promises the file, and it is missing", None, report)
            continue
        progress.begin(file.name, total=bundle.sizes[file.name])
        lines = _watched(bundle.lines(file.name), progress)
        try:
            for problem in workbench.load(file, mode, _rows(lines, file, mode, report)):
                report(problem)
        except FileUnusableError as error:
            _note_unusable(file, str(error), error.column, report)
    for problem in workbench.dangling():
        report(problem)


def _note_unusable(
    file: RosterFile, reason: str, column: str | None, report: Callable[[Problem], None]
) -> None:
    if file.core:
        raise BundleRefusedError(file.name, reason, column=column)
    report(Problem(file=file.name, reason=reason, column=column, left_out=LeftOut.FILE))


def _watched(lines: Iterator[str], progress: Progress) -> Iterator[str]:
    for line in lines:
        progress.advance(len(line))
        yield line


def _rows(
    lines: Iterator[str], file: RosterFile, mode: Mode, report: Callable[[Problem], None]
) -> Iterator[Row]:
    for found in read_rows(lines, file, mode):
        if isinstance(found, Problem):
            report(found)
        else:
            yield found


def _settle_students(order: Import, workbench: Workbench, report: Callable[[Problem], None]) -> None:
    for record in workbench.students():
        student = assembly.student(record, naming=order.name)
        if isinstance(student, Problem):
            report(student)
        if student is not None:
            # Also one whom we cannot read today: nobody leaves school because of a typing error.
            workbench.settle(record.source_id)


def _writers(order: Import, rosters: Rosters, summary: Summary) -> _Writers:
    return _Writers(
        schools=Writer(
            kind=Kind.SCHOOL,
            aggregates=rosters.schools,
            says=announcing.school,
            id_of=lambda school: school.school_id,
            leave=_deactivated,
            summary=summary,
            progress=order.progress,
            rehearse=order.rehearse,
        ),
        staff=Writer(
            kind=Kind.STAFF,
            aggregates=rosters.staff,
            says=announcing.staff,
            id_of=lambda staff: staff.staff_id,
            leave=_deactivated,
            summary=summary,
            progress=order.progress,
            rehearse=order.rehearse,
        ),
        guardians=Writer(
            kind=Kind.GUARDIAN,
            aggregates=rosters.guardians,
            says=announcing.guardian,
            id_of=lambda guardian: guardian.guardian_id,
            leave=_deactivated,
            summary=summary,
            progress=order.progress,
            rehearse=order.rehearse,
        ),
        students=Writer(
            kind=Kind.STUDENT,
            aggregates=rosters.students,
            says=announcing.student,
            id_of=lambda student: student.student_id,
            leave=lambda student: replace(student, enrolled=False) if student.enrolled else None,
            summary=summary,
            progress=order.progress,
            rehearse=order.rehearse,
        ),
    )


def _deactivated(value: Value) -> Value | None:
    return replace(value, active=False) if value.active else None


def _find_leaving(order: Import, workbench: Workbench, writers: _Writers) -> None:
    order.progress.begin("who leaves", total=0)
    known = leaving = 0
    for student in writers.students.aggregates.stream(enrolled=True):
        known += 1
        leaving += _part(workbench, Kind.STUDENT, student.student_id, student.source_id)
    if not order.allow_shrink:
        assembly.check_leaving(leaving=leaving, known=known, policy=order.policy)
    for guardian in writers.guardians.aggregates.stream(active=True):
        _part(workbench, Kind.GUARDIAN, guardian.guardian_id, guardian.source_id)
    for staff in writers.staff.aggregates.stream(active=True):
        _part(workbench, Kind.STAFF, staff.staff_id, staff.source_id)
    for school in writers.schools.aggregates.stream(active=True):
        _part(workbench, Kind.SCHOOL, school.school_id, school.source_id)


def _part(workbench: Workbench, kind: Kind, aggregate_id: str, source_id: str) -> bool:
    """Note somebody as leaving if the roster has them no more; return whether it is so."""
    leaves = not workbench.stays(kind, source_id)
    if leaves:
        workbench.leave(kind, aggregate_id)
    return leaves


def _write(order: Import, workbench: Workbench, writers: _Writers) -> None:
    """Bring people in with their school first, and let them go with their school last."""
    naming, policy, progress = order.name, order.policy, order.progress
    progress.begin("schools", total=workbench.count(Kind.SCHOOL))
    writers.schools.write(assembly.school(each, naming=naming, policy=policy) for each in workbench.schools())
    progress.begin("staff", total=workbench.count(Kind.STAFF))
    writers.staff.write(assembly.staff(each, naming=naming) for each in workbench.staff())
    progress.begin("guardians", total=workbench.count(Kind.GUARDIAN))
    writers.guardians.write(
        assembly.guardian(each, naming=naming, policy=policy) for each in workbench.guardians()
    )
    progress.begin("students", total=workbench.count(Kind.STUDENT))
    students = (assembly.student(each, naming=naming) for each in workbench.students())
    writers.students.write(student for student in students if isinstance(student, Student))
    progress.begin("those who leave", total=0)
    writers.students.write_off(workbench.leaving(Kind.STUDENT))
    writers.guardians.write_off(workbench.leaving(Kind.GUARDIAN))
    writers.staff.write_off(workbench.leaving(Kind.STAFF))
    writers.schools.write_off(workbench.leaving(Kind.SCHOOL))
