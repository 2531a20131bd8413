"""A run: faults one after the other while load runs, the ledger after each round, and a table."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from rich.console import Console
from rich.table import Table
from tests.faults import (
    catalogue_deploys,
    catalogue_limits,
    catalogue_messages,
    catalogue_processes,
    catalogue_servers,
)
from tests.faults.account import Balance
from tests.faults.registry import FAULTS, Fault, SkippedError
from tests.faults.world import World, wait_for

CATALOGUES = (
    catalogue_deploys,
    catalogue_limits,
    catalogue_messages,
    catalogue_processes,
    catalogue_servers,
)

#: From so many faults on, a run has time for the slow ones.
_LONG_RUN = 100

_ROUND = 20
_CATCH_UP_S = 60.0

log = structlog.get_logger()


@dataclass(frozen=True)
class Plan:
    """What a run is to do.

    Attributes:
        faults, events: how many at least.
        minutes: after which it ends, whatever has been reached.
        only: names of faults, or parts of them; empty for all.
        twice: publish every message twice.
        allow_missing: names of faults that need not be made, because this machine is known to be unable to.
    """

    seed: int
    faults: int
    events: int
    minutes: float
    only: tuple[str, ...] = ()
    twice: bool = False
    services: int = 2
    allow_missing: tuple[str, ...] = ()


@dataclass
class Result:
    """What a run found; counters by number of fault.

    Attributes:
        names: of the faults that were made.
        missing: by name, why a fault was not made when its turn came.
        excused: names of those that need not be made.
    """

    names: dict[int, str] = field(default_factory=dict)
    events: Counter[int] = field(default_factory=Counter)
    balance: Balance = field(default_factory=Balance)
    parked: Counter[int] = field(default_factory=Counter)
    replayed: int = 0
    told: int = 0
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    excused: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether all is in order: a guarantee that was not put to the test has not held."""
        return self.balance.is_even and not self.problems and set(self.missing) <= set(self.excused)

    def add(self, other: Balance) -> None:
        self.balance.lost += other.lost
        self.balance.doubled += other.doubled
        self.balance.disorder += other.disorder
        self.balance.unexpected += other.unexpected
        self.balance.pending += other.pending
        self.balance.examples += other.examples


def run(plan: Plan, directory: Path) -> Result:
    """Start everything, inject the faults, and say what became of the events."""
    started = time.monotonic()
    result = Result(excused=plan.allow_missing)
    world = World(directory, plan.seed, services=plan.services, twice=plan.twice)
    try:
        world.load.run()
        _inject_all(plan, world, result, deadline=started + plan.minutes * 60)
        result.missing.update(_never_came(plan, result))
        _catch_up(plan, world, deadline=started + plan.minutes * 60)
        _settle(world, result, list(world.account.things), whole=True)
    finally:
        world.close()
    result.seconds = time.monotonic() - started
    result.events, result.told = world.account.told_during, world.account.told
    result.parked, result.replayed = world.parking.accounted, world.parking.replayed
    result.problems += world.load.surprises
    result.problems += [f"parked for no known reason: {each}" for each in world.parking.unaccounted]
    for number, missing in world.parking.missing().items():
        result.problems.append(f"poison not parked: {missing} of {result.names.get(number, number)}")
    return result


def _inject_all(plan: Plan, world: World, result: Result, *, deadline: float) -> None:
    settled = 0
    for number, drawn in enumerate(_draw(plan, world.random), start=1):
        if len(result.names) >= plan.faults or time.monotonic() > deadline:
            return
        world.begin(number, budget=plan.events * (len(result.names) + 1) // plan.faults)
        _inject(drawn, world, result, number)
        if not wait_for(lambda: world.account.told >= world.load.budget, _CATCH_UP_S):
            log.warning("load_is_behind", told=world.account.told, budget=world.load.budget)
        if number % _ROUND == 0:
            _settle(world, result, world.account.of_faults(range(settled, number + 1)))
            settled = number + 1
            world.load.run()


def _never_came(plan: Plan, result: Result) -> dict[str, str]:
    """Return the faults that a run of this length should have come to, and has not."""
    names = [each.name for each in _known(plan)]
    if plan.faults < len(names):
        return {}
    tried = {*result.names.values(), *result.missing}
    return {name: "the time was over before its turn" for name in names if name not in tried}


def _inject(fault: Fault, world: World, result: Result, number: int) -> None:
    started = time.monotonic()
    error = ""
    try:
        fault.inject(world)
    except SkippedError as skipped:
        error = str(skipped)
    except Exception as caught:  # noqa: BLE001 - a fault that cannot be made is told, and the run goes on
        error = f"{type(caught).__name__}: {caught}"
    if error:
        result.missing[fault.name] = error[:200]
    else:
        result.names[number] = fault.name
    world.heal()
    log.info(
        "fault",
        number=number,
        name=fault.name,
        seconds=round(time.monotonic() - started, 1),
        told=world.account.told,
        **({"error": error} if error else {}),
    )


def _settle(world: World, result: Result, names: list[str], *, whole: bool = False) -> None:
    started = time.monotonic()
    balance = world.settle(names, whole=whole)
    log.info("ledger", things=len(names), seconds=round(time.monotonic() - started, 1), balance=str(balance))
    if whole:
        # It covers every round again; what was missing in one and has come since is no loss.
        result.balance = Balance()
    result.add(balance)


def _catch_up(plan: Plan, world: World, *, deadline: float) -> None:
    world.load.budget = plan.events
    wait_for(lambda: world.account.told >= plan.events, max(deadline - time.monotonic(), 0))


def _draw(plan: Plan, rng: random.Random) -> Iterator[Fault]:
    """Yield each fault once in random order, then by weight, as long as one may come again."""
    known = _known(plan)
    left = Counter({each.name: each.at_most for each in known})
    first = rng.sample(known, k=len(known))
    while True:
        possible = [each for each in known if left[each.name] > 0]
        if not possible:
            return
        chosen = first.pop() if first else rng.choices(possible, [each.weight for each in possible])[0]
        left[chosen.name] -= 1
        yield chosen


def _known(plan: Plan) -> list[Fault]:
    """Return the faults that a run draws from; each comes up once at least, if there are turns enough."""
    known = [
        each for each in FAULTS.values() if not plan.only or any(part in each.name for part in plan.only)
    ]
    if plan.faults < _LONG_RUN and not plan.only:
        return [each for each in known if not each.slow]
    return known


def show(result: Result, console: Console) -> None:
    """Print a row a fault."""
    table = Table("fault", title="Faults")
    for column in ("tried", "events meanwhile", "lost", "doubled", "out of order", "parked, accounted"):
        table.add_column(column, justify="right")
    numbers: dict[str, list[int]] = {}
    for number, name in result.names.items():
        numbers.setdefault(name, []).append(number)
    balance = result.balance
    counters = (result.events, balance.lost, balance.doubled, balance.disorder, result.parked)
    for name in sorted(numbers):
        sums = [sum(counter[number] for number in numbers[name]) for counter in counters]
        table.add_row(name, str(len(numbers[name])), *map(str, sums))
    table.add_section()
    table.add_row("all", str(len(result.names)), *(str(counter.total()) for counter in counters))
    console.print(table)
    console.print(
        f"{len(result.names)} faults, {result.told} events in {result.seconds / 60:.1f} minutes: "
        f"{balance}; {result.replayed} innocents replayed from parking"
    )
    for name, why in sorted(result.missing.items()):
        console.print(f"not made{', as was allowed' if name in result.excused else ''}: {name}: {why}")
    for problem in result.problems:
        console.print(problem)
