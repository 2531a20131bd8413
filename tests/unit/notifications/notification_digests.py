"""A family of two students and two guardians, who hear of milestones once a day."""

from datetime import datetime

from tests.unit.notifications.notification_examples import RULES, Examples
from tests.unit.notifications.notification_reach import WatchedService

from notifications.domain.messages import Message, Purpose, State
from notifications.domain.planning import DistrictRules
from notifications.domain.preferences import Frequency, Preferences
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel, Relation

#: Seconds from the examples' now, ten in the morning in Louisville, to the digest at five.
UNTIL_DIGEST_S = 7 * 3600.0
DAY_S = 24 * 3600.0


class Household:
    """Maya and Omar at two schools; Ana is a guardian of both, Ben of Maya only; they share a phone."""

    def __init__(self, make: Examples, rules: DistrictRules = RULES) -> None:
        self.make = make
        self.service = WatchedService(make, rules)
        self.world = self.service.world
        self.world.schools.values["sch-2"] = make.school(school_id="sch-2", name="Central High")
        self.world.students.values |= {
            "s-1": make.student(guardian_ids=("g-1", "g-2")),
            "s-2": make.student(
                student_id="s-2", school_id="sch-2", given_name="Omar", guardian_ids=("g-1",)
            ),
        }
        self.world.guardians.values |= {
            "g-1": make.guardian(
                relations=tuple(Relation(student_id=each, may_be_told=True) for each in ("s-1", "s-2"))
            ),
            "g-2": make.guardian(guardian_id="g-2", email="ben@example.org"),
        }
        for guardian_id in ("g-1", "g-2"):
            self.world.wishes.values[guardian_id] = self.wishing(guardian_id)

    def wishing(self, guardian_id: str, wanted: Frequency = Frequency.DIGEST) -> Preferences:
        choices = {("milestones", channel): wanted for channel in Channel}
        return Preferences(guardian_id=guardian_id, choices=choices)

    def plan(self) -> None:
        """Invite to a milestone of each student."""
        self.service.notebook.note(self.make.milestone())
        self.service.notebook.note(self.make.milestone(fact_id="ms-2", student_id="s-2", school_id="sch-2"))

    def waiting(self) -> None:
        """Invite, and have everything wait for the evening."""
        self.plan()
        self.service.round()

    def gathered(self) -> None:
        """Invite, and let the evening come until the digests are made, but not sent."""
        self.waiting()
        self.service.passed_s += UNTIL_DIGEST_S
        self.service.gather()

    def to(self, guardian_id: str, channel: Channel = Channel.SMS) -> list[Message]:
        """Return what was told to a guardian in digests, oldest first."""
        found = [each for each in self.digests(channel) if each.guardian_id == guardian_id]
        return sorted(found, key=lambda each: each.created_at)

    def digests(self, channel: Channel = Channel.SMS) -> list[Message]:
        messages = self.world.messages.values.values()
        return [each for each in messages if each.purpose is Purpose.DIGEST and each.channel is channel]

    def items(self, guardian_id: str, channel: Channel = Channel.SMS) -> dict[str, Message]:
        """Return a guardian's messages that are no digests, by fact."""
        messages = self.world.messages.values.values()
        return {
            each.fact_id: each
            for each in messages
            if each.guardian_id == guardian_id
            and each.channel is channel
            and each.purpose is not Purpose.DIGEST
        }

    def states(self, guardian_id: str = "g-1") -> dict[str, tuple[State, Reason | None]]:
        """Return how a guardian's messages that are no digests stand, by fact."""
        return {name: (each.state, each.reason) for name, each in self.items(guardian_id).items()}

    def text(self, guardian_id: str) -> str:
        [digest] = self.to(guardian_id)
        assert digest.content is not None
        return digest.content.text

    def digest_hour(self) -> datetime:
        return self.make.after(UNTIL_DIGEST_S)
