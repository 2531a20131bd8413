"""The golden payloads: what each event version looked like when it was promised. They are never edited."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from contracts import ALL_CONTRACTS, BY_TYPE
from contracts.artifacts import (
    ArtifactUploaded,
    Consent,
    GuardianUpdated,
    Post,
    Relation,
    SchoolUpdated,
    StaffUpdated,
    StudentEnrolled,
    StudentWithdrawn,
)
from contracts.base import Contract
from contracts.defenses import DefenseScheduled, ReadinessChanged, Seat
from contracts.envelope import Envelope, derived_id, parse, seal
from contracts.scoring import ArtifactScored, CriterionScore

GOLDEN = Path(__file__).parents[3] / "libs" / "contracts" / "golden"

SCHOOL = "8a3c2f0e-51b7-5d0e-a7a4-0f6f0c1d2e01"
STUDENT = "c1f5b7a2-9d64-5a3b-8f2e-6b0d4e7a1c02"
GUARDIAN = "5e9d8c7b-1a2f-5c4d-9e8f-7a6b5c4d3e03"
TEACHER = "2b4d6f8a-3c5e-57a9-bcde-f01234567804"
OUTSIDER = "7f6e5d4c-2b1a-5f0e-8d9c-8b7a69584705"
ARTIFACT = "d0c1b2a3-4f5e-56d7-98c8-b7a697887906"
DEFENSE = "fe1d2c3b-4a59-5687-a796-85746352410a"
EASTERN = timezone(timedelta(hours=-4))


@dataclass(frozen=True)
class Promise:
    """What the golden of one event version stands for: its data, its aggregate and when it happened."""

    data: Any
    subject: tuple[str, int]
    time: datetime
    traceparent: str | None = None


PROMISES = {
    "artifacts.school.updated.v1": Promise(
        SchoolUpdated(
            school_id=SCHOOL,
            name="Willow Creek Elementary",
            time_zone="America/Kentucky/Louisville",
            active=True,
        ),
        (SCHOOL, 1),
        datetime(2026, 8, 3, 6, 0, tzinfo=UTC),
    ),
    "artifacts.student.enrolled.v1": Promise(
        StudentEnrolled(
            student_id=STUDENT,
            school_id=SCHOOL,
            grade="5",
            given_name="Nayeli",
            family_name="Figueroa Peña",
            home_language="es",
            guardian_ids=(GUARDIAN,),
            teacher_ids=(TEACHER,),
        ),
        (STUDENT, 3),
        datetime(2026, 8, 3, 6, 0, 12, 500_000, tzinfo=UTC),
    ),
    "artifacts.student.withdrawn.v1": Promise(
        StudentWithdrawn(student_id=STUDENT, school_id=SCHOOL),
        (STUDENT, 4),
        datetime(2027, 1, 11, 6, 0, 3, tzinfo=UTC),
    ),
    "artifacts.guardian.updated.v1": Promise(
        GuardianUpdated(
            guardian_id=GUARDIAN,
            given_name="Itzel",
            family_name="Peña",
            language="es-MX",
            email="itzel.pena@example.org",
            phone="+15025550143",
            relations=(Relation(student_id=STUDENT, kind="parent", may_be_told=True),),
            consents=(
                Consent(
                    channel="email",
                    granted=True,
                    source="enrollment-form",
                    recorded_on=date(2026, 7, 21),
                ),
                Consent(
                    channel="sms",
                    granted=False,
                    source="enrollment-form",
                    recorded_on=date(2026, 7, 21),
                ),
            ),
            active=True,
        ),
        (GUARDIAN, 2),
        datetime(2026, 8, 3, 6, 0, 9, tzinfo=UTC),
    ),
    "artifacts.staff.updated.v1": Promise(
        StaffUpdated(
            staff_id=TEACHER,
            given_name="Orla",
            family_name="McTavish-Boone",
            email=None,
            posts=(Post(school_id=SCHOOL, role="teacher"),),
            active=True,
        ),
        (TEACHER, 1),
        datetime(2026, 8, 3, 6, 0, 5, tzinfo=UTC),
    ),
    "artifacts.artifact.uploaded.v1": Promise(
        ArtifactUploaded(
            artifact_id=ARTIFACT,
            student_id=STUDENT,
            school_id=SCHOOL,
            grade="5",
            skill_id="effective-communicator",
            title="How we saved the creek 🌱",
            reflection="I explained our data to the class.\nNext time I will speak slower.",
            sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            size_bytes=482_113,
            media_type="application/pdf",
            uploaded_at=datetime(2026, 10, 14, 17, 5, 12, 123_456, tzinfo=UTC),
        ),
        (ARTIFACT, 1),
        datetime(2026, 10, 14, 17, 5, 12, 123_456, tzinfo=UTC),
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    ),
    "scoring.artifact.scored.v1": Promise(
        ArtifactScored(
            artifact_id=ARTIFACT,
            student_id=STUDENT,
            school_id=SCHOOL,
            grade="5",
            skill_id="effective-communicator",
            rubric_id="effective-communicator-k-5",
            rubric_version="2026.1",
            criteria=(
                CriterionScore(
                    criterion_id="organization",
                    level=3.0,
                    feedback="Your claim comes first and the data follows.",
                ),
                CriterionScore(criterion_id="audience", level=2.5, feedback=""),
            ),
            mean_level=2.75,
            scored_at=datetime(2026, 10, 19, 20, 41, 7, tzinfo=UTC),
        ),
        (derived_id("scoring", "task", ARTIFACT), 4),
        datetime(2026, 10, 19, 20, 41, 7, tzinfo=UTC),
    ),
    "defenses.readiness.changed.v1": Promise(
        ReadinessChanged(
            student_id=STUDENT,
            school_id=SCHOOL,
            transition="5",
            status="READY",
            previous_status="INSUFFICIENT_EVIDENCE",
            rule_version="2026.1",
            explanation={
                "id": "transition",
                "met": True,
                "observed": None,
                "required": 1,
                "artifact_ids": [],
                "clauses": [
                    {
                        "id": "effective-communicator.mean",
                        "met": True,
                        "observed": 2.75,
                        "required": 2.5,
                        "artifact_ids": [ARTIFACT],
                        "clauses": [],
                    }
                ],
            },
            input_hash="2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
            decided_at=datetime(2027, 3, 1, 14, 22, 50, tzinfo=UTC),
        ),
        (STUDENT, 27),
        datetime(2027, 3, 1, 14, 22, 50, tzinfo=UTC),
    ),
    "defenses.defense.scheduled.v1": Promise(
        DefenseScheduled(
            defense_id=DEFENSE,
            revision=1,
            student_id=STUDENT,
            school_id=SCHOOL,
            transition="5",
            starts_at=datetime(2027, 4, 20, 13, 30, tzinfo=EASTERN),
            ends_at=datetime(2027, 4, 20, 14, 0, tzinfo=EASTERN),
            time_zone="America/Kentucky/Louisville",
            room="Room 112",
            panel=(Seat(panelist_id=TEACHER, role="teacher"), Seat(panelist_id=OUTSIDER, role="outside")),
        ),
        (DEFENSE, 1),
        datetime(2027, 3, 15, 12, 0, tzinfo=UTC),
    ),
}

each_contract = pytest.mark.parametrize("contract", ALL_CONTRACTS, ids=lambda contract: contract.type)


def _text(contract: Contract[Any]) -> str:
    return (GOLDEN / f"{contract.type}.json").read_text(encoding="utf-8")


def _golden(contract: Contract[Any]) -> Envelope:
    return parse(_text(contract).encode())


def test_every_contract_has_exactly_one_golden_and_one_promise() -> None:
    goldens = sorted(path.name for path in GOLDEN.iterdir())

    assert goldens == sorted(f"{contract.type}.json" for contract in ALL_CONTRACTS)
    assert sorted(PROMISES) == sorted(contract.type for contract in ALL_CONTRACTS)


def test_no_two_contracts_share_a_type() -> None:
    assert list(BY_TYPE.values()) == list(ALL_CONTRACTS)


@each_contract
def test_the_golden_is_what_it_promised(contract: Contract[Any]) -> None:
    promise = PROMISES[contract.type]
    golden = _golden(contract)

    assert contract.load(golden.data) == promise.data
    assert (golden.subject, golden.subject_version) == promise.subject
    assert (golden.time, golden.traceparent, golden.district) == (promise.time, promise.traceparent, "jcps")
    assert (golden.type, golden.source) == (contract.type, f"/backpack/{contract.producer}")


@each_contract
def test_saying_it_again_gives_the_same_bytes(contract: Contract[Any]) -> None:
    promise = PROMISES[contract.type]

    said = seal(
        contract,
        promise.data,
        subject=promise.subject,
        district="jcps",
        time=promise.time,
        traceparent=promise.traceparent,
    )

    assert json.dumps(said.to_wire(), indent=2, ensure_ascii=False) + "\n" == _text(contract)
    assert said.to_bytes() == json.dumps(json.loads(_text(contract)), ensure_ascii=False).encode()


@each_contract
def test_the_goldens_id_is_derived_from_producer_subject_version_and_type(contract: Contract[Any]) -> None:
    golden = _golden(contract)

    assert golden.id == derived_id(contract.producer, golden.subject, golden.subject_version, contract.type)


@each_contract
def test_a_parsed_golden_travels_on_unchanged(contract: Contract[Any]) -> None:
    golden = _golden(contract)

    assert parse(golden.to_bytes()) == golden
    assert contract.dump(contract.load(golden.data)) == golden.data
