"""Hearings, from their opening to a record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http import HTTPStatus

from chassis.auth import Principal
from chassis.http import Call, page_schema, route
from chassis.mongo import Page
from chassis.outbox import UnitOfWork
from chassis.problems import FieldError, InvalidRequestError
from defenses.domain.hearings.faults import InvalidEntryError
from defenses.domain.hearings.hearing import Hearing
from defenses.domain.hearings.outcomes import OutcomeRule
from defenses.domain.hearings.records import Correction
from defenses.entrypoints.disclosing import note_reading
from defenses.entrypoints.permissions import (
    CORRECT_RECORDS,
    PLAN_DEFENSES,
    PLANNERS,
    READ_HEARINGS,
    RELEASE_OUTCOMES,
    RUN_HEARINGS,
    SIT_ON_PANELS,
)
from defenses.entrypoints.policies import PolicyReader
from defenses.entrypoints.schemas import hearings as schemas
from defenses.repository import Calibrations, Candidates, Defenses, Hearings
from defenses.use_cases.hearings import judging, opening, reading, records
from defenses.use_cases.hearings.stores import Actor, Docket, OpeningDocket


class DistrictOutcomeRules:
    """The rules for hearings of one district at one time."""

    def __init__(self, reader: PolicyReader, work: UnitOfWork) -> None:
        self._policies = reader.policies
        self._work = work

    def current(self) -> OutcomeRule:
        """Return the rule that is in force."""
        found: OutcomeRule = self._policies.current(
            "outcome", district=self._work.district, on=self._work.now.date()
        )
        return found

    def of_version(self, version: str) -> OutcomeRule:
        """Return one version; a district keeps every version under which a hearing was opened."""
        found: OutcomeRule = self._policies.version("outcome", district=self._work.district, version=version)
        return found


class HearingRoutes(PolicyReader):
    """Hears students."""

    @route(
        "POST",
        "/v1/hearings",
        permission=RUN_HEARINGS,
        body=schemas.OpeningBodySchema,
        returns=schemas.HearingSchema,
        status=HTTPStatus.CREATED,
    )
    def open_hearing(self, call: Call) -> Hearing:
        """Open the next sitting of a scheduled defense, before the panel that it has."""
        body, docket = call.body, self._opening_docket(call.work)
        return opening.open_hearing(
            body["defense_id"], body["form"], actor_of(call.principal), docket=docket
        ).seen_by(call.principal.subject)

    @route(
        "POST",
        "/v1/redefenses/<hearing_id>/hearings",
        permission=PLAN_DEFENSES,
        body=schemas.RedefenseBodySchema,
        returns=schemas.HearingSchema,
        status=HTTPStatus.CREATED,
    )
    def open_redefense(self, call: Call) -> Hearing:
        """Open a sitting for the redefense that a hearing's outcome asks for, before another panel."""
        panel = [(seat["panelist_id"], seat["role"]) for seat in call.body["panel"]]
        return opening.open_redefense(
            call.path["hearing_id"],
            panel,
            call.body["form"],
            actor_of(call.principal),
            docket=self._opening_docket(call.work),
        )

    @route(
        "GET",
        "/v1/hearings",
        permission=READ_HEARINGS,
        query=schemas.HearingsQuerySchema,
        returns=page_schema(schemas.HearingSchema),
    )
    def list_hearings(self, call: Call) -> Page[Hearing]:
        """List hearings; who is not of the office gets those on whose panels they sit."""
        subject = call.principal.subject
        mine = None if actor_of(call.principal).office else subject
        page = Hearings(call.work).page(**call.query, panelist_ids=mine)
        note_reading(call, "hearings", [(each.student_id, each.hearing_id) for each in page.items])
        return page.map(lambda hearing: hearing.seen_by(subject))

    @route(
        "GET",
        "/v1/hearings/<hearing_id>",
        permission=READ_HEARINGS,
        returns=schemas.HearingSchema,
    )
    def show_hearing(self, call: Call) -> Hearing:
        """Show a hearing with its rounds and every version of its record."""
        found = reading.show_hearing(
            call.path["hearing_id"], actor_of(call.principal), hearings=Hearings(call.work)
        )
        note_reading(call, "hearings", [(found.student_id, found.hearing_id)])
        return found

    @route(
        "PUT",
        "/v1/hearings/<hearing_id>/sheet",
        permission=SIT_ON_PANELS,
        body=schemas.SheetBodySchema,
        returns=schemas.HearingSchema,
    )
    def submit_sheet(self, call: Call) -> Hearing:
        """Submit all marks of one's own seat in one round; the last sheet closes the round."""
        subject = call.principal.subject
        with faults_as_problems():
            return judging.submit_sheet(
                call.path["hearing_id"],
                subject,
                call.body["round"],
                call.body["marks"],
                docket=self.docket(call.work),
            ).seen_by(subject)

    @route(
        "POST",
        "/v1/hearings/<hearing_id>/absences",
        permission=RUN_HEARINGS,
        body=schemas.AbsenceBodySchema,
        returns=schemas.HearingSchema,
    )
    def record_absence(self, call: Call) -> Hearing:
        """Go on without some of the panel, as long as the quorum stays."""
        return judging.record_absence(
            call.path["hearing_id"],
            call.body["panelist_ids"],
            call.body["reason"],
            actor_of(call.principal),
            docket=self.docket(call.work),
        ).seen_by(call.principal.subject)

    @route(
        "POST",
        "/v1/hearings/<hearing_id>/adjournment",
        permission=RUN_HEARINGS,
        body=schemas.AdjournmentBodySchema,
        returns=schemas.HearingSchema,
    )
    def adjourn_hearing(self, call: Call) -> Hearing:
        """End an open hearing without an outcome; another sitting may follow."""
        return judging.adjourn(
            call.path["hearing_id"],
            call.body["cause"],
            call.body["reason"],
            actor_of(call.principal),
            docket=self.docket(call.work),
        ).seen_by(call.principal.subject)

    @route(
        "POST",
        "/v1/hearings/<hearing_id>/release",
        permission=RELEASE_OUTCOMES,
        body=schemas.VersionBodySchema,
        returns=schemas.HearingSchema,
    )
    def release_outcome(self, call: Call) -> Hearing:
        """Let the family read one version of the outcome."""
        return records.release(call.path["hearing_id"], call.body["version"], docket=self.docket(call.work))

    @route(
        "POST",
        "/v1/hearings/<hearing_id>/corrections",
        permission=CORRECT_RECORDS,
        body=schemas.CorrectionBodySchema,
        returns=schemas.HearingSchema,
    )
    def correct_record(self, call: Call) -> Hearing:
        """Supersede a version of the record by one with other marks; the old one stays."""
        correction = Correction(
            version=call.body["version"],
            marks=tuple((sheet["panelist_id"], tuple(sheet["marks"])) for sheet in call.body["sheets"]),
            reason=call.body["reason"],
            by=call.principal.subject,
        )
        with faults_as_problems():
            return records.correct(call.path["hearing_id"], correction, docket=self.docket(call.work))

    @route(
        "POST",
        "/v1/hearings/<hearing_id>/annulment",
        permission=CORRECT_RECORDS,
        body=schemas.AnnulmentBodySchema,
        returns=schemas.HearingSchema,
    )
    def annul_hearing(self, call: Call) -> Hearing:
        """Take it that a hearing was not held as it must be, so that it is repeated; the record stays."""
        return records.annul(
            call.path["hearing_id"],
            call.body["version"],
            call.body["reason"],
            call.principal.subject,
            docket=self.docket(call.work),
        )

    def docket(self, work: UnitOfWork) -> Docket:
        """Return the hearings of a work's district."""
        return Docket(
            hearings=Hearings(work), rules=DistrictOutcomeRules(self, work), now=as_stored(work.now)
        )

    def _opening_docket(self, work: UnitOfWork) -> OpeningDocket:
        return OpeningDocket(
            hearings=Hearings(work),
            rules=DistrictOutcomeRules(self, work),
            now=as_stored(work.now),
            defenses=Defenses(work),
            candidates=Candidates(work),
            calibrations=Calibrations(work),
        )


def actor_of(principal: Principal) -> Actor:
    """Return who a caller is to a hearing."""
    return Actor(principal.subject, office=principal.role in PLANNERS)


def as_stored(moment: datetime) -> datetime:
    """Return a time as the store gives it back: in whole milliseconds."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@contextmanager
def faults_as_problems() -> Iterator[None]:
    """Name each field of a sheet that cannot be counted."""
    try:
        yield
    except InvalidEntryError as error:
        raise InvalidRequestError([FieldError(each.field, each.reason) for each in error.faults]) from error
