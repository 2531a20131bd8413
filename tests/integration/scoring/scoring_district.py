"""What the artifacts service tells about a small district, and how people call the scoring service."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pika
import requests

import scoring
from contracts.artifacts import (
    ARTIFACT_UPLOADED,
    STAFF_UPDATED,
    STUDENT_ENROLLED,
    STUDENT_WITHDRAWN,
    ArtifactUploaded,
    Post,
    StaffUpdated,
    StudentEnrolled,
    StudentWithdrawn,
)
from contracts.base import Contract
from contracts.envelope import CONTENT_TYPE, Envelope, parse, seal
from contracts.scoring import ARTIFACT_SCORED

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def eventually(condition: Callable[[], Any], *, timeout_s: float = 20.0) -> Any:
    """Wait until a condition gives something true, and return that."""
    deadline = time.monotonic() + timeout_s
    while True:
        found = condition()
        if found or time.monotonic() > deadline:
            return found
        time.sleep(0.05)


#: Rules that tests need: one read is enough, two are always needed, leases last for two seconds.
KINDS = ("once", "twice", "brief")
#: Of each kind.
DISTRICTS = 60
_PACKAGED = Path(scoring.__file__).parent / "policy" / "workflow.json"


def write_policy(folder: Path, kind: str) -> None:
    """Write the workflow of a district of one kind."""
    [version] = json.loads(_PACKAGED.read_text())
    second = {"share": 1.0 if kind == "twice" else 0.0, "new_scorer_share": 0.0, "new_rubric_share": 0.0}
    version["second_read"] |= second
    if kind == "brief":
        version["lease"] |= {"hours": 2 / 3600, "warn_after_hours": 1 / 3600}
    folder.mkdir()
    (folder / "workflow.json").write_text(json.dumps([version]))


class District:
    """Says what the artifacts service would say of one district, and hears what scoring says of it."""

    def __init__(self, amqp_url: str, name: str) -> None:
        self.name = name
        self._connection = pika.BlockingConnection(pika.URLParameters(amqp_url))
        self._channel = self._connection.channel()
        self._channel.confirm_delivery()
        self._ears = self._channel.queue_declare("", exclusive=True).method.queue
        self._channel.queue_bind(self._ears, ARTIFACT_SCORED.exchange, "#")
        self._heard: list[Envelope] = []

    def id(self, name: str) -> str:
        """Return the id of somebody in this district; ids are the district's own, as in the roster."""
        return f"{name}.{self.name}"

    def tell(self, contract: Contract[Any], about: str, data: Any, *, version: int = 1) -> None:
        envelope = seal(contract, data, subject=(about, version), district=self.name, time=NOON)
        properties = pika.BasicProperties(content_type=CONTENT_TYPE, delivery_mode=2, message_id=envelope.id)
        self._channel.basic_publish(
            contract.exchange, contract.type, envelope.to_bytes(), properties, mandatory=True
        )

    def staff(
        self,
        staff_id: str,
        school_id: str,
        *,
        version: int = 1,
        active: bool = True,
        role: str = "teacher",
    ) -> None:
        post = Post(school_id=school_id, role=role)
        data = StaffUpdated(
            staff_id=self.id(staff_id),
            given_name="A",
            family_name="B",
            email=None,
            posts=(post,),
            active=active,
        )
        self.tell(STAFF_UPDATED, data.staff_id, data, version=version)

    def student(self, student_id: str, school_id: str, *teachers: str, version: int = 1) -> None:
        data = StudentEnrolled(
            student_id=self.id(student_id),
            school_id=school_id,
            grade="5",
            given_name="Ava",
            family_name="Núñez",
            home_language="es",
            guardian_ids=(),
            teacher_ids=tuple(map(self.id, teachers)),
        )
        self.tell(STUDENT_ENROLLED, data.student_id, data, version=version)

    def withdrawal(self, student_id: str, school_id: str, *, version: int) -> None:
        data = StudentWithdrawn(student_id=self.id(student_id), school_id=school_id)
        self.tell(STUDENT_WITHDRAWN, data.student_id, data, version=version)

    def artifact(self, artifact_id: str, student_id: str, school_id: str, *, times: int = 1) -> None:
        data = ArtifactUploaded(
            artifact_id=self.id(artifact_id),
            student_id=self.id(student_id),
            school_id=school_id,
            grade="5",
            skill_id="effective-communicator",
            title="Letter to the city",
            reflection="I rewrote the opening.",
            sha256="0" * 64,
            size_bytes=3,
            media_type="text/plain",
            uploaded_at=NOON,
        )
        for _ in range(times):
            self.tell(ARTIFACT_UPLOADED, data.artifact_id, data)

    def heard(self, contract: Contract[Any] = ARTIFACT_SCORED) -> list[Envelope]:
        """Return every event of one kind that scoring has said of this district so far."""
        while True:
            method, _, body = self._channel.basic_get(self._ears, auto_ack=True)
            if method is None or body is None:
                return [each for each in self._heard if each.type == contract.type]
            envelope = parse(body)
            if envelope.district == self.name:
                self._heard.append(envelope)

    def close(self) -> None:
        self._connection.close()


class Caller:
    """Somebody with a token."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, **query: str) -> requests.Response:
        with self._session as session:
            return session.get(f"{self._url}{path}", params=query, timeout=10)

    def items(self, path: str, **query: str) -> list[dict[str, Any]]:
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    def tasks(self, **query: str) -> list[dict[str, Any]]:
        return self.items("/v1/scoring/tasks", **query)

    def post(self, path: str, body: dict[str, Any], *, key: str = "") -> requests.Response:
        return self.send("POST", path, body, key=key)

    def send(self, method: str, path: str, body: dict[str, Any], *, key: str = "") -> requests.Response:
        with self._session as session:
            return session.request(
                method,
                f"{self._url}{path}",
                json=body,
                headers={"Idempotency-Key": key or uuid4().hex},
                timeout=30,
            )

    def claim(self, *, key: str = "") -> Any:
        """Return the next task, or None while there is none or the service has not heard of the caller."""
        answer = self.post("/v1/scoring/claims", {}, key=key)
        if answer.status_code == 403:
            return None
        assert answer.status_code == 200, answer.text
        return answer.json()["task"]

    def read(self, task_id: str, levels: dict[str, int], *, key: str = "") -> requests.Response:
        body = {
            "levels": [
                {"criterion_id": criterion_id, "level": level, "feedback": "Clear."}
                for criterion_id, level in levels.items()
            ]
        }
        return self.post(f"/v1/scoring/tasks/{task_id}/reads", body, key=key)
