"""The service in memory with its watch over families."""

from dataclasses import replace
from datetime import datetime

from tests.unit.notifications.notification_examples import REACH, RULES, Examples
from tests.unit.notifications.notification_service import Service

from notifications.domain.delivery import Outcome
from notifications.domain.messages import Message, State
from notifications.domain.planning import DistrictRules
from notifications.domain.reach import Reach, ReachState
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel
from notifications.use_cases.reaching import Looked, look_after, look_now, watch_facts

#: A district that pays for texts: they are used where email cannot be.
TEXTS_IN_RESERVE = replace(RULES, reach=replace(REACH, in_reserve=frozenset({Channel.SMS})))


class WatchedService(Service):
    """The service with its watch; what has failed is looked at as soon as it is asked to look."""

    def __init__(self, make: Examples, rules: DistrictRules = RULES) -> None:
        super().__init__(make, rules)
        self.reaches = self.world.reaches

    def tell(self) -> None:
        watch_facts(list(self.world.tellings.values), self.world.desk(self.now, self.rules), self.reaches)
        super().tell()

    def look(self, *, after_s: float = 300.0) -> Looked:
        """Let time pass, and look at the families that are due."""
        self.passed_s += after_s
        return look_after(list(self.reaches.values), self.world.desk(self.now, self.rules), self.reaches)

    def failed(self, message: Message) -> None:
        look_now([(message.fact_id, message.revision)], reaches=self.reaches, now=self.now)

    def tell_and_fail(self, outcome: Outcome) -> Message:
        """Tell by the one channel that is not in reserve, and have that end so; return its message."""
        self.tell()
        [message] = self.claim()
        self.settle([message], outcome)
        return message

    def at(self, moment: datetime) -> None:
        self.passed_s = (moment - self.make.now).total_seconds()

    def arrive(self, *channels: Channel) -> None:
        """Have what was sent arrive, as its receipts say."""
        for name, each in self.world.messages.values.items():
            if each.state is State.SENT and each.channel in (channels or tuple(Channel)):
                self.world.messages.values[name] = replace(each, state=State.DELIVERED)

    @property
    def reach(self) -> Reach:
        return self.reaches.values["d-1"]

    @property
    def listed(self) -> tuple[ReachState, list[tuple[Channel | None, Reason]]]:
        return self.reach.state, [(each.channel, each.reason) for each in self.reach.obstacles]

    def ends(self, channel: Channel) -> list[tuple[State, Reason | None, str | None]]:
        """Return how the messages of a channel stand, oldest first."""
        found = [each for each in self.world.messages.values.values() if each.channel is channel]
        found.sort(key=lambda each: each.created_at)
        return [(each.state, each.reason, each.address) for each in found]
