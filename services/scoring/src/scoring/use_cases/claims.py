"""A scorer's wish for something to read, and whom it asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scoring.domain.routing import RoutingRule
from scoring.domain.tasks import Workflow
from scoring.use_cases.ports import Desks, Queue, Seeds, Staff, Standings, Students, Tasks
from scoring.use_cases.rubrics import Rubrics


class NotAScorerError(PermissionError):
    """The caller reads nothing in this district, or nothing of what they asked for."""


class AtCapacityError(ValueError):
    """The scorer has as many tasks open as they may."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One wish for something to read.

    Attributes:
        lease_id: of the lease that it leads to; the same claim again gives the same task.
        skill_id, band: what the scorer wants to read; None for anything.
    """

    lease_id: str
    scorer_id: str
    at: datetime
    skill_id: str | None = None
    band: str | None = None


@dataclass(frozen=True, kw_only=True)
class Desktop:
    """Everything that a claim asks.

    Attributes:
        tasks, queue, desks, students, staff, rubrics, standings, seeds: see ports.
        rule, routing: the district's.
    """

    tasks: Tasks
    queue: Queue
    desks: Desks
    students: Students
    staff: Staff
    rubrics: Rubrics
    standings: Standings
    seeds: Seeds
    rule: Workflow
    routing: RoutingRule
