"""A school with a class of small children, and the stores of its milestones in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.unit.defenses.defenses_examples import EAST, LOUISVILLE, Memory

from defenses.domain.milestones.milestones import OPEN, RECORDED, Milestone, Record
from defenses.domain.milestones.policy import Band, Form, MilestonePolicy
from defenses.domain.milestones.school_events import SchoolEvent, Slot
from defenses.domain.milestones.students import RosterStudent
from defenses.domain.roster import School
from defenses.use_cases.milestones.applying import apply_event
from defenses.use_cases.milestones.desk import milestone_id
from defenses.use_cases.milestones.planning import Proposal, plan_event

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
EVENING = datetime(2027, 3, 15, 22, tzinfo=UTC)
HOUR = timedelta(hours=1)
YEAR = "2026-27"
DUE = date(2027, 5, 15)

POLICY = MilestonePolicy(
    version="1",
    bands=(
        Band(("3", "4"), ("conference", "mini-defense"), (5, 15)),
        Band(("9",), ("mini-defense",), (11, 30)),
    ),
    forms={
        "conference": Form(
            form_id="conference", names={"en": "Conference", "es": "Reunión"}, has_levels=False
        ),
        "mini-defense": Form(form_id="mini-defense", names={"en": "Mini-Defense"}, has_levels=True),
    },
    skills=("collaborator", "innovator"),
    lowest_level=1,
    highest_level=4,
)


def student(student_id: str = "s-1", **changes: Any) -> RosterStudent:
    fields: dict[str, Any] = {"version": 1, "school_id": "east", "grade": "4", "teacher_ids": ("t-1",)}
    return RosterStudent(student_id=student_id, **{**fields, **changes})


def gone(student_id: str = "s-1", *, version: int = 2) -> RosterStudent:
    return RosterStudent(student_id=student_id, version=version, school_id=None)


def slot(**changes: Any) -> Slot:
    fields: dict[str, Any] = {
        "starts_at": EVENING,
        "ends_at": EVENING + HOUR,
        "time_zone": LOUISVILLE,
        "place": "Gymnasium",
    }
    return Slot(**{**fields, **changes})


def event(event_id: str = "e-1", **changes: Any) -> SchoolEvent:
    fields: dict[str, Any] = {
        "school_id": "east",
        "school_year": YEAR,
        "form": "conference",
        "slot": slot(),
        "student_ids": ("s-1", "s-2"),
        "changed_by": "c-1",
        "changed_at": NOW,
    }
    return SchoolEvent(event_id=event_id, **{**fields, **changes})


def milestone(student_id: str = "s-1", **changes: Any) -> Milestone:
    fields: dict[str, Any] = {
        "school_id": "east",
        "grade": "4",
        "school_year": YEAR,
        "due_on": DUE,
        "roster_version": 1,
    }
    return Milestone(
        milestone_id=milestone_id(student_id, YEAR), student_id=student_id, **{**fields, **changes}
    )


def record(**changes: Any) -> Record:
    fields: dict[str, Any] = {
        "reflection": "I spoke up.",
        "levels": (),
        "recorded_by": "t-1",
        "recorded_at": EVENING + HOUR,
        "policy_version": "1",
    }
    return Record(**{**fields, **changes})


class MilestoneMemory(Memory[Milestone]):
    """Milestones in memory."""

    def settled(self, school_id: str, school_year: str) -> Collection[str]:
        return {
            each.milestone_id
            for each in self.select(school_id=school_id, school_year=school_year)
            if each.state == RECORDED or each.is_overdue
        }

    def open(self, school_id: str, school_year: str) -> Mapping[str, str]:
        found = self.select(school_id=school_id, school_year=school_year, state=list(OPEN))
        return {each.student_id: each.milestone_id for each in found}


@dataclass
class Desk:
    """Everything that milestones need, in memory."""

    events: Memory[SchoolEvent] = field(default_factory=Memory)
    milestones: MilestoneMemory = field(default_factory=MilestoneMemory)
    students: Memory[RosterStudent] = field(default_factory=Memory)
    schools: Memory[School] = field(default_factory=lambda: Memory({"east": EAST}))
    policy: MilestonePolicy = POLICY
    year_starts: tuple[int, int] = (7, 1)
    now: datetime = NOW
    renewals: int = 0

    def enroll(self, *students: RosterStudent) -> None:
        self.students.values.update({each.student_id: each for each in students})

    def plan(self, event_id: str = "e-1", **changes: Any) -> SchoolEvent:
        """Plan an event without applying it."""
        fields: dict[str, Any] = {
            "school_id": "east",
            "form": "conference",
            "starts_at": EVENING,
            "ends_at": EVENING + HOUR,
            "place": "Gymnasium",
        }
        return plan_event(Proposal(**{**fields, **changes}), event_id, desk=self, by="c-1")

    def apply(self) -> None:
        """Apply what waits, as the timer does."""
        for each in self.events.select(is_applied=False):
            apply_event(each, desks=lambda _: self, still_ours=self.renew)

    def renew(self) -> None:
        self.renewals += 1

    def at(self, now: datetime) -> Desk:
        return replace(self, now=now)

    def of(self, student_id: str) -> Milestone:
        return self.milestones.values[milestone_id(student_id, YEAR)]

    @property
    def said(self) -> list[str]:
        """What was said of milestones, as `planned s-1`."""
        return [
            f"{fact.contract.name.removeprefix('milestone.')} {fact.data.student_id}"
            for fact in self.milestones.facts
        ]
