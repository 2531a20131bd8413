"""Papers and scorers' records as they are stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any, ClassVar

from chassis.mongo import AggregateRepository
from scoring.documents import PaperDocument, ScorerRecordDocument
from scoring.domain.calibration.marks import StopReason
from scoring.domain.calibration.papers import Paper
from scoring.domain.calibration.record import (
    Attempt,
    Entry,
    PaperRead,
    RecordState,
    ScorerRecord,
    Stop,
)
from scoring.domain.rubrics import CriterionLevel
from scoring.domain.tasks import Purpose, Submission

_PLAIN = ("scorer_id", "skill_id", "band", "reads", "seeds", "failed")
_TIMES = ("last_read_at", "qualified_at", "trusted_since")


class Papers(AggregateRepository[Paper]):
    """Keeps papers."""

    document: ClassVar[Any] = PaperDocument

    def active(self, purpose: Purpose, skill_id: str, band: str) -> list[Paper]:
        """Return those that may be given for a purpose in a skill and band."""
        found = self.select(skill_id=skill_id, band=band, purpose=str(purpose))
        return [each for each in found if each.active]

    def to_fields(self, value: Paper) -> dict[str, Any]:
        """Return the document fields of a paper."""
        return {
            "purpose": str(value.purpose),
            "skill_id": value.skill_id,
            "band": value.band,
            "submission": asdict(value.submission),
            "rubric_id": value.rubric_id,
            "rubric_version": value.rubric_version,
            "known": [asdict(each) for each in value.known],
            "rationale": value.rationale,
            "active": value.active,
            "set_by": value.set_by,
            "set_at": value.set_at,
        }

    def to_value(self, document: Any) -> Paper:
        """Return the paper of a document."""
        return Paper(
            paper_id=document.id,
            purpose=Purpose(document.purpose),
            submission=Submission(**document.submission),
            band=document.band,
            rubric_id=document.rubric_id,
            rubric_version=document.rubric_version,
            known=_levels(document.known),
            rationale=document.rationale or "",
            active=document.active,
            set_by=document.set_by,
            set_at=document.set_at,
        )


class ScorerRecords(AggregateRepository[ScorerRecord]):
    """Keeps scorers' records."""

    document: ClassVar[Any] = ScorerRecordDocument

    def to_fields(self, value: ScorerRecord) -> dict[str, Any]:
        """Return the document fields of a record."""
        attempt = value.attempt
        return {
            **{name: getattr(value, name) for name in (*_PLAIN, *_TIMES)},
            "season": value.season.isoformat(),
            "state": str(value.state),
            "window": [asdict(each) for each in value.window],
            "seen": list(value.seen),
            "attempt": attempt
            and {
                "purpose": str(attempt.purpose),
                "opened_at": attempt.opened_at,
                "reads": [asdict(each) for each in attempt.reads],
            },
            "practice": [asdict(each) for each in value.practice],
            "stops": [{**asdict(each), "reason": str(each.reason)} for each in value.stops],
            "history": [asdict(each) for each in value.history],
        }

    def _value(self, raw: dict[str, Any]) -> ScorerRecord:
        # Not by way of mongoengine: each claim and each read asks for one.
        plain: dict[str, Any] = {name: raw.get(name) for name in (*_PLAIN, *_TIMES)}
        return ScorerRecord(
            **plain,
            season=date.fromisoformat(raw["season"]),
            state=RecordState(raw["state"]),
            window=_reads(raw.get("window", ())),
            seen=tuple(raw.get("seen", ())),
            attempt=_attempt(raw["attempt"]) if raw.get("attempt") else None,
            practice=_reads(raw.get("practice", ())),
            stops=tuple(
                Stop(**{**each, "reason": StopReason(each["reason"])}) for each in raw.get("stops", ())
            ),
            history=tuple(Entry(**each) for each in raw.get("history", ())),
        )


def _attempt(stored: Mapping[str, Any]) -> Attempt:
    return Attempt(
        purpose=Purpose(stored["purpose"]), opened_at=stored["opened_at"], reads=_reads(stored["reads"])
    )


def _reads(stored: Iterable[Mapping[str, Any]]) -> tuple[PaperRead, ...]:
    return tuple(
        PaperRead(**{**each, "known": _levels(each["known"]), "given": _levels(each["given"])})
        for each in stored
    )


def _levels(stored: Iterable[Mapping[str, Any]]) -> tuple[CriterionLevel, ...]:
    return tuple(CriterionLevel(**each) for each in stored)
