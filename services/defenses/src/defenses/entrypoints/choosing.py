"""What families choose by themselves, and whether the burden is shared."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Any

from chassis.http import Call, route
from chassis.outbox import UnitOfWork
from defenses.domain.defenses import TOLD_STATES, Defense, NoDefenseError, Note
from defenses.domain.fairness import Fairness
from defenses.entrypoints.changes import ScheduleChanger
from defenses.entrypoints.permissions import CHOOSE_SLOTS, PLAN_DEFENSES
from defenses.entrypoints.schemas import changes as schemas
from defenses.entrypoints.schemas.scheduling import DefenseSchema
from defenses.repository import Defenses
from defenses.use_cases import choosing
from defenses.use_cases.changes import Order
from defenses.use_cases.choosing import TooLateError
from defenses.use_cases.fairness import report_fairness

#: What a caller may hear of, with its status.
PROBLEMS: dict[type[BaseException], int] = {TooLateError: HTTPStatus.CONFLICT}


class ChoosingRoutes(ScheduleChanger):
    """Self-service of families, and the report for those who plan."""

    @route(
        "GET",
        "/v1/defenses/<defense_id>/offers",
        permission=CHOOSE_SLOTS,
        returns=schemas.OffersSchema,
    )
    def show_offers(self, call: Call) -> dict[str, Any]:
        """Show the other times that a family may choose now."""
        defense_id = self._own(call)
        return {"offers": choosing.offers(defense_id, self.desk_for(self._everybody(call)))}

    @route(
        "PUT",
        "/v1/defenses/<defense_id>/acceptance",
        permission=CHOOSE_SLOTS,
        body=schemas.SeenBodySchema,
        returns=DefenseSchema,
    )
    def accept_defense(self, call: Call) -> Defense:
        """Accept where and when a defense is."""
        order = _order(call, self._own(call), "accepted")
        with self.turn_in(call.work.district) as desk:
            return choosing.accept(order, desk(call.work))

    @route(
        "POST",
        "/v1/defenses/<defense_id>/choice",
        permission=CHOOSE_SLOTS,
        body=schemas.ChoiceBodySchema,
        returns=DefenseSchema,
    )
    def choose_time(self, call: Call) -> Defense:
        """Choose another time that is free."""
        order = _order(call, self._own(call), "family_chose")
        with self.turn_in(call.work.district) as desk:
            return choosing.choose(order, call.body["starts_at"], desk(self._everybody(call)))

    @route(
        "GET",
        "/v1/fairness",
        permission=PLAN_DEFENSES,
        query=schemas.FairnessQuerySchema,
        returns=schemas.FairnessSchema,
    )
    def show_fairness(self, call: Call) -> Fairness:
        """Show how a school's season burdens its people."""
        return report_fairness(call.query["school_id"], self.desk_for(call.work))

    def _own(self, call: Call) -> str:
        """Return the id of a defense that the caller may see, and that families know of."""
        found = Defenses(call.work).get(call.path["defense_id"])
        if call.principal.students is not None and found.state not in TOLD_STATES:
            raise NoDefenseError(f"there is no defense {found.defense_id}")
        return found.defense_id

    def _everybody(self, call: Call) -> UnitOfWork:
        """Return the caller's unit of work without its limits: what is free depends on others' defenses."""
        return replace(call.work, students=None)


def _order(call: Call, defense_id: str, cause: str) -> Order:
    note = Note(
        cause=cause,
        reason="The family has chosen it.",
        by=call.principal.subject,
        at=call.work.now,
    )
    return Order(defense_id=defense_id, edition=call.body["edition"], note=note)
