"""The daily sweep of a running service finds what no event has told."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.integration.defenses.defenses_world import SKILLS, Caller, World, eventually
from tests.unit.defenses import defenses_examples as examples
from tests.unit.defenses.readiness_examples import stored

from chassis import mongo
from chassis.outbox import UnitOfWork
from contracts.base import Contract
from contracts.defenses import READINESS_CHANGED, READINESS_CHANGED_V2
from defenses import documents
from defenses.domain.candidates import Candidate
from defenses.domain.readiness import NOT_YET, READY
from defenses.repository import Candidates, Schools
from stack.testing import RelayAddress, ServiceAddress

LAST_YEAR = datetime.now(UTC) - timedelta(days=30)
#: In force when it was decided, and not any more.
STRICT = replace(
    examples.RULE, version="2025.1", transitions={"5": ("4", "5")}, skills=SKILLS, mean_at_least=3.9
)

#: The same as a district writes it.
STRICT_FILE = {
    "version": STRICT.version,
    "effective": "2025-07-01",
    "transitions": STRICT.transitions,
    "skills": STRICT.skills,
    "min_artifacts": STRICT.min_artifacts,
    "counted_artifacts": STRICT.counted_artifacts,
    "mean_at_least": STRICT.mean_at_least,
    "criterion_floor": STRICT.criterion_floor,
    "compensation": None,
}


def candidate(student_id: str) -> Candidate:
    found = Candidate(student_id=student_id).enrolled(examples.enrollment(), version=1)
    for skill in SKILLS:
        for number in range(2):
            entry = examples.evidence(f"{student_id}:{skill}:{number}", skill, scored_at=LAST_YEAR)
            found = found.scored(entry)
    return found.decided(STRICT, now=LAST_YEAR)


def test_a_rule_that_comes_into_force_decides_about_everybody_at_once_and_says_so(
    mongo_url: str,
    database: str,
    vhost: str,
    service: Callable[..., ServiceAddress],
    relay: Callable[..., RelayAddress],
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    students = [f"s-{number}" for number in range(60)]
    mongo.connect(mongo_url, f"{database}_defenses")
    mongo.create_indexes(documents)
    work = UnitOfWork(district="jcps", cause="seed")
    Schools(work).apply("east", 1, {"name": "East", "time_zone": examples.LOUISVILLE, "active": True})
    before = {each: candidate(each) for each in students}
    assert {each.status for each in before.values()} == {NOT_YET}
    Candidates(work).change_many([(each, stored(value)) for each, value in before.items()])
    mongo.disconnect()

    # The day is swept by the rule of before; then the district's file is another one, on the same day.
    strict = tmp_path / "jcps" / "readiness.json"
    strict.parent.mkdir()
    strict.write_text(json.dumps([STRICT_FILE]))
    first = service("defenses", POLICY_DIR=str(tmp_path))
    mongo.connect(mongo_url, f"{database}_defenses")
    assert eventually(lambda: documents.ReadinessSweepDocument.objects().count() == 1)
    mongo.disconnect()
    first.process.terminate()
    first.process.wait()

    # Two processes, of which one sweeps.
    services = [service("defenses"), service("defenses")]
    world = World(vhost)
    request.addfinalizer(world.close)
    relay("defenses")
    office = Caller(services[0].url, services[0].token("somebody", "coordinator", None, "jcps"))

    assert eventually(lambda: len(office.items("/v1/readiness", status=READY, limit=500)) == len(students))

    def told(contract: Contract[Any]) -> list[str]:
        return sorted(event.subject for event in world.heard(contract))

    assert eventually(lambda: len(told(READINESS_CHANGED_V2)) >= len(students))
    assert told(READINESS_CHANGED_V2) == told(READINESS_CHANGED) == sorted(students)
