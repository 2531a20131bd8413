"""What the use cases of hearings need of others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from contracts.base import Fact
from defenses.domain.calibration import Calibration
from defenses.domain.candidates import Candidate
from defenses.domain.defenses import Defense
from defenses.domain.hearings.faults import NoHearingError
from defenses.domain.hearings.hearing import Hearing
from defenses.domain.hearings.outcomes import OutcomeRule
from defenses.use_cases.hearings import news
from defenses.use_cases.stores import Aggregates, Finder


class OutcomeRules(Protocol):
    """The district's rules for hearings."""

    def current(self) -> OutcomeRule: ...

    def of_version(self, version: str) -> OutcomeRule: ...


@dataclass(frozen=True)
class Actor:
    """Who does something; the office may do it for any panel, others for those on which they sit."""

    subject: str
    office: bool


@dataclass(frozen=True, kw_only=True)
class Docket:
    """The district's hearings at one time, under its rules."""

    hearings: Aggregates[Hearing]
    rules: OutcomeRules
    now: datetime

    def rule_of(self, hearing: Hearing) -> OutcomeRule:
        """Return the version of the rule under which a hearing was opened; it holds to the end."""
        return self.rules.of_version(hearing.matter.rule_version)

    def take(self, hearing_id: str, step: Callable[[Hearing], Hearing]) -> Hearing:
        """Take one step of a hearing and say what it led to; a step that changes nothing is not written.

        Raises:
            NoHearingError: if there is none that the caller may see.
        """

        def decide(found: Hearing | None) -> tuple[Hearing, list[Fact]] | None:
            if found is None:
                raise NoHearingError(f"there is no hearing {hearing_id}")
            after = step(found)
            return None if after == found else (after, news.changed(found, after, now=self.now))

        taken = self.hearings.change(hearing_id, decide)
        assert taken is not None
        return taken


@dataclass(frozen=True, kw_only=True)
class OpeningDocket(Docket):
    """Also what is asked before a panel sits down.

    Attributes:
        candidates: say who teaches a student.
        calibrations: by panelist id.
    """

    defenses: Finder[Defense]
    candidates: Finder[Candidate]
    calibrations: Finder[Calibration]
