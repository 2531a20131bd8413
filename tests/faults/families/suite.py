"""A run: families are told by two processes that die at every step, beside providers that make trouble."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from pathlib import Path
from uuid import uuid4

import requests
import structlog
from rich.console import Console
from rich.table import Table
from tests.faults.families import account
from tests.faults.families.account import Balance
from tests.faults.families.world import DISTRICT, World, made
from tests.faults.fleet import Worker
from tests.faults.world import wait_for
from tests.integration.notifications.notifications_season import Family, Season, new_family

from families.points import POINTS
from stack.http import direct_session

#: A process that has not come by its point after so long is killed wherever it is.
_LIFE_S = 18.0
#: How long it may take to start; some do not live so long.
_START_S = 30.0
#: A process dies at its point when it has come by so many times at most.
_LATEST = 5
#: Longer than a lease, its doubts and the retries after them.
_SETTLE_S = 400.0
#: Each family is told by email and by text.
_CHANNELS = 2

log = structlog.get_logger()


@dataclass(frozen=True)
class Plan:
    """What a run is to do.

    Attributes:
        messages: to how many at least; half as many families.
        kills: how often a process is killed at least; each point comes in turn.
        forged: receipts that the provider has not signed.
    """

    seed: int
    messages: int
    kills: int
    forged: int = 200


@dataclass
class Result:
    """What a run found.

    Attributes:
        died: how often at which point; `anywhere` is a process that was killed from outside.
        refused: forged receipts that were refused.
    """

    balance: Balance = field(default_factory=Balance)
    families: int = 0
    died: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    forged: int = 0
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether all is in order."""
        told = sum(self.balance.believed.values())
        all_there = told == _CHANNELS * self.families and self.refused == self.forged
        return self.balance.is_even and all_there and not self.problems


def run(plan: Plan, directory: Path) -> Result:
    """Tell the families of a district while processes die, and say who was told."""
    started = time.monotonic()
    families = [new_family() for _ in range((plan.messages + 1) // _CHANNELS)]
    result = Result(families=len(families))
    with made(directory) as world:
        world.start(len(world.services))
        _Rounds(world, plan, result, families).run()
        wanted = _CHANNELS * len(families)
        if not wait_for(lambda: _is_at_rest(world, wanted), _SETTLE_S):
            result.problems.append(f"not at rest after {_SETTLE_S:g} s")
        result.balance = account.balance(world, families)
    result.seconds = time.monotonic() - started
    return result


def _is_at_rest(world: World, wanted: int) -> bool:
    return world.store["messages"].count_documents({}) >= wanted and not account.unfinished(world)


class _Rounds:
    """A round a kill: a process that is to die, some families to tell, and some forged receipts."""

    def __init__(self, world: World, plan: Plan, result: Result, families: Sequence[Family]) -> None:
        self._world, self._plan, self._result = world, plan, result
        self._random = random.Random(plan.seed)  # noqa: S311 - a seeded run
        self._families = list(families)
        self._some = max(1, len(families) // max(plan.kills, 1))
        self._latest = max(1, min(_LATEST, self._some // 10))

    def run(self) -> None:
        """Do all rounds, and tell whoever is left."""
        points = self._random.sample(sorted(POINTS), k=len(POINTS))
        season = self._world.season()
        for number in range(self._plan.kills):
            point = points[number % len(points)]
            victim = self._world.services[number % len(self._world.services)]
            victim.restart_with(CRASH_AT=f"{point}:{self._random.randint(1, self._latest)}")
            wait_for(partial(_is_up_or_dead, victim), _START_S)
            self._announce(season, self._some)
            self._forge(self._plan.forged // self._plan.kills)
            self._result.died[_die(victim, point)] += 1
            log.info("killed", number=number, point=point, unfinished=account.unfinished(self._world))
            victim.extra = {}
            victim.start()
        self._announce(season, len(self._families))
        season.close()

    def _announce(self, season: Season, count: int) -> None:
        some, self._families = self._families[:count], self._families[count:]
        for family in some:
            season.enroll(family)
            season.schedule(family)

    def _forge(self, count: int) -> None:
        """Say of messages that they failed, without the provider's signature."""
        ids = [raw["_id"] for raw in self._world.store["messages"].find({}, {"_id": 1}).limit(1000)]
        with direct_session() as session:
            for _ in range(count):
                about = self._random.choice(ids) if ids else str(uuid4())
                refused = _is_refused(session, self._world, about)
                if refused is not None:
                    self._result.forged += 1
                    self._result.refused += refused


def _is_refused(session: requests.Session, world: World, about: str) -> bool | None:
    """Return whether a forged receipt is refused; None if nobody was there to refuse it."""
    for each in world.services:
        try:
            answer = session.post(
                f"{each.url}/webhooks/sms/status?district={DISTRICT}&message={about}",
                data={"MessageSid": "SM-forged", "MessageStatus": "failed", "ErrorCode": "30005"},
                headers={"X-Twilio-Signature": "Zm9yZ2Vk"},
                timeout=5,
            )
        except requests.RequestException:
            continue
        return bool(answer.status_code == HTTPStatus.FORBIDDEN)
    return None


def _is_up_or_dead(victim: Worker) -> bool:
    return not victim.runs or victim.answers()


def _die(victim: Worker, point: str) -> str:
    """Wait until it has killed itself, or kill it; returns where it died."""
    if victim.wait_for_death(_LIFE_S):
        return point
    victim.kill()
    return "anywhere"


def show(result: Result, console: Console) -> None:
    """Print who was told, and where processes died."""
    balance = result.balance
    table = Table("", "families", "told once", "lost", "told twice", title="Families told")
    for channel in ("email", "sms"):
        counted = (balance.told[channel], balance.lost[channel], balance.doubled[channel])
        table.add_row(channel, str(result.families), *map(str, counted))
    console.print(table)
    deaths = Table("killed", "times", title="Processes killed")
    for point in (*POINTS, "anywhere"):
        deaths.add_row(point, str(result.died[point]))
    console.print(deaths)
    believed = ", ".join(f"{count} {state}" for state, count in sorted(balance.believed.items()))
    console.print(
        f"{sum(balance.believed.values())} messages, {result.died.total()} kills, {result.seconds / 60:.1f} "
        f"minutes; the service says: {believed}; stuck {balance.stuck}; to strangers {balance.strangers}; "
        f"{result.refused} of {result.forged} forged receipts refused"
    )
    for problem in (*result.problems, *balance.examples[:10]):
        console.print(problem)
