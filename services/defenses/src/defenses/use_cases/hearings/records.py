"""Release the record of a hearing, supersede it, annul it, or score it again."""

from __future__ import annotations

from collections.abc import Sequence

from defenses.domain.hearings import records
from defenses.domain.hearings.hearing import ANNULLED, Ending, Hearing
from defenses.domain.hearings.records import Correction
from defenses.domain.hearings.redefenses import PlanStep
from defenses.domain.hearings.sheets import Mark
from defenses.use_cases.hearings.stores import Docket


def release(hearing_id: str, version: int, *, docket: Docket) -> Hearing:
    """Let the family read one version of the record."""
    return docket.take(hearing_id, lambda hearing: records.released(hearing, version))


def correct(hearing_id: str, correction: Correction, *, docket: Docket) -> Hearing:
    """Supersede the record by one with other marks; see `records.corrected` for what is refused."""

    def step(hearing: Hearing) -> Hearing:
        return records.corrected(hearing, correction, docket.rule_of(hearing), now=docket.now)

    return docket.take(hearing_id, step)


def annul(hearing_id: str, version: int, reason: str, by: str, *, docket: Docket) -> Hearing:
    """Take it that the hearing was not held as it must be, so that it is repeated."""
    ending = Ending(cause=ANNULLED, reason=reason, by=by, at=docket.now)
    return docket.take(hearing_id, lambda hearing: records.annulled(hearing, version, ending))


def rescore(hearing_id: str, marks: Sequence[Mark], by: str, *, docket: Docket) -> Hearing:
    """Record what a central scorer found beside what the panel found."""

    def step(hearing: Hearing) -> Hearing:
        return records.rescored(hearing, marks, docket.rule_of(hearing), by=by, now=docket.now)

    return docket.take(hearing_id, step)


def plan(hearing_id: str, version: int, steps: Sequence[PlanStep], by: str, *, docket: Docket) -> Hearing:
    """Record what is done about the unmet indicators before the redefense."""
    return docket.take(
        hearing_id, lambda hearing: records.planned(hearing, version, steps, by=by, now=docket.now)
    )
