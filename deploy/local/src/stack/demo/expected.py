"""What the generator knows and the platform must find out: outcomes, scores and who is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from stack.demo.district import District, generate
from stack.demo.evidence import Evidence, Outcome, outcome, plan
from stack.demo.people import TRANSITION_GRADES, Guardian, School, Shape, Student

CHANNELS = ("email", "sms")


@dataclass(frozen=True, kw_only=True)
class Expected:
    """One district with its people by sourcedId, what they hand in and what becomes of them."""

    district: District
    students: Mapping[str, Student]
    guardians: Mapping[str, Guardian]
    evidence: tuple[Evidence, ...]
    outcomes: Mapping[str, Outcome]

    @property
    def decided(self) -> dict[str, Outcome]:
        """The outcome of each student in a transition grade."""
        return {
            sourced_id: self.outcomes[sourced_id]
            for sourced_id, student in self.students.items()
            if student.grade in TRANSITION_GRADES
        }

    def ready_at(self, school: School) -> list[str]:
        """Return the students of a school who will be ready."""
        return [
            sourced_id
            for sourced_id, student in self.students.items()
            if student.school == school and self.outcomes[sourced_id] is Outcome.READY
        ]

    def told(self, sourced_id: str, channel: str) -> list[Guardian]:
        """Return the guardians who hear of a student by a channel: they may, agreed, and can be reached."""
        guardians = (self.guardians[each] for each in self.students[sourced_id].told)
        return [each for each in guardians if channel in each.reachable]

    def arrivals(self, scheduled: Iterable[str], channel: str) -> Counter[str]:
        """Return how many messages arrive at each address when these students are scheduled."""
        return Counter(
            guardian.email if channel == "email" else guardian.phone
            for sourced_id in scheduled
            for guardian in self.told(sourced_id, channel)
        )


def expect(shape: Shape, seed: int) -> Expected:
    """Generate a district, with all that its generator knows; for districts of the demo's size."""
    district = generate(shape, seed)
    homes = list(district.households())
    students = {each.sourced_id: each for home in homes for each in home.students}
    return Expected(
        district=district,
        students=students,
        guardians={each.sourced_id: each for home in homes for each in home.guardians},
        evidence=tuple(item for student in students.values() for item in plan(student, seed)),
        outcomes={sourced_id: outcome(student, seed) for sourced_id, student in students.items()},
    )
