"""Evidence in, decisions out."""

from __future__ import annotations

from chassis.http import Call, page_schema, route
from chassis.messaging import consumes
from chassis.mongo import Page
from chassis.outbox import UnitOfWork
from chassis.problems import FieldError, InvalidRequestError
from contracts.scoring import ARTIFACT_SCORED, ArtifactScored
from defenses.domain.candidates import Candidate, NoDecisionError
from defenses.domain.readiness import Decision, ReadinessException
from defenses.domain.standings import GradeSummary, summarize
from defenses.domain.trials import Trial
from defenses.entrypoints.disclosing import note_reading
from defenses.entrypoints.permissions import (
    GRANT_EXCEPTIONS,
    READ_READINESS,
    READ_SUMMARIES,
    TRY_RULES,
)
from defenses.entrypoints.policies import PolicyReader
from defenses.entrypoints.schemas import readiness as schemas
from defenses.entrypoints.sweeping import give_way
from defenses.repository import Candidates, Schools
from defenses.use_cases import candidates, readiness


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
        page = Candidates(call.work).page(**call.query)
        note_reading(call, "readiness", [(each.student_id, None) for each in page.items])
        return page

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
        note_reading(call, "readiness", [(found.student_id, None)])
        return found

    @route(
        "GET",
        "/v1/readiness/<student_id>/replay",
        permission=READ_READINESS,
        query=schemas.ReplayQuerySchema,
        returns=schemas.ReplaySchema,
    )
    def replay_decision(self, call: Call) -> readiness.Replay:
        """Make the decision that holds, or one of the past, again from what it was made from."""
        found, rules = Candidates(call.work).get(call.path["student_id"]), self.rules_for(call.work)
        past = call.query["input_hash"]
        if past is None:
            replayed = readiness.replay(found, rules=rules)
        else:
            replayed = readiness.replay_past(found, past, rules=rules)
        note_reading(call, "readiness", [(found.student_id, None)])
        return replayed

    @route(
        "GET",
        "/v1/readiness/<student_id>/decisions",
        permission=READ_READINESS,
        returns=schemas.ReadinessHistorySchema,
    )
    def show_history(self, call: Call) -> Candidate:
        """Show every decision that was said about a student, with the hash that replays it."""
        found = Candidates(call.work).get(call.path["student_id"])
        note_reading(call, "readiness", [(found.student_id, None)])
        return found

    @route(
        "POST",
        "/v1/readiness/replays",
        permission=TRY_RULES,
        body=schemas.ReplayBodySchema,
        returns=schemas.DecisionSchema,
    )
    def replay_past_decision(self, call: Call) -> Decision:
        """Make a decision of the past again, from what was told of it."""
        body = call.body
        return readiness.decide_by_version(
            body["snapshot"], body["rule_version"], rules=self.rules_for(call.work)
        )

    @route(
        "GET",
        "/v1/readiness/<student_id>/exceptions",
        permission=GRANT_EXCEPTIONS,
        returns=schemas.ExceptionsSchema,
    )
    def show_exceptions(self, call: Call) -> Candidate:
        """Show what was approved for a student."""
        found = Candidates(call.work).get(call.path["student_id"])
        note_reading(call, "readiness-exceptions", [(found.student_id, None)])
        return found

    @route(
        "PUT",
        "/v1/readiness/<student_id>/exceptions/<exception_id>",
        permission=GRANT_EXCEPTIONS,
        body=schemas.ExceptionBodySchema,
        returns=schemas.ExceptionsSchema,
    )
    def grant_exception(self, call: Call) -> Candidate:
        """Record an exception for a student, or change it."""
        body = {**call.body, "skills": tuple(call.body["skills"])}
        exception = ReadinessException(
            exception_id=call.path["exception_id"],
            recorded_by=call.principal.subject,
            approved_at=call.work.now,
            **body,
        )
        try:
            return readiness.grant_exception(
                call.path["student_id"],
                exception,
                candidates=Candidates(call.work),
                rules=self.rules_for(call.work),
                now=call.work.now,
            )
        except readiness.ExceptionRefusedError as error:
            raise InvalidRequestError([FieldError(error.field, str(error))]) from error

    @route(
        "POST",
        "/v1/readiness/<student_id>/exceptions/<exception_id>/revocation",
        permission=GRANT_EXCEPTIONS,
        returns=schemas.ExceptionsSchema,
    )
    def revoke_exception(self, call: Call) -> Candidate:
        """Take an exception back."""
        return readiness.revoke_exception(
            call.path["student_id"],
            call.path["exception_id"],
            candidates=Candidates(call.work),
            rules=self.rules_for(call.work),
            now=call.work.now,
        )

    @route(
        "POST",
        "/v1/readiness/dry-runs",
        permission=TRY_RULES,
        query=schemas.DryRunQuerySchema,
        body=schemas.DryRunBodySchema,
        returns=page_schema(schemas.RuleTrialSchema),
    )
    def try_rule(self, call: Call) -> Page[Trial]:
        """Show who would change under a rule, a school at a time; nothing is written or said."""
        rules = self.rules_for(call.work)

        def tried(school_id: str) -> Trial:
            return readiness.dry_run(
                call.body["rule"],
                school_id,
                candidates=Candidates(call.work),
                school_year=rules.school_year,
                pause=give_way,
                now=call.work.now,
            )

        schools = Schools(call.work)
        if call.body["school_id"] is not None:
            school = readiness.known_school(call.body["school_id"], schools=schools)
            trials = Page((tried(school.school_id),), None)
        else:
            trials = schools.page(**call.query).map(lambda school: tried(school.school_id))
        changed = [(each.student_id, None) for trial in trials.items for each in trial.changes]
        note_reading(call, "readiness-dry-run", changed)
        return trials

    @route(
        "GET",
        "/v1/readiness-summary",
        permission=READ_SUMMARIES,
        query=schemas.SummaryQuerySchema,
        returns=page_schema(schemas.GradeSummarySchema),
    )
    def summarize_readiness(self, call: Call) -> Page[GradeSummary]:
        """Count students by status, and the clauses that fail most, per school, grade and skill."""
        query = call.query
        one = None if query["school_id"] is None else [query["school_id"]]
        schools = Schools(call.work).page(id=one, cursor=query["cursor"], limit=query["limit"])
        found = Candidates(call.work).standings([school.school_id for school in schools.items])
        counted = summarize(found, grade=query["grade"], skill_id=query["skill_id"])
        return Page(counted, schools.next_cursor)

    @route(
        "GET",
        "/v1/opportunity-gaps",
        permission=READ_SUMMARIES,
        query=schemas.GapsQuerySchema,
        returns=page_schema(schemas.StudentGapsSchema),
    )
    def list_opportunity_gaps(self, call: Call) -> Page[Candidate]:
        """List the students to whom a school owes the opportunity to show a skill."""
        query = {**call.query, "gap_skills": call.query["skill_id"], "has_gaps": True}
        del query["skill_id"]
        page = Candidates(call.work).page(**query)
        note_reading(call, "opportunity-gaps", [(each.student_id, None) for each in page.items])
        return page
