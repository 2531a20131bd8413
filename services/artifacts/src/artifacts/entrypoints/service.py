"""The artifacts service as nameko runs it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import structlog
from eventlet import tpool
from werkzeug.wrappers import Response

from artifacts.clients.contents import FolderContents
from artifacts.clients.policies import ArtifactPolicies
from artifacts.clients.sniffing import HEAD_BYTES, sniff
from artifacts.domain.artifacts import (
    Artifact,
    FileTooLargeError,
    Skill,
    TypeNotAllowedError,
    UnknownStudentError,
    UploadError,
)
from artifacts.domain.backpack import Backpack
from artifacts.domain.people import School, Staff, Student
from artifacts.entrypoints import schemas
from artifacts.entrypoints.multipart import leave_rest, read_form
from artifacts.repository import (
    ArtifactRepository,
    ReadinessCopies,
    SchoolRepository,
    ScoreCopies,
    StaffRepository,
    StudentRepository,
    used_contents,
)
from artifacts.settings import ArtifactsSettingsSchema
from artifacts.use_cases.copying import keep_readiness, keep_score
from artifacts.use_cases.reading import read_content, show_backpack
from artifacts.use_cases.sweeping import sweep_contents
from artifacts.use_cases.uploading import Upload, upload_artifact
from chassis.auth import Permission, Role
from chassis.disclosures import READ_DISCLOSURES, Disclosure, Disclosures, DisclosureSchema
from chassis.http import Call, PageQuerySchema, page_schema, route
from chassis.messaging import consumes
from chassis.mongo import Page
from chassis.outbox import UnitOfWork, utc_now
from chassis.service import Service, provides
from chassis.timers import every
from contracts.defenses import READINESS_CHANGED, ReadinessChanged
from contracts.envelope import derived_id
from contracts.scoring import ARTIFACT_SCORED, ArtifactScored

log = structlog.get_logger()

_OFFICE = (Role.DISTRICT_ADMIN, Role.COORDINATOR, Role.PORTAL)
_EDUCATORS = (*_OFFICE, Role.TEACHER)
_FAMILY = (Role.STUDENT, Role.GUARDIAN)

UPLOAD = Permission("artifacts.upload", (*_EDUCATORS, Role.STUDENT))
#: A student or guardian sees the students whom the token names; the repositories see to that.
READ = Permission("artifacts.read", (*_EDUCATORS, *_FAMILY, Role.PANELIST))
#: Scorers see the work and not whose it is: that is scoring's blind view.
READ_CONTENT = Permission("artifacts.content.read", (*READ.roles, Role.SCORER))
READ_BACKPACK = Permission("artifacts.backpack.read", (*_EDUCATORS, *_FAMILY, Role.PANELIST))
READ_STUDENTS = Permission("artifacts.students.read", (*_EDUCATORS, *_FAMILY))
READ_STAFF = Permission("artifacts.staff.read", _EDUCATORS)
READ_SCHOOLS = Permission("artifacts.schools.read", tuple(Role))

#: So much of a refused upload is still read, so that the client hears why before the connection closes.
_POLITE_BYTES = 32 * 1024 * 1024
SWEEP_EVERY_S = 6 * 3600.0


class ArtifactsService(Service):
    """Rosters and artifacts."""

    name = "artifacts"
    title = "artifacts"
    settings_schema = ArtifactsSettingsSchema
    problems = {
        UploadError: HTTPStatus.UNPROCESSABLE_ENTITY,
        UnknownStudentError: HTTPStatus.NOT_FOUND,
        FileTooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        TypeNotAllowedError: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    }

    policies: ArtifactPolicies = provides(lambda settings: ArtifactPolicies(settings.policy_dir))
    contents: FolderContents = provides(
        lambda settings: FolderContents(Path(settings.artifact_store_dir), blocking=tpool.execute)
    )

    @route(
        "POST",
        "/v1/artifacts",
        permission=UPLOAD,
        returns=schemas.ArtifactSchema,
        status=HTTPStatus.CREATED,
        consumes="multipart/form-data",
    )
    def upload_artifact(self, call: Call) -> Artifact:
        """Upload an artifact: student_id, skill_id, title, reflection, assignment_id, and last the file."""
        work = call.work
        try:
            form, pieces = read_form(call.request, schemas.UploadFormSchema)
            return upload_artifact(
                Upload(
                    artifact_id=derived_id(work.district, "artifact", work.cause),
                    form=form,
                    pieces=pieces,
                    sniff=sniff,
                    head_bytes=HEAD_BYTES,
                    by=call.principal.subject,
                    at=_as_stored(work.now),
                ),
                students=StudentRepository(work),
                artifacts=ArtifactRepository(work),
                contents=self.contents,
                skills=self.policies.skills(work.district, work.now.date()),
                policy=self.policies.uploads(work.district, work.now.date()),
            )
        finally:
            leave_rest(call.request, most_bytes=_POLITE_BYTES)

    @route(
        "GET",
        "/v1/artifacts",
        permission=READ,
        query=schemas.ArtifactsQuerySchema,
        returns=page_schema(schemas.ArtifactSchema),
    )
    def list_artifacts(self, call: Call) -> Page[Artifact]:
        """List artifacts of a student or a skill."""
        return ArtifactRepository(call.work).page(**call.query)

    @route("GET", "/v1/artifacts/<artifact_id>", permission=READ, returns=schemas.ArtifactSchema)
    def show_artifact(self, call: Call) -> Artifact:
        """Show what is known about an artifact."""
        return ArtifactRepository(call.work).get(call.path["artifact_id"])

    @route(
        "GET",
        "/v1/artifacts/<artifact_id>/content",
        permission=READ_CONTENT,
        produces="application/octet-stream",
    )
    def show_content(self, call: Call) -> Response:
        """Show an artifact's bytes; a read by anybody but the family is kept as a disclosure."""
        artifact, pieces = read_content(
            call.path["artifact_id"],
            artifacts=ArtifactRepository(call.work),
            contents=self.contents,
        )
        Disclosures(call.work).note(call.principal, "artifact", [(artifact.student_id, artifact.artifact_id)])
        return Response(
            pieces,
            content_type=artifact.media_type,
            headers={
                "Content-Length": str(artifact.size_bytes),
                # What a student uploads is never run by a browser under our address.
                "Content-Disposition": "attachment",
                "Content-Security-Policy": "sandbox; default-src 'none'",
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "private, no-store",
                "ETag": f'"{artifact.sha256}"',
            },
        )

    @route(
        "GET",
        "/v1/students",
        permission=READ_STUDENTS,
        query=schemas.StudentsQuerySchema,
        returns=page_schema(schemas.StudentSchema),
    )
    def list_students(self, call: Call) -> Page[Student]:
        """List students of a school or grade."""
        return StudentRepository(call.work).page(**call.query)

    @route("GET", "/v1/students/<student_id>", permission=READ_STUDENTS, returns=schemas.StudentSchema)
    def show_student(self, call: Call) -> Student:
        """Show a student."""
        return StudentRepository(call.work).get(call.path["student_id"])

    @route(
        "GET",
        "/v1/students/<student_id>/backpack",
        permission=READ_BACKPACK,
        returns=schemas.BackpackSchema,
    )
    def show_backpack(self, call: Call) -> dict[str, Any]:
        """Show a student's artifacts with their scores, and the student's readiness with its explanation."""
        backpack = show_backpack(
            call.path["student_id"],
            students=StudentRepository(call.work),
            artifacts=ArtifactRepository(call.work),
            scores=ScoreCopies(call.work),
            decisions=ReadinessCopies(call.work),
        )
        Disclosures(call.work).note(call.principal, "backpack", [(backpack.student.student_id, None)])
        return _flat(backpack)

    @route(
        "GET",
        "/v1/students/<student_id>/disclosures",
        permission=READ_DISCLOSURES,
        query=PageQuerySchema,
        returns=page_schema(DisclosureSchema),
    )
    def list_disclosures(self, call: Call) -> Page[Disclosure]:
        """List who has seen what a student made."""
        student = StudentRepository(call.work).get(call.path["student_id"])
        return Disclosures(call.work).of_student(student.student_id, **call.query)

    @route(
        "GET",
        "/v1/schools",
        permission=READ_SCHOOLS,
        query=PageQuerySchema,
        returns=page_schema(schemas.SchoolSchema),
    )
    def list_schools(self, call: Call) -> Page[School]:
        """List the district's schools."""
        return SchoolRepository(_for_everybody(call)).page(**call.query)

    @route(
        "GET",
        "/v1/staff",
        permission=READ_STAFF,
        query=schemas.StaffQuerySchema,
        returns=page_schema(schemas.StaffSchema),
    )
    def list_staff(self, call: Call) -> Page[Staff]:
        """List the staff of a school."""
        query = dict(call.query)
        return StaffRepository(call.work).page(posts__school_id=query.pop("school_id"), **query)

    @route("GET", "/v1/skills", permission=READ_SCHOOLS, returns=schemas.SkillsSchema)
    def list_skills(self, call: Call) -> dict[str, tuple[Skill, ...]]:
        """List the district's success skills."""
        return {"items": self.policies.skills(call.work.district, call.work.now.date())}

    @consumes(ARTIFACT_SCORED)
    def on_artifact_scored(self, event: ArtifactScored, work: UnitOfWork) -> None:
        """Keep an artifact's score for the backpack."""
        keep_score(event, scores=ScoreCopies(work))

    @consumes(READINESS_CHANGED)
    def on_readiness_changed(self, event: ReadinessChanged, work: UnitOfWork) -> None:
        """Keep the decision about a student for the backpack."""
        keep_readiness(event, decisions=ReadinessCopies(work))

    @every(SWEEP_EVERY_S)
    def sweep_contents(self) -> None:
        """Remove bytes that no artifact stands for."""
        removed = sweep_contents(utc_now(), contents=self.contents, used=used_contents)
        if removed:
            log.warning("unused_contents_removed", count=removed)


def _as_stored(moment: datetime) -> datetime:
    """Return a time to the millisecond, as the store keeps it, so that all answers are the same."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _for_everybody(call: Call) -> UnitOfWork:
    """Return the work of a read that is about no student, so that families may do it too."""
    return UnitOfWork(district=call.work.district, cause=call.work.cause)


def _flat(backpack: Backpack) -> dict[str, Any]:
    return {
        "student": backpack.student,
        "artifacts": [{**asdict(each.artifact), "score": each.score} for each in backpack.artifacts],
        "readiness": backpack.readiness,
    }
