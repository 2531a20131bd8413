"""A small school, its people, and stores in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar

from chassis.testing import MemoryRepository
from defenses.domain.availability import (
    Availability,
    Day,
    FamilyWindows,
    Panelist,
    PublishedAvailability,
    Room,
    Window,
)
from defenses.domain.calibration import Calibration
from defenses.domain.candidates import Candidate, Enrollment
from defenses.domain.defenses import SCHEDULED, Defense, PanelSeat
from defenses.domain.hearings.hearing import Hearing
from defenses.domain.hearings.outcomes import OutcomeRule, Rescoring, Scale
from defenses.domain.readiness import Evidence, ReadinessRule
from defenses.domain.repairing.placing import Disruption
from defenses.domain.repairing.policy import ChangePolicy
from defenses.domain.roster import Pupil, School, Staff
from defenses.domain.runs import ScheduleRun
from defenses.domain.scheduling.instance import PanelRule, Weights
from defenses.domain.scheduling.season import PanelPolicy, ReadyStudent, Season, SeasonPolicy, SeatRights

Value = TypeVar("Value")

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
LOUISVILLE = "America/Kentucky/Louisville"
MONDAY, TUESDAY = date(2027, 4, 5), date(2027, 4, 6)
EIGHT, HALF_PAST, NINE, HALF_PAST_NINE, TEN = time(8), time(8, 30), time(9), time(9, 30), time(10)

RULE = ReadinessRule(
    version="1",
    transitions={"5": ("4", "5"), "8": ("8",)},
    skills=("collaborator", "innovator"),
    min_artifacts=2,
    counted_artifacts=2,
    mean_at_least=2.5,
    criterion_floor=2,
    compensation=None,
)

PANELS = PanelPolicy(
    version="1",
    rule=PanelRule(panel_size=2, at_least={"teacher": 1, "outside": 1}),
    max_per_day=3,
    day_cost={"outside": 4},
    travel=timedelta(minutes=30),
)
WEIGHTS = Weights(unscheduled=1000, block=1, over_target=3, move=2)
CHANGES = ChangePolicy(
    version="1",
    frozen=timedelta(hours=24),
    disruption=Disruption(time=100, room=20, day=5, seat=10),
    offers=3,
    choose_before=timedelta(hours=72),
    evening=time(9, 30),
)
OUTCOMES = OutcomeRule(
    version="1",
    indicators=("i-1", "i-2"),
    scale=Scale(1, 4),
    cut=2.5,
    floor=2,
    compensation=None,
    apart=2,
    quorum=2,
    calibration_required=False,
    release_at_once=False,
    plan_within=5,
    redefense_within=20,
    no_school=frozenset(),
    rescoring=Rescoring(rate=0, split=False),
)
POLICY = SeasonPolicy(version="1", year_starts=(7, 1), seconds=2.0, workers=2, gap=0.1, weights=WEIGHTS)


def window(day: date = MONDAY, start: time = EIGHT, end: time = TEN) -> Window:
    return Window(day, start, end)


def room(room_id: str = "r-1", *windows: Window) -> Room:
    return Room(room_id=room_id, name=f"Room {room_id}", open=windows or (window(), window(TUESDAY)))


def panelist(panelist_id: str, role: str, *windows: Window, max_per_day: int | None = None) -> Panelist:
    available = windows or (window(), window(TUESDAY))
    return Panelist(panelist_id=panelist_id, role=role, available=available, max_per_day=max_per_day)


def availability(**changes: Any) -> Availability:
    """Two days of four slots of half an hour from eight; a room, a teacher and an outsider."""
    fields: dict[str, Any] = {
        "time_zone": LOUISVILLE,
        "slot_minutes": 30,
        "days": tuple(Day(day, (EIGHT, HALF_PAST, NINE, HALF_PAST_NINE)) for day in (MONDAY, TUESDAY)),
        "rooms": (room(),),
        "panelists": (panelist("t-1", "teacher"), panelist("x-1", "outside")),
    }
    return Availability(**{**fields, **changes})


def student(student_id: str = "s-1", **changes: Any) -> ReadyStudent:
    fields: dict[str, Any] = {
        "student_id": student_id,
        "transition": "5",
        "teacher_ids": frozenset(),
        "siblings": frozenset(),
        "windows": FamilyWindows(student_id=student_id),
    }
    return ReadyStudent(**{**fields, **changes})


def season(*students: ReadyStudent, **changes: Any) -> Season:
    fields: dict[str, Any] = {
        "school_id": "east",
        "availability": availability(),
        "students": students or (student(),),
        "fixed": (),
        "rights": SeatRights(),
        "panels": PANELS,
        "policy": POLICY,
        "earliest": NOW,
    }
    return Season(**{**fields, **changes})


def defense(defense_id: str = "d-1", **changes: Any) -> Defense:
    """Monday at half past eight in Louisville."""
    fields: dict[str, Any] = {
        "defense_id": defense_id,
        "student_id": "s-9",
        "school_id": "east",
        "transition": "5",
        "school_year": "2026-27",
        "revision": 1,
        "state": SCHEDULED,
        "starts_at": datetime(2027, 4, 5, 12, 30, tzinfo=UTC),
        "ends_at": datetime(2027, 4, 5, 13, tzinfo=UTC),
        "time_zone": LOUISVILLE,
        "room_id": "r-1",
        "room": "Room r-1",
        "panel": (PanelSeat("t-1", "teacher"), PanelSeat("x-1", "outside")),
        "run_id": "run-0",
    }
    return Defense(**{**fields, **changes})


def evidence(artifact_id: str, skill_id: str = "collaborator", **changes: Any) -> Evidence:
    fields: dict[str, Any] = {
        "artifact_id": artifact_id,
        "skill_id": skill_id,
        "grade": "5",
        "levels": (("craft", 3.0),),
        "mean_level": 3.0,
        "scored_at": NOW,
        "version": 2,
    }
    return Evidence(**{**fields, **changes})


def enrollment(**changes: Any) -> Enrollment:
    fields: dict[str, Any] = {
        "school_id": "east",
        "grade": "5",
        "guardian_ids": (),
        "teacher_ids": (),
    }
    return Enrollment(**{**fields, **changes})


def ready_candidate(student_id: str, **changes: Any) -> Candidate:
    """A student of grade 5 at the school east with two good artifacts of each skill."""
    candidate = Candidate(student_id=student_id).enrolled(enrollment(**changes), version=1)
    for skill in RULE.skills:
        for number in range(2):
            candidate = candidate.scored(evidence(f"{student_id}:{skill}:{number}", skill))
    return candidate.decided(RULE, now=NOW)


class Memory(MemoryRepository[Value]):
    """Also finds by a member of a field with many values, as the document store does."""

    def select(self, *, limit: int = 0, order_by: str = "", **equals: Any) -> list[Value]:
        return [value for value in self.values.values() if _matches(value, equals)]


def _matches(value: Any, equals: Mapping[str, Any]) -> bool:
    for name, wanted in equals.items():
        actual = getattr(value, name)
        asked = set(wanted) if isinstance(wanted, list) else {wanted}
        found = set(actual) if isinstance(actual, (tuple, frozenset)) else {actual}
        if not asked & found:
            return False
    return True


def pupil(candidate: Candidate) -> Pupil:
    """What scheduling reads of a candidate."""
    return Pupil(
        student_id=candidate.student_id,
        school_id=candidate.school_id,
        grade=candidate.grade,
        status=candidate.status,
        guardian_ids=candidate.guardian_ids,
        teacher_ids=candidate.teacher_ids,
    )


@dataclass
class Desk:
    """Everything that planning needs, in memory."""

    runs: Memory[ScheduleRun] = field(default_factory=Memory)
    defenses: Memory[Defense] = field(default_factory=Memory)
    candidates: Memory[Candidate] = field(default_factory=Memory)
    availabilities: Memory[PublishedAvailability] = field(default_factory=Memory)
    families: Memory[FamilyWindows] = field(default_factory=Memory)
    staff: Memory[Staff] = field(default_factory=Memory)
    hearings: Memory[Hearing] = field(default_factory=Memory)
    calibrations: Memory[Calibration] = field(default_factory=Memory)
    panels: PanelPolicy = PANELS
    season: SeasonPolicy = POLICY
    changes: ChangePolicy = CHANGES
    outcomes: OutcomeRule = OUTCOMES
    now: datetime = NOW

    @property
    def pupils(self) -> Memory[Pupil]:
        """What scheduling reads of the candidates."""
        return Memory({one: pupil(each) for one, each in self.candidates.values.items()})


EAST = School(school_id="east", name="East", time_zone=LOUISVILLE, active=True)
