"""Watch over families until they are reached, and show the school whom nothing has reached."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import structlog

from chassis.auth import Permission, Role
from chassis.disclosures import Disclosures
from chassis.http import Call, page_schema, route
from chassis.mongo import Page
from chassis.outbox import utc_now
from chassis.timers import every
from notifications.domain.reach import Reach
from notifications.entrypoints import metrics
from notifications.entrypoints.desk import DeskKeeper
from notifications.entrypoints.unreached_schemas import (
    ToldByHandSchema,
    UnreachedQuerySchema,
    UnreachedSchema,
    shown_reach,
)
from notifications.repository import (
    MongoMessages,
    MongoReaches,
    due_reaches,
    unreached_by_school,
    unreceipted_texts,
)
from notifications.use_cases import confirming, reaching

log = structlog.get_logger()

#: Families looked at at once.
_ROUND = 50
#: Texts whose receipts may be given up at once.
_RECEIPTS = 500

_READ_UNREACHED = Permission("read-unreached", (Role.DISTRICT_ADMIN, Role.COORDINATOR, Role.PORTAL))
_TELL_BY_HAND = Permission("tell-by-hand", (Role.DISTRICT_ADMIN, Role.COORDINATOR, Role.PORTAL))


class Unreached(DeskKeeper):
    """Knows which families have not been reached."""

    @every(1.0)
    def look_after_families(self) -> None:
        """Look at the families that are due."""
        while self._look_at_some() == _ROUND:
            pass

    def _look_at_some(self) -> int:
        due = due_reaches(now=utc_now(), limit=_ROUND)
        for district, fact_ids in due.items():
            desk, work = self.desk(district, "look")
            looked = reaching.look_after(fact_ids, desk, MongoReaches(work))
            metrics.FELL_BACK.inc(looked.messages)
            metrics.LISTED.inc(looked.listed)
            if looked.listed:
                log.info("families_unreached", district=district, families=looked.listed)
        return sum(len(fact_ids) for fact_ids in due.values())

    @every(30.0)
    def count_unreached(self) -> None:
        """Show how many families of each school are on its list."""
        counted = unreached_by_school()
        metrics.UNREACHED.clear()
        for (district, school_id), families in counted.items():
            metrics.UNREACHED.labels(district, school_id).set(families)

    @every(30.0)
    def give_up_on_receipts(self) -> None:
        """Close texts whose receipts are missing for too long."""
        for district, sent in unreceipted_texts(limit=_RECEIPTS).items():
            work = self.work_for(district, f"confirm:{uuid4()}")
            patience_s = self.rules_for(work).reach.receipt_patience_s
            latest = work.now - timedelta(seconds=patience_s)
            marked = confirming.give_up_on_receipts(
                [message_id for message_id, sent_at in sent if sent_at <= latest],
                messages=MongoMessages(work),
                reaches=MongoReaches(work),
                patience_s=patience_s,
                now=work.now,
            )
            metrics.UNCONFIRMED.inc(marked)

    @route(
        "GET",
        "/v1/unreached",
        permission=_READ_UNREACHED,
        query=UnreachedQuerySchema,
        returns=page_schema(UnreachedSchema),
    )
    def list_unreached(self, call: Call) -> Page[dict[str, Any]]:
        """List the families that no channel has reached, with what stood in the way."""
        query = call.query
        page = MongoReaches(call.work).page(
            cursor=query["cursor"],
            limit=query["limit"],
            school_id=query["school"],
            student_id=query["student"],
            state=query["state"].value,
        )
        _note_reading(call, page.items)
        return page.map(shown_reach)

    @route(
        "POST",
        "/v1/unreached/<fact_id>/told-by-hand",
        permission=_TELL_BY_HAND,
        body=ToldByHandSchema,
        returns=UnreachedSchema,
    )
    def note_told_by_hand(self, call: Call) -> dict[str, Any]:
        """Keep that a person has told a family, by whom and how, which takes it off the list."""
        reaches = MongoReaches(call.work)
        told = reaching.tell_by_hand(
            reaches.get(call.path["fact_id"]),
            by=call.principal.subject,
            how=call.body["how"],
            note=call.body["note"],
            reaches=reaches,
            now=call.work.now,
        )
        _note_reading(call, (told,))
        return shown_reach(told)


def _note_reading(call: Call, reaches: tuple[Reach, ...]) -> None:
    read = [(each.student_id, each.fact_id) for each in reaches]
    Disclosures(call.work).note(call.principal, "unreached", read)
