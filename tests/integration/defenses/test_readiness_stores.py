"""Candidates with exceptions and gaps, standings and sweeps against the real store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.defenses import defenses_examples as examples
from tests.unit.defenses import readiness_examples

from chassis import mongo
from chassis.outbox import UnitOfWork
from defenses import documents
from defenses.documents import CandidateDocument
from defenses.domain.candidates import Candidate
from defenses.domain.readiness import (
    INSUFFICIENT_EVIDENCE,
    READY,
    REDUCED_COUNTS,
    OpportunitySeason,
    Recency,
)
from defenses.domain.standings import Standing
from defenses.domain.sweeps import Sweep
from defenses.repository import Candidates, ReadinessSweeps, Schools, districts_with_schools
from defenses.use_cases import readiness

RULE = replace(
    examples.RULE,
    recency=Recency(artifacts=1, months=12),
    opportunity=OpportunitySeason(first=(1, 1), last=(12, 31)),
)


@pytest.fixture(autouse=True)
def connected(mongo_url: str, database: str) -> Iterator[None]:
    mongo.connect(mongo_url, database)
    mongo.create_indexes(documents)
    yield
    mongo.disconnect()


def work(cause: str = "test", district: str = "jcps") -> UnitOfWork:
    return UnitOfWork(district=district, cause=cause)


def keep(*candidates: Candidate) -> None:
    Candidates(work("keep")).change_many(
        [(each.student_id, readiness_examples.stored(each)) for each in candidates]
    )


def candidate_with_everything() -> Candidate:
    granted = [
        readiness_examples.exception("a"),
        readiness_examples.exception(
            "b",
            kind=REDUCED_COUNTS,
            min_artifacts=1,
            skills=("innovator",),
            ends_on=examples.NOW.date() - timedelta(days=1),
        ),
    ]
    found = (
        Candidate(student_id="s-1")
        .enrolled(examples.enrollment(), version=1)
        .scored(
            examples.evidence(
                "a-1", assignment_id="essay", nominated=True, readers=2, school_id="north", grade="4"
            )
        )
        .decided(RULE, now=examples.NOW)
    )
    return found.excepted(granted[0]).excepted(granted[1])


def test_exceptions_gaps_and_the_day_of_a_decision_come_back_as_they_were_written() -> None:
    candidate = candidate_with_everything()
    assert candidate.gaps

    keep(candidate)
    stored = Candidates(work()).get("s-1")

    assert stored == candidate
    assert stored.decision is not None
    assert stored.decision.as_of == examples.NOW.date()
    assert [past.input_hash for past in stored.history] == [stored.decision.input_hash]


def test_candidates_are_found_by_their_gaps_and_by_a_skills_own_status() -> None:
    candidate, ready = candidate_with_everything(), examples.ready_candidate("s-2")
    keep(candidate, ready)
    found = Candidates(work())

    assert found.select(has_gaps=True, gap_skills="innovator") == [candidate]
    assert found.select(has_gaps=True, gap_skills="cooking") == []
    assert found.select(skill_standings=[f"innovator:{READY}"]) == [ready]
    assert found.select(
        school_id="east", grade=["5"], skill_standings=[f"innovator:{INSUFFICIENT_EVIDENCE}"]
    ) == [candidate]


def test_standings_are_of_the_decided_students_of_some_schools() -> None:
    undecided = Candidate(student_id="s-3").enrolled(examples.enrollment(grade="6"), version=1)
    elsewhere = examples.ready_candidate("s-4", school_id="west")
    keep(candidate_with_everything(), examples.ready_candidate("s-2"), undecided, elsewhere)

    assert Candidates(work()).ids_in("east", ["5", "8"]) == ["s-1", "s-2"]
    found = sorted(Candidates(work()).standings(["east"]), key=lambda each: each.status)

    assert [(each.school_id, each.grade, each.status) for each in found] == [
        ("east", "5", INSUFFICIENT_EVIDENCE),
        ("east", "5", READY),
    ]
    assert "innovator/recent" in found[0].unmet
    assert found[1] == Standing(
        school_id="east",
        grade="5",
        status=READY,
        skill_standings=(f"collaborator:{READY}", f"innovator:{READY}"),
        unmet=(),
    )


def test_a_decision_of_the_first_release_is_read_and_renewed_by_a_sweep() -> None:
    keep(examples.ready_candidate("s-1"))
    school = {"name": "East", "time_zone": examples.LOUISVILLE, "active": True}
    Schools(work()).apply("east", 1, school)
    collection = CandidateDocument._get_collection()
    collection.update_one(
        {"_id": "s-1"},
        {
            "$set": {"status": "READY", "decision.status": "READY", "decision.input_hash": "0" * 64},
            "$unset": {"decision.as_of": "", "skill_standings": "", "unmet": "", "gaps": "", "has_gaps": ""},
        },
    )
    assert Candidates(work()).get("s-1").status == READY

    count = readiness.sweep(
        "sweep",
        sweeps=ReadinessSweeps(work("sweep")),
        schools=Schools(work()),
        candidates=Candidates(work("sweep")),
        rules=readiness_examples.Rules(examples.RULE),
        pause=lambda: None,
        still_ours=lambda: None,
        now=examples.NOW,
    )

    assert count == 1
    assert Candidates(work()).select(school_id="east", status=READY) == [examples.ready_candidate("s-1")]
    assert collection.find_one({"_id": "s-1"}).get("pending") is False
    assert ReadinessSweeps(work()).find("sweep") == Sweep(
        swept_on=examples.NOW.date(), rules=("1",), decided_again=1
    )
    assert districts_with_schools() == ["jcps"]
