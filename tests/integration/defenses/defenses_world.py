"""What the roster and scoring tell about one school, and how people call the defenses service."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pika
import requests

from contracts.artifacts import (
    SCHOOL_UPDATED,
    STAFF_UPDATED,
    STUDENT_ENROLLED,
    STUDENT_WITHDRAWN,
    Post,
    SchoolUpdated,
    StaffUpdated,
    StudentEnrolled,
    StudentWithdrawn,
)
from contracts.base import Contract
from contracts.envelope import CONTENT_TYPE, Envelope, parse, seal
from contracts.scoring import ARTIFACT_SCORED, ArtifactScored, CriterionScore

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SKILLS = (
    "prepared-resilient-learner",
    "globally-culturally-competent-citizen",
    "emerging-innovator",
    "effective-communicator",
    "productive-collaborator",
)
DAYS = ("2027-04-05", "2027-04-06")
STARTS = ("08:30", "09:00", "09:30", "10:00")


def eventually(condition: Callable[[], Any], *, timeout_s: float = 40.0) -> Any:
    """Wait until a condition gives something true, and return that."""
    deadline = time.monotonic() + timeout_s
    while True:
        found = condition()
        if found or time.monotonic() > deadline:
            return found
        time.sleep(0.05)


def availability(*, teachers: int = 4, outsiders: int = 3, rooms: int = 2) -> dict[str, Any]:
    """Return what a small school offers."""
    whole = [[day, "08:30", "10:30"] for day in DAYS]
    people = [(f"t-{number}", "teacher") for number in range(teachers)]
    people += [(f"x-{number}", "outside") for number in range(outsiders)]
    return {
        "time_zone": "America/Kentucky/Louisville",
        "slot_minutes": 30,
        "days": [{"date": day, "starts_at": list(STARTS)} for day in DAYS],
        "rooms": [{"room_id": f"r-{n}", "name": f"Room {n}", "open": whole} for n in range(rooms)],
        "panelists": [
            {"panelist_id": each, "role": role, "available": whole, "max_per_day": 4} for each, role in people
        ],
        "interpreters": [],
    }


class World:
    """Says what the other services would say, and hears what defenses says."""

    def __init__(self, amqp_url: str) -> None:
        self._connection = pika.BlockingConnection(pika.URLParameters(amqp_url))
        self._channel = self._connection.channel()
        self._channel.confirm_delivery()
        self._ears = self._channel.queue_declare("", exclusive=True).method.queue
        self._channel.queue_bind(self._ears, "defenses.events", "#")
        self._heard: list[Envelope] = []

    def tell(self, contract: Contract[Any], about: str, data: Any, *, version: int = 1) -> None:
        envelope = seal(contract, data, subject=(about, version), district="jcps", time=NOON)
        properties = pika.BasicProperties(content_type=CONTENT_TYPE, delivery_mode=2, message_id=envelope.id)
        self._channel.basic_publish(
            contract.exchange, contract.type, envelope.to_bytes(), properties, mandatory=True
        )

    def school(self, school_id: str = "east", *, version: int = 1) -> None:
        data = SchoolUpdated(
            school_id=school_id, name="East", time_zone="America/Kentucky/Louisville", active=True
        )
        self.tell(SCHOOL_UPDATED, school_id, data, version=version)

    def staff(self, staff_id: str, *, version: int = 1, active: bool = True) -> None:
        data = StaffUpdated(
            staff_id=staff_id,
            given_name="A",
            family_name="B",
            email=None,
            posts=(Post(school_id="east", role="teacher"),),
            active=active,
        )
        self.tell(STAFF_UPDATED, staff_id, data, version=version)

    def student(
        self,
        student_id: str,
        *,
        school_id: str = "east",
        grade: str = "5",
        guardians: Sequence[str] = (),
        teachers: Sequence[str] = (),
        version: int = 1,
    ) -> None:
        data = StudentEnrolled(
            student_id=student_id,
            school_id=school_id,
            grade=grade,
            given_name="Ava",
            family_name="Núñez",
            home_language="es",
            guardian_ids=tuple(guardians),
            teacher_ids=tuple(teachers),
        )
        self.tell(STUDENT_ENROLLED, student_id, data, version=version)

    def withdrawal(self, student_id: str, *, version: int) -> None:
        data = StudentWithdrawn(student_id=student_id, school_id="east")
        self.tell(STUDENT_WITHDRAWN, student_id, data, version=version)

    def score(self, student_id: str, skill_id: str, number: int, *, level: float = 3.0) -> None:
        artifact_id = f"{student_id}:{skill_id}:{number}"
        data = ArtifactScored(
            artifact_id=artifact_id,
            student_id=student_id,
            school_id="east",
            grade="5",
            skill_id=skill_id,
            rubric_id=f"{skill_id}-k-5",
            rubric_version="2026.1",
            criteria=(CriterionScore(criterion_id="craft", level=level, feedback="Clear."),),
            mean_level=level,
            # Rules ask for new evidence.
            scored_at=datetime.now(UTC),
        )
        self.tell(ARTIFACT_SCORED, f"task:{artifact_id}", data, version=2)

    def scores(self, student_id: str, *, level: float = 3.0) -> None:
        """Two artifacts of each skill."""
        for skill_id in SKILLS:
            for number in range(2):
                self.score(student_id, skill_id, number, level=level)

    def heard(self, contract: Contract[Any]) -> list[Envelope]:
        """Return every event of this contract so far."""
        while True:
            method, _, body = self._channel.basic_get(self._ears, auto_ack=True)
            if method is None or body is None:
                return [event for event in self._heard if event.type == contract.type]
            self._heard.append(parse(body))

    def close(self) -> None:
        self._connection.close()


class Caller:
    """Somebody with a token."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, **query: Any) -> requests.Response:
        with self._session as session:
            return session.get(f"{self._url}{path}", params=query, timeout=10)

    def items(self, path: str, **query: Any) -> list[dict[str, Any]]:
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    def send(self, method: str, path: str, body: dict[str, Any], *, key: str = "") -> requests.Response:
        with self._session as session:
            return session.request(
                method,
                f"{self._url}{path}",
                json=body,
                headers={"Idempotency-Key": key or uuid4().hex},
                timeout=10,
            )

    def put(self, path: str, body: dict[str, Any]) -> requests.Response:
        return self.send("PUT", path, body)

    def run(self, school_id: str = "east", *, key: str = "") -> str:
        """Ask for a run and return its id."""
        answer = self.send("POST", "/v1/schedule-runs", {"school_id": school_id}, key=key)
        assert answer.status_code == 202, answer.text
        found: str = answer.json()["run_id"]
        return found

    def ended(self, run_id: str) -> dict[str, Any]:
        """Wait for a run's end."""

        def end() -> dict[str, Any] | None:
            run: dict[str, Any] = self.get(f"/v1/schedule-runs/{run_id}").json()
            return run if run.get("state") in {"applied", "failed"} else None

        found: dict[str, Any] = eventually(end)
        return found
