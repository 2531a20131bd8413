"""Hearings in the document store: what is decided once is kept as plain values, days as ISO text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from typing import Any, ClassVar

from chassis.mongo import AggregateRepository
from defenses.documents.hearings import CalibrationDocument, HearingDocument
from defenses.domain.calibration import Calibration
from defenses.domain.hearings.hearing import Ending, Hearing, Levels, Matter, Record, Round, Seat
from defenses.domain.hearings.outcomes import Outcome
from defenses.domain.hearings.redefenses import Plan, PlanStep, Redefense
from defenses.domain.hearings.rescoring import CentralScore, Comparison, Difference
from defenses.domain.hearings.sheets import Mark, Sheet
from defenses.domain.readiness import Clause


class Hearings(AggregateRepository[Hearing]):
    """Keeps hearings by their derived ids."""

    document: ClassVar[Any] = HearingDocument
    student_field = "student_id"

    def to_value(self, document: Any) -> Hearing:
        """Return the hearing of a document."""
        return Hearing(
            hearing_id=document.id,
            defense_id=document.defense_id,
            matter=_matter(document.matter),
            sitting=document.sitting,
            form=document.form,
            seats=tuple(Seat(**seat) for seat in document.seats),
            opened_by=document.opened_by,
            opened_at=document.opened_at,
            state=document.state,
            round=document.round,
            sheets=tuple(_sheet(each) for each in document.sheets),
            rounds=tuple(_round(each) for each in document.rounds),
            records=tuple(_record(each) for each in document.records),
            released=document.released,
            ending=Ending(**document.ending) if document.ending else None,
            central=_central(document.central) if document.central else None,
            plans=tuple(_plan(each) for each in document.plans),
        )

    def to_fields(self, value: Hearing) -> dict[str, Any]:
        """Return the document fields of a hearing."""
        return {
            "student_id": value.student_id,
            "school_id": value.school_id,
            "state": value.state,
            "status": value.status,
            "panelist_ids": list(value.panelist_ids),
            "follows": value.matter.follows,
            "readable": value.released_record is not None,
            "to_rescore": value.to_rescore,
            "rescored": value.rescored,
            "defense_id": value.defense_id,
            "matter": asdict(value.matter),
            "sitting": value.sitting,
            "form": value.form,
            "seats": [asdict(seat) for seat in value.seats],
            "opened_by": value.opened_by,
            "opened_at": value.opened_at,
            "round": value.round,
            "sheets": [asdict(sheet) for sheet in value.sheets],
            "rounds": [asdict(closed) for closed in value.rounds],
            "records": [_record_fields(record) for record in value.records],
            "released": value.released,
            "ending": asdict(value.ending) if value.ending else {},
            "central": asdict(value.central) if value.central else {},
            "plans": [asdict(plan) for plan in value.plans],
        }


class Calibrations(AggregateRepository[Calibration]):
    """Keeps calibrations by panelist id."""

    document: ClassVar[Any] = CalibrationDocument

    def to_value(self, document: Any) -> Calibration:
        """Return the calibration of a document."""
        until = document.valid_until
        return Calibration(
            panelist_id=document.id,
            valid_until=date.fromisoformat(until) if until else None,
            basis=document.basis,
            recorded_by=document.recorded_by,
            recorded_at=document.recorded_at,
        )

    def to_fields(self, value: Calibration) -> dict[str, Any]:
        """Return the document fields of a calibration."""
        return {
            "valid_until": value.valid_until.isoformat() if value.valid_until else None,
            "basis": value.basis,
            "recorded_by": value.recorded_by,
            "recorded_at": value.recorded_at,
        }


def _matter(stored: dict[str, Any]) -> Matter:
    return Matter(
        **{
            **stored,
            "indicators": tuple(stored["indicators"]),
            "carried": _levels(stored["carried"]),
            "excluded": tuple(stored["excluded"]),
            # Hearings of the first release do not have it.
            "heard_by": tuple(stored.get("heard_by", ())),
        }
    )


def _levels(stored: Iterable[Any]) -> Levels:
    return tuple((indicator, level) for indicator, level in stored)


def _marks(stored: Iterable[dict[str, Any]]) -> tuple[Mark, ...]:
    return tuple(Mark(**mark) for mark in stored)


def _sheet(stored: dict[str, Any]) -> Sheet:
    return Sheet(**{**stored, "marks": _marks(stored["marks"])})


def _round(stored: dict[str, Any]) -> Round:
    return Round(
        number=stored["number"],
        counted=tuple(stored["counted"]),
        medians=_levels(stored["medians"]),
        apart=tuple(stored["apart"]),
        closed_at=stored["closed_at"],
    )


def _record(stored: dict[str, Any]) -> Record:
    return Record(
        version=stored["version"],
        outcome=_outcome(stored["outcome"]),
        redefense=_redefense(stored["redefense"]) if stored["redefense"] else None,
        decided_at=stored["decided_at"],
        corrected=tuple(_sheet(each) for each in stored["corrected"]),
        by=stored["by"],
        reason=stored["reason"],
    )


def _record_fields(record: Record) -> dict[str, Any]:
    fields = asdict(record)
    fields["outcome"]["explanation"] = record.outcome.explanation.to_tree()
    if record.redefense is not None:
        fields["redefense"]["plan_due_on"] = record.redefense.plan_due_on.isoformat()
        fields["redefense"]["defend_by"] = record.redefense.defend_by.isoformat()
    return fields


def _outcome(stored: dict[str, Any]) -> Outcome:
    return Outcome(
        status=stored["status"],
        rule_version=stored["rule_version"],
        levels=_levels(stored["levels"]),
        unmet=tuple(stored["unmet"]),
        explanation=Clause.from_tree(stored["explanation"]),
        input_hash=stored["input_hash"],
    )


def _redefense(stored: dict[str, Any]) -> Redefense:
    return Redefense(
        indicators=tuple(stored["indicators"]),
        plan_due_on=date.fromisoformat(stored["plan_due_on"]),
        defend_by=date.fromisoformat(stored["defend_by"]),
        excluded=tuple(stored["excluded"]),
    )


def _plan(stored: dict[str, Any]) -> Plan:
    return Plan(**{**stored, "steps": tuple(PlanStep(**step) for step in stored["steps"])})


def _central(stored: dict[str, Any]) -> CentralScore:
    found = stored["comparison"]
    if found is None:
        return CentralScore(why=stored["why"])
    differences = tuple(Difference(**each) for each in found["differences"])
    comparison = Comparison(**{**found, "marks": _marks(found["marks"]), "differences": differences})
    return CentralScore(why=stored["why"], comparison=comparison)
