"""The scoring service as nameko runs it."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import structlog

from chassis.auth import ForbiddenError, Permission, Principal, Role
from chassis.http import Call, page_schema, route
from chassis.messaging import consumes
from chassis.mongo import Page
from chassis.outbox import UnitOfWork, utc_now
from chassis.policy import Policies
from chassis.service import Service, provides
from chassis.timers import every
from contracts.artifacts import (
    ARTIFACT_UPLOADED,
    STAFF_UPDATED,
    STUDENT_ENROLLED,
    STUDENT_WITHDRAWN,
    ArtifactUploaded,
    StaffUpdated,
    StudentEnrolled,
    StudentWithdrawn,
)
from scoring import use_cases
from scoring.domain import (
    AlreadyScoredError,
    IllegalTransitionError,
    LevelsDoNotFitError,
    NotYourTaskError,
    Rubric,
    State,
)
from scoring.entrypoints import schemas
from scoring.repository import (
    POLICIES,
    DistrictRouting,
    DistrictRubrics,
    ScorerPool,
    StaffCopies,
    StudentCopies,
    Tasks,
    districts_with_queued_tasks,
)
from scoring.settings import ScoringSettingsSchema

log = structlog.get_logger()

_OFFICE = (Role.COORDINATOR, Role.DISTRICT_ADMIN, Role.PORTAL)
_SCORERS = (Role.SCORER, Role.TEACHER)

READ_TASKS = Permission("scoring.tasks.read", (*_SCORERS, *_OFFICE))
#: Nobody reads in another's name, not even the portal.
GIVE_READS = Permission("scoring.reads.give", _SCORERS)
#: Not for scorers: they see no prior scores.
READ_SCORES = Permission("scoring.scores.read", (Role.TEACHER, Role.STUDENT, Role.GUARDIAN, *_OFFICE))
READ_RUBRICS = Permission("scoring.rubrics.read", tuple(Role))

#: How long a task may wait in the queue after a scorer for it could be found.
ASSIGN_EVERY_S = 2.0


class ScoringService(Service):
    """Reads of artifacts, with districtwide rubrics."""

    name = "scoring"
    title = "scoring"
    settings_schema = ScoringSettingsSchema
    problems = {
        NotYourTaskError: HTTPStatus.FORBIDDEN,
        LevelsDoNotFitError: HTTPStatus.UNPROCESSABLE_ENTITY,
        AlreadyScoredError: HTTPStatus.CONFLICT,
        IllegalTransitionError: HTTPStatus.CONFLICT,
    }

    policies: Policies = provides(lambda settings: Policies("scoring", POLICIES, settings.policy_dir))
    pool: ScorerPool = provides(lambda _: ScorerPool())

    @consumes(ARTIFACT_UPLOADED)
    def on_artifact_uploaded(self, event: ArtifactUploaded, work: UnitOfWork) -> None:
        """Open the artifact's task."""
        use_cases.open_scoring_task(
            event,
            at=work.now,
            tasks=Tasks(work),
            students=StudentCopies(work),
            scorers=self.pool.of(work),
            rubrics=DistrictRubrics(self.policies, work.district),
            routing=DistrictRouting(self.policies, work.district),
        )

    @consumes(STAFF_UPDATED)
    def on_staff_updated(self, event: StaffUpdated, work: UnitOfWork) -> None:
        """Keep a copy of a staff member."""
        StaffCopies(work).take(event)

    @consumes(STUDENT_ENROLLED)
    def on_student_enrolled(self, event: StudentEnrolled, work: UnitOfWork) -> None:
        """Keep a copy of a student."""
        StudentCopies(work).take_enrolled(event)

    @consumes(STUDENT_WITHDRAWN)
    def on_student_withdrawn(self, event: StudentWithdrawn, work: UnitOfWork) -> None:
        """Keep that a student has left."""
        StudentCopies(work).take_withdrawn(event)

    @every(ASSIGN_EVERY_S)
    def assign_queued_tasks(self) -> None:
        """Give queued tasks to scorers: the roster's events may come after the artifacts'."""
        for district in districts_with_queued_tasks():
            # Each tick is a cause of its own, so that a task that is queued again can be assigned again.
            work = self.work_for(district, f"assign:{utc_now().isoformat()}")
            assigned = use_cases.assign_queued_tasks(
                at=work.now,
                tasks=Tasks(work),
                students=StudentCopies(work),
                scorers=self.pool.of(work),
                routing=DistrictRouting(self.policies, district),
            )
            if assigned:
                log.info("queued_tasks_assigned", district=district, tasks=assigned)

    @route(
        "GET",
        "/v1/scoring/tasks",
        permission=READ_TASKS,
        query=schemas.TasksQuerySchema,
        returns=page_schema(schemas.TaskSchema),
    )
    def list_tasks(self, call: Call) -> Page[dict[str, Any]]:
        """List scoring tasks; a scorer sees their own."""
        found = Tasks(call.work).page(
            cursor=call.query["cursor"],
            limit=call.query["limit"],
            state=call.query["state"],
            scorer_id=_scorer_asked_for(call.principal, call.query["scorer_id"]),
        )
        return found.map(schemas.blind)

    @route(
        "GET",
        "/v1/scoring/tasks/<task_id>",
        permission=READ_TASKS,
        returns=schemas.TaskWithRubricSchema,
    )
    def show_task(self, call: Call) -> dict[str, Any]:
        """Show a task with its rubric; a scorer sees their own."""
        task, rubric = use_cases.show_task(
            call.path["task_id"],
            scorer_id=_scorer_asked_for(call.principal, None),
            tasks=Tasks(call.work),
            rubrics=DistrictRubrics(self.policies, call.work.district),
        )
        return schemas.with_rubric(task, rubric)

    @route(
        "POST",
        "/v1/scoring/tasks/<task_id>/reads",
        permission=GIVE_READS,
        body=schemas.ReadSchema,
        returns=schemas.GivenReadSchema,
        status=HTTPStatus.CREATED,
    )
    def give_read(self, call: Call) -> dict[str, Any]:
        """Give the levels of an artifact, one a criterion; the same read once more changes nothing."""
        task = use_cases.give_read(
            call.path["task_id"],
            call.body["levels"],
            scorer_id=call.principal.subject,
            at=call.work.now,
            tasks=Tasks(call.work),
            rubrics=DistrictRubrics(self.policies, call.work.district),
        )
        return schemas.given_read(task)

    @route(
        "GET",
        "/v1/scoring/scores",
        permission=READ_SCORES,
        query=schemas.ScoresQuerySchema,
        returns=page_schema(schemas.ScoreSchema),
    )
    def list_scores(self, call: Call) -> Page[dict[str, Any]]:
        """List the scores of a student's artifacts."""
        found = Tasks(call.work).page(
            cursor=call.query["cursor"],
            limit=call.query["limit"],
            student_id=call.query["student_id"],
            state=str(State.SCORED),
        )
        return found.map(schemas.scored)

    @route(
        "GET",
        "/v1/rubrics",
        permission=READ_RUBRICS,
        query=schemas.RubricsQuerySchema,
        returns=page_schema(schemas.RubricViewSchema),
    )
    def list_rubrics(self, call: Call) -> Page[Rubric]:
        """List the rubrics in force, or those of one version."""
        rubrics = use_cases.list_rubrics(
            at=call.work.now,
            version=call.query["version"],
            skill_id=call.query["skill_id"],
            grade=call.query["grade"],
            rubrics=DistrictRubrics(self.policies, call.work.district),
        )
        return _page(rubrics, cursor=call.query["cursor"], limit=call.query["limit"])


def _page(rubrics: Sequence[Rubric], *, cursor: str | None, limit: int) -> Page[Rubric]:
    """Return the next rubrics by id."""
    ordered = sorted(rubrics, key=lambda each: each.rubric_id)
    left = [each for each in ordered if cursor is None or each.rubric_id > cursor]
    shown = left[:limit]
    return Page(tuple(shown), shown[-1].rubric_id if len(left) > limit else None)


def _scorer_asked_for(principal: Principal, named: str | None) -> str | None:
    """Return whose tasks a caller may see: the office everybody's, a scorer only their own."""
    if principal.role in _OFFICE:
        return named
    if named not in (None, principal.subject):
        raise ForbiddenError("a scorer sees their own tasks only")
    return principal.subject
