"""A student at school, the rules of a district, and what is told about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from tests.unit.defenses.defenses_examples import EAST, NOW, RULE, Memory

from contracts.artifacts import StudentEnrolled, StudentWithdrawn
from contracts.base import Contract, Fact
from contracts.defenses import READINESS_CHANGED_V2, ReadinessChangedV2
from contracts.scoring import ArtifactScored, CriterionScore
from defenses.domain.candidates import Candidate
from defenses.domain.readiness import WAIVER, ReadinessException, ReadinessRule
from defenses.domain.roster import School
from defenses.domain.sweeps import Sweep
from defenses.use_cases import candidates as use_cases
from defenses.use_cases import readiness

STRICTER = replace(RULE, version="2", mean_at_least=3.5)


class Rules:
    """The rule in force, and those that the district has kept."""

    def __init__(self, rule: ReadinessRule, *kept: ReadinessRule) -> None:
        self._rule = rule
        self._kept = {each.version: each for each in (rule, *kept)}

    @property
    def transitions(self) -> list[str]:
        return list(self._rule.transitions)

    @property
    def fingerprint(self) -> str:
        return self._rule.version

    def in_force(self, grade: str) -> ReadinessRule | None:
        return self._rule if grade in self._rule.transitions else None

    def of_version(self, version: str) -> ReadinessRule | None:
        return self._kept.get(version)


def exception(exception_id: str = "transfer", **changes: Any) -> ReadinessException:
    """A waiver that holds today."""
    fields: dict[str, Any] = {
        "exception_id": exception_id,
        "kind": WAIVER,
        "approved_by": "principal-1",
        "recorded_by": "coordinator-1",
        "reason": "Came in February.",
        "approved_at": NOW,
        "ends_on": NOW.date(),
    }
    return ReadinessException(**{**fields, **changes})


class Students(Memory[Candidate]):
    """Candidates, found also by where they are."""

    def ids_in(self, school_id: str, grades: Sequence[str]) -> list[str]:
        return sorted(each.student_id for each in self.select(school_id=school_id, grade=list(grades)))


def stored(value: Candidate) -> Callable[[Candidate | None], tuple[Candidate, list[Fact]]]:
    """Return the change that makes a candidate what is given, and says nothing."""
    return lambda _: (value, [])


class Office:
    """Tells the use cases what arrives about the student s-1."""

    def __init__(self, rules: Rules | None = None) -> None:
        self.candidates = Students()
        self.schools: Memory[School] = Memory({"east": EAST, "west": replace(EAST, school_id="west")})
        self.sweeps: Memory[Sweep] = Memory()
        self.rules = rules or Rules(RULE)
        self.pauses = 0

    def enroll(
        self, *, grade: str = "5", school_id: str = "east", version: int = 1, now: datetime = NOW
    ) -> None:
        event = StudentEnrolled(
            student_id="s-1",
            school_id=school_id,
            grade=grade,
            given_name="Ava",
            family_name="Núñez",
            home_language=None,
            guardian_ids=("g-1",),
            teacher_ids=("t-1",),
        )
        use_cases.enroll(event, version=version, candidates=self.candidates, rules=self.rules, now=now)

    def withdraw(self, *, version: int) -> None:
        event = StudentWithdrawn(student_id="s-1", school_id="east")
        use_cases.withdraw(event, version=version, candidates=self.candidates, rules=self.rules, now=NOW)

    def score(
        self, skill: str, number: int, *, level: float = 3.0, version: int = 2, now: datetime = NOW
    ) -> None:
        event = ArtifactScored(
            artifact_id=f"{skill}-{number}",
            student_id="s-1",
            school_id="east",
            grade="5",
            skill_id=skill,
            rubric_id="r",
            rubric_version="1",
            criteria=(CriterionScore(criterion_id="craft", level=level, feedback=""),),
            mean_level=level,
            scored_at=NOW,
        )
        use_cases.add_evidence(event, version=version, candidates=self.candidates, rules=self.rules, now=now)

    def score_all(self, *, level: float = 3.0, version: int = 2) -> None:
        for skill in RULE.skills:
            for number in range(2):
                self.score(skill, number, level=level, version=version)

    def grant(self, granted: ReadinessException) -> Candidate:
        return readiness.grant_exception(
            "s-1", granted, candidates=self.candidates, rules=self.rules, now=NOW
        )

    def revoke(self, exception_id: str, *, now: datetime = NOW) -> Candidate:
        return readiness.revoke_exception(
            "s-1", exception_id, candidates=self.candidates, rules=self.rules, now=now
        )

    def pause(self) -> None:
        self.pauses += 1

    def sweep(self, *, on: datetime) -> int:
        return readiness.sweep(
            "sweep",
            sweeps=self.sweeps,
            schools=self.schools,
            candidates=self.candidates,
            rules=self.rules,
            pause=self.pause,
            still_ours=lambda: None,
            now=on,
        )

    def of(self, contract: Contract[Any]) -> list[Any]:
        """Return what was said under a contract."""
        return [fact.data for fact in self.candidates.facts if fact.contract is contract]

    @property
    def student(self) -> Candidate:
        return self.candidates.values["s-1"]

    @property
    def said(self) -> list[ReadinessChangedV2]:
        return self.of(READINESS_CHANGED_V2)

    @property
    def statuses(self) -> list[tuple[str | None, str]]:
        return [(each.previous_status, each.status) for each in self.said]
