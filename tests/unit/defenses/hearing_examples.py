"""A panel of three, a rule of five indicators, and a docket in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.unit.defenses.defenses_examples import LOUISVILLE, Memory, defense

from contracts.base import Fact
from defenses.domain.calibration import Calibration
from defenses.domain.candidates import Candidate
from defenses.domain.defenses import Defense, PanelSeat
from defenses.domain.hearings.hearing import Hearing, Matter, Seat
from defenses.domain.hearings.outcomes import OutcomeRule, Rescoring, Scale
from defenses.domain.hearings.sheets import Mark
from defenses.use_cases.hearings.judging import submit_sheet
from defenses.use_cases.hearings.opening import open_hearing
from defenses.use_cases.hearings.stores import Actor, OpeningDocket

#: A Thursday, 9:30 in Louisville.
NOW = datetime(2027, 4, 8, 13, 30, tzinfo=UTC)
INDICATORS = ("claim", "evidence", "reflection", "growth", "delivery")
PANEL = ("t-1", "t-2", "x-1")
OFFICE = Actor("o-1", office=True)

RULE = OutcomeRule(
    version="1",
    indicators=INDICATORS,
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


def marks(level: int = 3, **levels: int) -> tuple[Mark, ...]:
    """Every indicator at one level, but for those that are named."""
    return tuple(
        Mark(indicator_id=each, level=levels.get(each, level), note=f"{each} seen") for each in INDICATORS
    )


def marks_of(indicators: Iterable[str], level: int) -> tuple[Mark, ...]:
    return tuple(Mark(indicator_id=each, level=level, note="") for each in indicators)


def matter(**changes: Any) -> Matter:
    fields: dict[str, Any] = {
        "student_id": "s-9",
        "school_id": "east",
        "transition": "5",
        "school_year": "2026-27",
        "time_zone": LOUISVILLE,
        "attempt": 1,
        "follows": None,
        "rule_version": "1",
        "indicators": INDICATORS,
    }
    return Matter(**{**fields, **changes})


def hearing(**changes: Any) -> Hearing:
    fields: dict[str, Any] = {
        "hearing_id": "h-1",
        "defense_id": "d-1",
        "matter": matter(),
        "sitting": 1,
        "form": "in_person",
        "seats": tuple(Seat(panelist_id=each, role="teacher") for each in PANEL),
        "opened_by": "o-1",
        "opened_at": NOW,
    }
    return Hearing(**{**fields, **changes})


class Rules:
    """One rule in force, and those that were before."""

    def __init__(self, rule: OutcomeRule, *kept: OutcomeRule) -> None:
        self._rule = rule
        self._kept = {each.version: each for each in (rule, *kept)}

    def current(self) -> OutcomeRule:
        return self._rule

    def of_version(self, version: str) -> OutcomeRule:
        return self._kept[version]


class Court:
    """A district with one scheduled defense, and everybody who does something about it."""

    def __init__(self, rule: OutcomeRule = RULE) -> None:
        panel = tuple(PanelSeat(each, "teacher") for each in PANEL)
        self.hearings: Memory[Hearing] = Memory()
        self.defenses: Memory[Defense] = Memory({"d-1": defense("d-1", panel=panel)})
        self.candidates: Memory[Candidate] = Memory()
        self.calibrations: Memory[Calibration] = Memory()
        self.rules = Rules(rule)
        self.now = NOW

    @property
    def docket(self) -> OpeningDocket:
        self.now += timedelta(minutes=1)
        return OpeningDocket(
            hearings=self.hearings,
            rules=self.rules,
            now=self.now,
            defenses=self.defenses,
            candidates=self.candidates,
            calibrations=self.calibrations,
        )

    def open(self, actor: Actor = OFFICE) -> Hearing:
        return open_hearing("d-1", "in_person", actor, docket=self.docket)

    def submit(self, hearing_id: str, panelist_id: str, given: Sequence[Mark], round_number: int = 1) -> None:
        submit_sheet(hearing_id, panelist_id, round_number, given, docket=self.docket)

    def judged(self, *given: Sequence[Mark]) -> Hearing:
        """Open a hearing and take one sheet of each panelist."""
        opened = self.open()
        for panelist_id, sheet in zip(PANEL, given, strict=True):
            self.submit(opened.hearing_id, panelist_id, sheet)
        return self.found(opened.hearing_id)

    def not_yet(self, *unmet: str) -> Hearing:
        """Hear a student who falls short of these indicators."""
        return self.judged(*[marks(3, **dict.fromkeys(unmet, 2))] * 3)

    def found(self, hearing_id: str) -> Hearing:
        return self.hearings.values[hearing_id]

    def seat_others(self, *panelist_ids: str) -> None:
        """Schedule the defense again, before other people."""
        panel = tuple(PanelSeat(each, "teacher") for each in panelist_ids)
        self.defenses.values["d-1"] = replace(self.defenses.values["d-1"], panel=panel)

    @property
    def facts(self) -> list[Fact]:
        return self.hearings.facts

    @property
    def said(self) -> list[str]:
        return [fact.contract.name for fact in self.hearings.facts]

    def last(self, name: str) -> Any:
        """Return the data of the last event of a name."""
        return [fact.data for fact in self.hearings.facts if fact.contract.name == name][-1]
