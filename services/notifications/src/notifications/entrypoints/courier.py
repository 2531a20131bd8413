"""Send what is due on one channel: many messages at once, and no more than a provider bears."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import SystemRandom
from uuid import uuid4

import eventlet
import structlog

from chassis.errors import TransientError
from chassis.outbox import UnitOfWork, utc_now
from notifications.domain.messages import Message, State
from notifications.domain.planning import DistrictRules
from notifications.domain.roster import Channel
from notifications.domain.turns import Turns
from notifications.entrypoints import metrics
from notifications.repository import (
    DistrictPolicies,
    DueMessage,
    MongoMessages,
    MongoReaches,
    MongoSuppressions,
    MongoTellings,
    due_messages,
    roster_of,
)
from notifications.use_cases import delivering
from notifications.use_cases.ports import Gateway

log = structlog.get_logger()

#: Suppressions and replies belong to our sender, which all districts share, and to no district.
EVERYWHERE = "*"

#: Messages that one look finds at most: more than a district has, and no more than memory holds easily.
_SIGHT = 50_000
#: A look is followed by another after so many times of what it took, and no sooner than this: those who come
#: meanwhile want their turn, and looking must not be what the store is busy with.
_LOOK_SHARE, _LOOK_AGAIN_S = 20.0, 2.0
_PAUSE_S = 0.5
#: Messages taken up at once: what waits under a lease is sent well within it. The embedded store looks for
#: each document's id in all those that are asked for, so that more cost more each.
_CLAIM = 30
#: Messages that share a connection and a settlement; few, so that one slow one holds up few.
_BATCH = 10
#: Connections to a provider at once; one that is slow holds up its own batch only.
_CONNECTIONS = 16

_draw = SystemRandom()

#: The unit of work of a timer, for a district and a cause.
WorkFor = Callable[[str, str], UnitOfWork]


@dataclass
class _Look:
    """What one look at the store found due, in the order of turns.

    Attributes:
        good_until: when to look again, on the monotonic clock.
    """

    turns: Turns[DueMessage]
    good_until: float


@dataclass(frozen=True, kw_only=True)
class Courier:
    """Takes up, sends and settles the messages of one channel.

    Attributes:
        gateway_for: returns the provider as a district may use it.
        stops: whether to begin nothing more.
    """

    channel: Channel
    gateway_for: Callable[[DistrictRules], Gateway]
    policies: DistrictPolicies
    work_for: WorkFor
    stops: Callable[[], bool]
    #: Those that their provider is being asked about.
    _asked: set[str] = field(default_factory=set)

    def deliver_due(self) -> None:
        """Send what is due in every district until nothing is due; schools take turns."""
        pool = eventlet.GreenPool(_CONNECTIONS)
        try:
            look = self._look()
            while not self.stops():
                some = look.turns.take(_CLAIM)
                self._deliver_some(some, pool)
                if not some:
                    if not pool.running():
                        break
                    # Who waits for a slow provider must not keep those waiting who come meanwhile.
                    eventlet.sleep(_PAUSE_S)
                if not some or time.monotonic() > look.good_until:
                    look = self._look()
        finally:
            pool.waitall()

    def _deliver_some(self, some: Sequence[DueMessage], pool: eventlet.GreenPool) -> None:
        by_district: dict[str, list[DueMessage]] = {}
        for each in some:
            by_district.setdefault(each.district, []).append(each)
        for district, due in by_district.items():
            self._deliver(due, self.policies.rules(district, on=utc_now().date()), pool)

    def _look(self) -> _Look:
        began = time.monotonic()
        due = due_messages(self.channel, now=utc_now(), limit=_SIGHT)
        ended = time.monotonic()
        lines: dict[tuple[str, str], list[DueMessage]] = {}
        for each in due:
            if each.message_id not in self._asked:
                lines.setdefault((each.district, each.school_id), []).append(each)
        # Processes that look at the same time begin with different schools, and meet less often.
        names = _draw.sample(list(lines), k=len(lines))
        turns = Turns((name, each) for name in names for each in lines[name])
        return _Look(turns, ended + max(_LOOK_AGAIN_S, _LOOK_SHARE * (ended - began)))

    def _deliver(self, due: Sequence[DueMessage], rules: DistrictRules, pool: eventlet.GreenPool) -> None:
        doubted = [each.message_id for each in due if each.state is State.UNKNOWN]
        if doubted:
            # Asking takes time, which a lease does not have: it has a connection of its own.
            self._asked.update(doubted)
            pool.spawn_n(self._resolve, doubted, rules)
        ours = self._claim([each.message_id for each in due if each.state is not State.UNKNOWN], rules)
        for start in range(0, len(ours), _BATCH):
            # Waits for a free connection.
            pool.spawn_n(self._send, ours[start : start + _BATCH], rules)

    def _claim(self, due: Sequence[str], rules: DistrictRules) -> Sequence[Message]:
        if not due:
            return ()
        lease = str(uuid4())
        work = self.work_for(rules.district, f"claim:{lease}")
        return delivering.claim(
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

    def _send(self, batch: Sequence[Message], rules: DistrictRules) -> None:
        outcomes = delivering.send(batch, gateway=self.gateway_for(rules), rules=rules, clock=utc_now)
        work = self.work_for(rules.district, f"settle:{uuid4()}")
        try:
            delivering.settle(
                outcomes,
                messages=MongoMessages(work),
                tellings=MongoTellings(work),
                suppressions=self._suppressions(work.cause),
                reaches=MongoReaches(work),
                rules=rules,
                now=work.now,
                draw=_draw.random,
            )
        except TransientError as error:
            # Their leases lapse, and the provider is asked before anything is sent again.
            log.warning("outcomes_not_kept", channel=self.channel, messages=len(outcomes), error=str(error))
        for _, outcome in outcomes:
            metrics.SENT.labels(self.channel, type(outcome).__name__.lower()).inc()

    def _resolve(self, doubted: Sequence[str], rules: DistrictRules) -> None:
        work = self.work_for(rules.district, f"ask:{uuid4()}")
        try:
            resolved = delivering.resolve_doubts(
                doubted,
                messages=MongoMessages(work),
                gateway=self.gateway_for(rules),
                rules=rules,
                clock=utc_now,
                draw=_draw.random,
            )
        except TransientError as error:
            # They are still in doubt, and asked about again.
            log.warning("answers_not_kept", channel=self.channel, messages=len(doubted), error=str(error))
        else:
            if resolved:
                log.info("doubts_resolved", channel=self.channel, messages=resolved)
        finally:
            self._asked.difference_update(doubted)

    def _suppressions(self, cause: str) -> MongoSuppressions:
        return MongoSuppressions(self.work_for(EVERYWHERE, cause))


#: The providers by channel.
Gateways = Mapping[Channel, Gateway]
