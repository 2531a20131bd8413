"""Candidates in the document store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from chassis.mongo import AggregateRepository, translated
from defenses.documents import CandidateDocument
from defenses.domain.candidates import Candidate, Enrollment, Gap
from defenses.domain.readiness import READY, Clause, Decision, Evidence, PastDecision, ReadinessException
from defenses.domain.standings import Standing

#: What the first release called its statuses, in decisions that nothing has renewed since.
_RENAMED = {"READY": READY}


class Candidates(AggregateRepository[Candidate]):
    """Keeps candidates by student id."""

    document: ClassVar[Any] = CandidateDocument
    student_field = "_id"

    def ids_in(self, school_id: str, grades: Sequence[str]) -> list[str]:
        """Return the ids of a school's students in some grades, in order, without reading the students."""
        with translated():
            # By the school alone, for which the embedded store has an index; with the grade it has none.
            found = self._collection().find(self._filter(school_id=school_id), {"grade": 1})
            return sorted(raw["_id"] for raw in found if raw.get("grade") in grades)

    def standings(self, school_ids: list[str]) -> Iterator[Standing]:
        """Yield how each decided student of some schools stands, without reading their evidence."""
        wanted = {"school_id": 1, "grade": 1, "status": 1, "skill_standings": 1, "unmet": 1}
        with translated():
            for raw in self._collection().find(self._filter(school_id=school_ids), wanted):
                if raw.get("status") is not None:
                    yield Standing(
                        school_id=raw["school_id"],
                        grade=raw["grade"],
                        status=_RENAMED.get(raw["status"], raw["status"]),
                        skill_standings=tuple(raw.get("skill_standings", ())),
                        unmet=tuple(raw.get("unmet", ())),
                    )

    def to_value(self, document: Any) -> Candidate:
        """Return the candidate of a document."""
        return Candidate(
            student_id=document.id,
            roster_version=document.roster_version,
            enrollment=_enrollment(document),
            evidence=tuple(_evidence(entry) for entry in document.evidence),
            exceptions=tuple(_exception(stored) for stored in document.exceptions),
            decision=_decision(document.decision, document.decided_at) if document.decision else None,
            decided_at=document.decided_at,
            gaps=tuple(_gap(stored) for stored in document.gaps),
            history=tuple(_past(stored) for stored in document.history),
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
            "exceptions": [_exception_fields(each) for each in value.exceptions],
            "status": value.status,
            "skill_standings": list(value.skill_standings),
            "unmet": list(value.current.unmet) if value.current else [],
            "decision": _decision_fields(value.decision) if value.decision else {},
            "decided_at": value.decided_at,
            "gaps": [_gap_fields(gap) for gap in value.gaps],
            "gap_skills": list(value.gap_skills),
            "has_gaps": value.has_gaps,
            "history": [_past_fields(past) for past in value.history],
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


def _evidence(entry: Mapping[str, Any]) -> Evidence:
    return Evidence(
        artifact_id=entry["artifact_id"],
        skill_id=entry["skill_id"],
        grade=entry["grade"],
        levels=tuple((criterion_id, level) for criterion_id, level in entry["levels"]),
        mean_level=entry["mean_level"],
        scored_at=entry["scored_at"],
        version=entry["source_version"],
        assignment_id=entry.get("assignment_id"),
        nominated=entry.get("nominated", False),
        readers=entry.get("readers", 1),
        school_id=entry.get("school_id"),
    )


def _entry(evidence: Evidence) -> dict[str, Any]:
    return {
        "artifact_id": evidence.artifact_id,
        "skill_id": evidence.skill_id,
        "grade": evidence.grade,
        "levels": [list(level) for level in evidence.levels],
        "mean_level": evidence.mean_level,
        "scored_at": evidence.scored_at,
        "source_version": evidence.version,
        "school_id": evidence.school_id,
        **evidence.said,
    }


def _decision(stored: dict[str, Any], decided_at: datetime) -> Decision:
    as_of = stored.get("as_of")
    return Decision(
        transition=stored["transition"],
        status=_RENAMED.get(stored["status"], stored["status"]),
        rule_version=stored["rule_version"],
        explanation=Clause.from_tree(stored["explanation"]),
        input_hash=stored["input_hash"],
        as_of=date.fromisoformat(as_of) if as_of else decided_at.date(),
    )


def _decision_fields(decision: Decision) -> dict[str, Any]:
    return {
        "transition": decision.transition,
        "status": decision.status,
        "rule_version": decision.rule_version,
        "explanation": decision.explanation.to_tree(),
        "input_hash": decision.input_hash,
        "as_of": decision.as_of.isoformat(),
    }


def _past(stored: dict[str, Any]) -> PastDecision:
    return PastDecision(**{**stored, "as_of": date.fromisoformat(stored["as_of"])})


def _past_fields(past: PastDecision) -> dict[str, Any]:
    return {**vars(past), "as_of": past.as_of.isoformat()}


def _exception(stored: dict[str, Any]) -> ReadinessException:
    return ReadinessException(
        exception_id=stored["exception_id"],
        kind=stored["kind"],
        approved_by=stored["approved_by"],
        recorded_by=stored["recorded_by"],
        reason=stored["reason"],
        approved_at=datetime.fromisoformat(stored["approved_at"]),
        ends_on=date.fromisoformat(stored["ends_on"]),
        min_artifacts=stored["min_artifacts"],
        skills=tuple(stored["skills"]),
    )


def _exception_fields(exception: ReadinessException) -> dict[str, Any]:
    return {
        **vars(exception),
        "approved_at": exception.approved_at.isoformat(),
        "ends_on": exception.ends_on.isoformat(),
        "skills": list(exception.skills),
    }


def _gap(stored: dict[str, Any]) -> Gap:
    return Gap(**{**stored, "since": date.fromisoformat(stored["since"])})


def _gap_fields(gap: Gap) -> dict[str, Any]:
    return {**vars(gap), "since": gap.since.isoformat()}
