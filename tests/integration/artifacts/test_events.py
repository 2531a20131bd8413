"""Artifacts over the real broker: what others say reaches the backpack, and what we say reaches others."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pika
import pytest

from chassis.confirms import PipelinedPublisher
from chassis.delivery import Delivery
from chassis.outbox import Outgoing
from contracts.artifacts import ARTIFACT_UPLOADED
from contracts.base import Contract
from contracts.defenses import READINESS_CHANGED, ReadinessChanged
from contracts.envelope import seal
from contracts.scoring import ARTIFACT_SCORED, ArtifactScored, CriterionScore
from stack import processes
from stack.http import direct_session

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


class Others:
    """The other services, as far as artifacts hears of them."""

    def __init__(self, amqp_url: str) -> None:
        self._publisher = PipelinedPublisher(amqp_url, confirm_timeout_s=10)

    def say(self, contract: Contract[Any], subject: str, version: int, data: Any) -> None:
        envelope = seal(contract, data, subject=(subject, version), district="jcps", time=NOW)
        self._publisher.publish([Delivery.of(Outgoing.of(envelope))])

    def close(self) -> None:
        self._publisher.close()


@pytest.fixture
def others(vhost: str) -> Any:
    made = Others(vhost)
    yield made
    made.close()


def scored(artifact: dict[str, Any], level: float) -> ArtifactScored:
    return ArtifactScored(
        artifact_id=artifact["artifact_id"],
        student_id=artifact["student_id"],
        school_id=artifact["school_id"],
        grade=artifact["grade"],
        skill_id=artifact["skill_id"],
        rubric_id="letters",
        rubric_version="2",
        criteria=(CriterionScore(criterion_id="clarity", level=level, feedback="Clear."),),
        mean_level=level,
        scored_at=NOW,
    )


def decided(artifact: dict[str, Any], status: str) -> ReadinessChanged:
    return ReadinessChanged(
        student_id=artifact["student_id"],
        school_id=artifact["school_id"],
        transition=artifact["grade"],
        status=status,
        previous_status=None,
        rule_version="1",
        explanation={"id": "all", "met": status == "READY", "clauses": []},
        input_hash="0" * 64,
        decided_at=NOW,
    )


def is_shown(backpack: dict[str, Any], level: float, status: str) -> bool:
    levels = [each["score"] and each["score"]["mean_level"] for each in backpack["artifacts"]]
    return levels == [level] and [each["status"] for each in backpack["readiness"]] == [status]


def test_what_is_uploaded_is_announced_and_what_is_said_of_it_is_in_the_backpack(
    service: Callable[..., Any],
    relay: Callable[..., Any],
    roster_import: Callable[..., Any],
    demo_bundle: Path,
    tmp_path: Path,
    vhost: str,
    others: Others,
) -> None:
    assert roster_import(demo_bundle).exit_code == 0
    artifacts = service("artifacts", ARTIFACT_STORE_DIR=str(tmp_path / "contents"))
    session = direct_session()
    session.headers["Authorization"] = f"Bearer {artifacts.token('portal-1', 'portal')}"
    student = session.get(f"{artifacts.url}/v1/students", timeout=30).json()["items"][0]["student_id"]
    with pika.BlockingConnection(pika.URLParameters(vhost)) as connection:
        channel = connection.channel()
        queue = channel.queue_declare("", exclusive=True).method.queue
        channel.queue_bind(queue, ARTIFACT_UPLOADED.exchange, ARTIFACT_UPLOADED.type)
        relay("artifacts")

        artifact = session.post(
            f"{artifacts.url}/v1/artifacts",
            data={
                "student_id": student,
                "skill_id": "effective-communicator",
                "title": "A letter",
                "reflection": "I rewrote it.",
            },
            files={"file": b"To the city.\n"},
            timeout=30,
        ).json()

        announced = next(body for _, _, body in channel.consume(queue, auto_ack=True, inactivity_timeout=30))
    assert announced is not None
    said = json.loads(announced)
    assert ARTIFACT_UPLOADED.load(said["data"]).sha256 == artifact["sha256"]
    assert said["subject"] == artifact["artifact_id"]

    def backpack() -> dict[str, Any]:
        answer = session.get(f"{artifacts.url}/v1/students/{student}/backpack", timeout=30)
        found: dict[str, Any] = answer.json()
        return found

    def is_now_shown(level: float, status: str) -> bool:
        return is_shown(backpack(), level, status)

    for version, (level, status) in enumerate([(1.0, "NOT_YET"), (3.5, "READY")], start=1):
        others.say(ARTIFACT_SCORED, artifact["artifact_id"], version, scored(artifact, level))
        others.say(READINESS_CHANGED, "readiness-1", version, decided(artifact, status))
        processes.wait_until(
            partial(is_now_shown, level, status),
            what="the backpack",
            timeout_s=30,
        )

    shown = backpack()
    assert shown["artifacts"] == [
        {
            **artifact,
            "score": {
                "rubric_id": "letters",
                "rubric_version": "2",
                "mean_level": 3.5,
                "criteria": [{"criterion_id": "clarity", "level": 3.5, "feedback": "Clear."}],
                "scored_at": NOW.isoformat(),
            },
        }
    ]
    assert shown["readiness"] == [
        {
            "transition": artifact["grade"],
            "status": "READY",
            "rule_version": "1",
            "explanation": {"id": "all", "met": True, "clauses": []},
            "decided_at": NOW.isoformat(),
        }
    ]
