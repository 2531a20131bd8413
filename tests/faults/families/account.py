"""Who was told how often, by what the providers took, and what the service believes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.faults.families.world import World
from tests.integration.notifications.notifications_season import Family

#: The family has it; a receipt that was lost with a killed process does not make that untrue.
_TOLD = {"sent", "delivered"}


@dataclass
class Balance:
    """The difference between who was to be told and who was, by channel.

    Attributes:
        lost, doubled: families that no provider was given, or more than once.
        stuck: messages that somebody still has to do something about.
        believed: how the service says that its messages ended.
    """

    told: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    doubled: Counter[str] = field(default_factory=Counter)
    strangers: int = 0
    stuck: int = 0
    believed: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    @property
    def is_even(self) -> bool:
        """Whether each family was told once on each channel, and the service knows."""
        wrong = set(self.believed) - _TOLD
        return not (self.lost or self.doubled or self.strangers or self.stuck or wrong)


def balance(world: World, families: Sequence[Family]) -> Balance:
    """Compare who was to be told with what the providers took."""
    found = Balance()
    wanted = {
        "email": {family.guardian.email or "" for family in families},
        "sms": {family.guardian.phone or "" for family in families},
    }
    taken = {"email": Counter(world.told_by_mail()), "sms": Counter(world.told_by_text())}
    for channel, addresses in wanted.items():
        for address in addresses:
            times = taken[channel][address]
            found.told[channel] += times == 1
            found.lost[channel] += times == 0
            found.doubled[channel] += times > 1
            if times != 1:
                found.examples.append(f"{channel} {address}: {times} times")
        found.strangers += len(taken[channel].keys() - addresses)
    found.lost, found.doubled = +found.lost, +found.doubled
    for raw in world.store["messages"].find({}, {"state": 1, "due": 1}):
        found.believed[raw["state"]] += 1
        found.stuck += bool(raw.get("due"))
    return found


def unfinished(world: World) -> int:
    """Return how many messages somebody still has to do something about."""
    return int(world.store["messages"].count_documents({"due": {"$exists": True}}))
