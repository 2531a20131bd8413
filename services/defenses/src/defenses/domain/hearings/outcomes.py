"""Decide by a versioned rule what the panel's levels mean for the student, and say why."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from statistics import fmean

from defenses.domain.readiness import Clause

READY = "READY"
NOT_YET = "NOT_YET"

#: Medians are halves of levels; more digits than this are noise of the mean's division.
_DIGITS = 6


@dataclass(frozen=True)
class Scale:
    """The whole levels that a panelist may give."""

    lowest: int
    highest: int

    def holds(self, level: int) -> bool:
        """Whether it is one of the levels."""
        return self.lowest <= level <= self.highest


@dataclass(frozen=True, kw_only=True)
class Compensation:
    """How many indicators between floor and cut the others may make up for, by which mean of all."""

    max_indicators: int
    mean_at_least: float


@dataclass(frozen=True, kw_only=True)
class Rescoring:
    """Which hearings are scored again centrally.

    Attributes:
        rate: share of all hearings, 0 to 1; which ones follows from their ids.
        split: also all whose panel was still apart after its second round.
    """

    rate: float
    split: bool


@dataclass(frozen=True, kw_only=True)
class OutcomeRule:
    """One version of a district's rules for hearings and their outcomes.

    Attributes:
        indicators: ids of the key indicators, in the order of the sheet.
        cut: least level at which an indicator is met.
        floor: least level that the others can make up for.
        compensation: None when every indicator must reach the cut by itself.
        apart: so many levels between two panelists ask for a second round.
        quorum: least number of panelists who must judge.
        calibration_required: whether a seat needs a calibration that is valid on the day.
        release_at_once: whether families read an outcome as soon as it is decided.
        plan_within, redefense_within: school days after a NOT_YET.
        no_school: weekdays without school.
    """

    version: str
    indicators: tuple[str, ...]
    scale: Scale
    cut: float
    floor: float
    compensation: Compensation | None
    apart: int
    quorum: int
    calibration_required: bool
    release_at_once: bool
    plan_within: int
    redefense_within: int
    no_school: frozenset[date]
    rescoring: Rescoring

    @cached_property
    def wording(self) -> str:
        """Everything of the rule that an outcome reads, as JSON: an edited version has another one."""
        allowed = self.compensation
        return json.dumps(
            {
                "version": self.version,
                "indicators": self.indicators,
                "cut": float(self.cut),
                "floor": float(self.floor),
                "compensation": allowed and [allowed.max_indicators, float(allowed.mean_at_least)],
            },
            sort_keys=True,
        )


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What was decided.

    Attributes:
        status: READY or NOT_YET.
        levels: (indicator id, median level) of every indicator, in the rule's order.
        unmet: the indicators to be defended again; none when READY.
        explanation: the root of the clause tree; its clauses are the indicators.
        input_hash: SHA-256 (lower-case hex) of the levels and the wording of the rule; the same input decides
            the same, and a rule that was edited under its old name shows.
    """

    status: str
    rule_version: str
    levels: tuple[tuple[str, float], ...]
    unmet: tuple[str, ...]
    explanation: Clause
    input_hash: str


def decide(levels: Mapping[str, float], rule: OutcomeRule) -> Outcome:
    """Decide by the level of each of the rule's indicators.

    Args:
        levels: the panel's medians, in any order; for a redefense, with those that were met before.
        rule: the version of the district's rule that decides.
    """
    ordered = tuple((indicator, levels[indicator]) for indicator in rule.indicators)
    clauses = tuple(_indicator_clause(indicator, level, rule) for indicator, level in ordered)
    made_up = _compensated(clauses, rule)
    unmet = tuple(clause.id for clause in clauses if not clause.met and clause not in made_up)
    return Outcome(
        status=NOT_YET if unmet else READY,
        rule_version=rule.version,
        levels=ordered,
        unmet=unmet,
        explanation=_root(clauses, made_up, rule),
        input_hash=_hash(ordered, rule),
    )


def _indicator_clause(indicator: str, level: float, rule: OutcomeRule) -> Clause:
    cut = Clause(id="cut", met=level >= rule.cut, observed=level, required=rule.cut)
    floor = Clause(id="floor", met=level >= rule.floor, observed=level, required=rule.floor)
    met = cut.met and floor.met
    return Clause(id=indicator, met=met, observed=level, required=rule.cut, clauses=(cut, floor))


def _compensated(clauses: tuple[Clause, ...], rule: OutcomeRule) -> tuple[Clause, ...]:
    """Return the unmet indicators that the others make up for: all of the unmet, or none."""
    allowed = rule.compensation
    unmet = tuple(clause for clause in clauses if not clause.met)
    if allowed is None or len(unmet) > allowed.max_indicators:
        return ()
    above_floor = all(clause.clauses[1].met for clause in unmet)
    return unmet if above_floor and _mean(clauses) >= allowed.mean_at_least else ()


def _root(clauses: tuple[Clause, ...], made_up: tuple[Clause, ...], rule: OutcomeRule) -> Clause:
    met = sum(clause.met for clause in clauses) + len(made_up)
    parts = clauses
    if rule.compensation is not None:
        mean = Clause(
            id="mean",
            met=_mean(clauses) >= rule.compensation.mean_at_least,
            observed=_mean(clauses),
            required=rule.compensation.mean_at_least,
        )
        compensation = Clause(
            id="compensation",
            met=bool(made_up),
            observed=len(made_up),
            required=rule.compensation.max_indicators,
            clauses=(mean,),
        )
        parts = (*clauses, compensation)
    return Clause(id="outcome", met=met == len(clauses), observed=met, required=len(clauses), clauses=parts)


def _mean(clauses: tuple[Clause, ...]) -> float:
    return round(fmean(clause.observed or 0.0 for clause in clauses), _DIGITS)


def _hash(levels: tuple[tuple[str, float], ...], rule: OutcomeRule) -> str:
    """Hash exactly what the decision reads."""
    # Halves as text of one form: the store gives back 3.0 where 3 was given.
    facts = {"levels": [[name, float(level)] for name, level in levels], "rule": rule.wording}
    return hashlib.sha256(json.dumps(facts, separators=(",", ":"), sort_keys=True).encode()).hexdigest()
