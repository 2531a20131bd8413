"""Evidence in, decisions out."""

from __future__ import annotations

from chassis.http import Call, page_schema, route
from chassis.messaging import consumes
from chassis.mongo import Page
from chassis.outbox import UnitOfWork
from contracts.scoring import ARTIFACT_SCORED, ArtifactScored
from defenses.domain.candidates import Candidate, NoDecisionError
from defenses.domain.readiness import STATUSES
from defenses.entrypoints.permissions import READ_READINESS
from defenses.entrypoints.policies import PolicyReader
from defenses.entrypoints.schemas import readiness as schemas
from defenses.repository import Candidates
from defenses.use_cases import candidates


class ReadinessRoutes(PolicyReader):
    """Decides who is ready, and says why."""

    @consumes(ARTIFACT_SCORED)
    def on_artifact_scored(self, event: ArtifactScored, work: UnitOfWork) -> None:
        """Take an artifact's score."""
        candidates.add_evidence(
            event,
            version=work.subject_version,
            candidates=Candidates(work),
            rules=self.rules_for(work),
            now=work.now,
        )

    @route(
        "GET",
        "/v1/readiness",
        permission=READ_READINESS,
        query=schemas.ReadinessQuerySchema,
        returns=page_schema(schemas.ReadinessSchema),
    )
    def list_readiness(self, call: Call) -> Page[Candidate]:
        """List the decisions that hold now."""
        # Those about whom nothing is decided have no status, so that a page is a page of decisions.
        wanted = {**call.query, "status": call.query["status"] or list(STATUSES)}
        return Candidates(call.work).page(**wanted)

    @route(
        "GET",
        "/v1/readiness/<student_id>",
        permission=READ_READINESS,
        returns=schemas.ReadinessSchema,
    )
    def show_readiness(self, call: Call) -> Candidate:
        """Show what is decided about a student, and why."""
        found = Candidates(call.work).get(call.path["student_id"])
        if found.current is None:
            raise NoDecisionError(f"nothing is decided about {found.student_id}")
        return found
