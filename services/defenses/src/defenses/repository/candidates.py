"""Candidates in the document store."""

from __future__ import annotations

from typing import Any, ClassVar

from chassis.mongo import AggregateRepository
from defenses.documents import CandidateDocument, EvidenceEntry
from defenses.domain.candidates import Candidate, Enrollment
from defenses.domain.readiness import Clause, Decision, Evidence


class Candidates(AggregateRepository[Candidate]):
    """Keeps candidates by student id."""

    document: ClassVar[Any] = CandidateDocument
    student_field = "_id"

    def to_value(self, document: Any) -> Candidate:
        """Return the candidate of a document."""
        return Candidate(
            student_id=document.id,
            roster_version=document.roster_version,
            enrollment=_enrollment(document),
            evidence=tuple(_evidence(entry) for entry in document.evidence),
            decision=_decision(document.decision) if document.decision else None,
            decided_at=document.decided_at,
        )

    def to_fields(self, value: Candidate) -> dict[str, Any]:
        """Return the document fields of a candidate."""
        enrollment = value.enrollment
        return {
            "roster_version": value.roster_version,
            "school_id": value.school_id,
            "grade": enrollment.grade if enrollment else None,
            "guardian_ids": list(enrollment.guardian_ids) if enrollment else [],
            "teacher_ids": list(enrollment.teacher_ids) if enrollment else [],
            "evidence": [_entry(evidence) for evidence in value.evidence],
            "status": value.status,
            "decision": _decision_fields(value.decision) if value.decision else {},
            "decided_at": value.decided_at,
        }


def _enrollment(document: Any) -> Enrollment | None:
    if document.school_id is None:
        return None
    return Enrollment(
        school_id=document.school_id,
        grade=document.grade,
        guardian_ids=tuple(document.guardian_ids),
        teacher_ids=tuple(document.teacher_ids),
    )


def _evidence(entry: Any) -> Evidence:
    return Evidence(
        artifact_id=entry.artifact_id,
        skill_id=entry.skill_id,
        grade=entry.grade,
        levels=tuple((criterion_id, level) for criterion_id, level in entry.levels),
        mean_level=entry.mean_level,
        scored_at=entry.scored_at,
        version=entry.source_version,
    )


def _entry(evidence: Evidence) -> EvidenceEntry:
    return EvidenceEntry(
        artifact_id=evidence.artifact_id,
        skill_id=evidence.skill_id,
        grade=evidence.grade,
        levels=[list(level) for level in evidence.levels],
        mean_level=evidence.mean_level,
        scored_at=evidence.scored_at,
        source_version=evidence.version,
    )


def _decision(stored: dict[str, Any]) -> Decision:
    return Decision(
        transition=stored["transition"],
        status=stored["status"],
        rule_version=stored["rule_version"],
        explanation=Clause.from_tree(stored["explanation"]),
        input_hash=stored["input_hash"],
    )


def _decision_fields(decision: Decision) -> dict[str, Any]:
    return {
        "transition": decision.transition,
        "status": decision.status,
        "rule_version": decision.rule_version,
        "explanation": decision.explanation.to_tree(),
        "input_hash": decision.input_hash,
    }
