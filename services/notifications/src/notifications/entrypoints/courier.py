"""Send what is due on one channel: many messages at once, and no more than a provider bears."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import SystemRandom
from uuid import uuid4

import eventlet
import structlog

from chassis.errors import TransientError
from chassis.outbox import UnitOfWork, utc_now
from notifications.domain.delivery import Refused
from notifications.domain.messages import Message
from notifications.domain.planning import DistrictRules
from notifications.domain.roster import Channel
from notifications.entrypoints import metrics
from notifications.repository import (
    DistrictPolicies,
    MongoMessages,
    MongoReaches,
    MongoSuppressions,
    MongoTellings,
    due_messages,
    roster_of,
)
from notifications.use_cases import delivering, reaching
from notifications.use_cases.ports import Gateway

log = structlog.get_logger()

#: Suppressions and replies belong to our sender, which all districts share, and to no district.
EVERYWHERE = "*"

#: Messages taken up at once: what a round can send well within a lease.
_ROUND = 200
#: Messages that share a connection and a settlement; few, so that one slow one holds up few.
_BATCH = 10
#: Connections to a provider at once.
_CONNECTIONS = 8

_draw = SystemRandom().random

#: The unit of work of a timer, for a district and a cause.
WorkFor = Callable[[str, str], UnitOfWork]


@dataclass(frozen=True, kw_only=True)
class Courier:
    """Takes up, sends and settles the messages of one channel, by the gateway that a district may use."""

    channel: Channel
    gateway_for: Callable[[DistrictRules], Gateway]
    policies: DistrictPolicies
    work_for: WorkFor

    def deliver_due(self) -> None:
        """Send what is due in every district; a round that was full is followed by another."""
        while self._round() == _ROUND:
            pass

    def _round(self) -> int:
        due = due_messages(self.channel, now=utc_now(), limit=_ROUND)
        for district, message_ids in due.items():
            self._deliver(message_ids, self.policies.rules(district, on=utc_now().date()))
        return sum(len(message_ids) for message_ids in due.values())

    def _deliver(self, due: Sequence[str], rules: DistrictRules) -> None:
        # Asking comes first: what is in doubt is older than what is new, and asking takes time, which a lease
        # does not have.
        self._resolve(due, rules)
        lease = str(uuid4())
        work = self.work_for(rules.district, f"claim:{lease}")
        ours = delivering.claim(
            due,
            messages=MongoMessages(work),
            tellings=MongoTellings(work),
            roster=roster_of(work),
            suppressions=self._suppressions(work.cause),
            rules=rules,
            lease=lease,
            now=work.now,
            route=self.gateway_for(rules).choose,
        )
        pool = eventlet.GreenPool(_CONNECTIONS)
        for start in range(0, len(ours), _BATCH):
            pool.spawn_n(self._send, ours[start : start + _BATCH], rules)
        pool.waitall()

    def _send(self, batch: Sequence[Message], rules: DistrictRules) -> None:
        outcomes = delivering.send(batch, gateway=self.gateway_for(rules), rules=rules, clock=utc_now)
        work = self.work_for(rules.district, f"settle:{uuid4()}")
        try:
            delivering.settle(
                outcomes,
                messages=MongoMessages(work),
                tellings=MongoTellings(work),
                suppressions=self._suppressions(work.cause),
                rules=rules,
                now=work.now,
                draw=_draw,
            )
            failed = [(each.fact_id, each.revision) for each, end in outcomes if isinstance(end, Refused)]
            if failed:
                reaching.look_now(failed, reaches=MongoReaches(work), now=work.now)
        except TransientError as error:
            # Their leases lapse, and the provider is asked before anything is sent again.
            log.warning("outcomes_not_kept", channel=self.channel, messages=len(outcomes), error=str(error))
        for _, outcome in outcomes:
            metrics.SENT.labels(self.channel, type(outcome).__name__.lower()).inc()

    def _resolve(self, due: Sequence[str], rules: DistrictRules) -> None:
        work = self.work_for(rules.district, f"ask:{uuid4()}")
        resolved = delivering.resolve_doubts(
            due,
            messages=MongoMessages(work),
            gateway=self.gateway_for(rules),
            rules=rules,
            clock=utc_now,
            draw=_draw,
        )
        if resolved:
            log.info("doubts_resolved", channel=self.channel, messages=resolved)

    def _suppressions(self, cause: str) -> MongoSuppressions:
        return MongoSuppressions(self.work_for(EVERYWHERE, cause))


#: The providers by channel.
Gateways = Mapping[Channel, Gateway]
