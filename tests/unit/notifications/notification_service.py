"""The service in memory, with a clock that a test moves on."""

from datetime import datetime

from tests.unit.notifications.notification_examples import (
    RULES,
    Examples,
    ScriptedGateway,
    World,
)

from contracts.defenses import DefenseScheduled
from notifications.domain.delivery import Outcome
from notifications.domain.messages import TAKEN, Message, Purpose, State
from notifications.domain.planning import DistrictRules
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel
from notifications.domain.tellings import TellingState
from notifications.use_cases.delivering import claim, resolve_doubts, send, settle
from notifications.use_cases.gathering import gather_digests
from notifications.use_cases.noting import Notebook, note_cancellation, note_defense
from notifications.use_cases.reminding import remind_families
from notifications.use_cases.telling import tell_families


class Service:
    """The service with a clock that a test moves on; what is sent arrives, unless the test says otherwise."""

    def __init__(self, make: Examples, rules: DistrictRules = RULES) -> None:
        self.make = make
        self.world = World(make)
        self.gateway = ScriptedGateway()
        self.rules = rules
        self.passed_s = 0.0

    def hear(self, event: DefenseScheduled) -> None:
        note_defense(event, self.notebook)

    def hear_cancellation(self, revision: int = 2, *, rescheduled: bool = False) -> None:
        event = self.make.cancellation(revision=revision, to_be_rescheduled=rescheduled)
        note_cancellation(event, self.notebook)

    @property
    def notebook(self) -> Notebook:
        return self.world.notebook(self.now, self.rules)

    @property
    def now(self) -> datetime:
        return self.make.after(self.passed_s)

    def tell(self) -> None:
        facts = self.world.tellings.values.items()
        due = [name for name, each in facts if each.due_at and each.due_at <= self.now]
        for job in (tell_families, remind_families):
            job(due, self.world.desk(self.now, self.rules))

    def gather(self) -> int:
        waiting = self.world.messages.values.items()
        due = [name for name, each in waiting if each.digest_id and each.due_at and each.due_at <= self.now]
        return gather_digests(due, self.world.desk(self.now, self.rules))

    def claim(self, *channels: Channel) -> list[Message]:
        return claim(
            [
                name
                for name, each in self.world.messages.values.items()
                if each.due_at
                and each.due_at <= self.now
                and not each.digest_id
                and each.channel in (channels or tuple(Channel))
            ],
            messages=self.world.messages,
            tellings=self.world.tellings,
            roster=self.world.roster,
            suppressions=self.world.suppressions,
            rules=self.rules,
            lease=f"lease-{self.passed_s}",
            now=self.now,
        )

    def settle(self, ours: list[Message], outcome: Outcome | None = None) -> None:
        sent = send(ours, gateway=self.gateway, rules=self.rules, clock=lambda: self.now)
        settle(
            [(message, outcome or accepted) for message, accepted in sent],
            messages=self.world.messages,
            tellings=self.world.tellings,
            suppressions=self.world.suppressions,
            reaches=self.world.reaches,
            rules=self.rules,
            now=self.now,
            draw=lambda: 0.0,
        )

    def deliver(self, *channels: Channel, outcome: Outcome | None = None) -> None:
        self.settle(self.claim(*channels), outcome)

    def ask(self) -> None:
        resolve_doubts(
            [
                name
                for name, each in self.world.messages.values.items()
                if each.due_at and each.due_at <= self.now
            ],
            messages=self.world.messages,
            gateway=self.gateway,
            rules=self.rules,
            clock=lambda: self.now,
            draw=lambda: 0.0,
        )

    def round(self, *, after_s: float = 1.0) -> None:
        """Let time pass, and everything happen that is due."""
        self.passed_s += after_s
        self.tell()
        self.gather()
        self.deliver()

    def sent(self, channel: Channel = Channel.EMAIL) -> list[tuple[int, Purpose]]:
        """Return what arrived on a channel, by revision."""
        return sorted(
            (each.revision, each.purpose)
            for each in self.world.messages.values.values()
            if each.channel is channel and each.state in TAKEN
        )

    def unsent(self, channel: Channel = Channel.EMAIL) -> list[tuple[int, State, Reason | None]]:
        return sorted(
            (each.revision, each.state, each.reason)
            for each in self.world.messages.values.values()
            if each.channel is channel and each.state not in TAKEN
        )

    def state(self) -> TellingState:
        return self.world.tellings.values["d-1"].state
