"""A running notifications service between a real broker, store, mail relay and SMS provider."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pika
import pytest
import requests
from pymongo import MongoClient

from contracts.artifacts import (
    GUARDIAN_UPDATED,
    SCHOOL_UPDATED,
    STUDENT_ENROLLED,
    Consent,
    GuardianUpdated,
    Relation,
    SchoolUpdated,
    StudentEnrolled,
)
from contracts.base import Contract
from contracts.defenses import (
    DEFENSE_CANCELLED,
    DEFENSE_MOVED,
    DEFENSE_RESEATED,
    DEFENSE_SCHEDULED,
    DefenseCancelled,
    DefenseMoved,
    DefenseReseated,
    DefenseScheduled,
    Seat,
)
from contracts.envelope import CONTENT_TYPE, seal
from stack import testing
from stack.http import direct_session

PATIENCE_S = 60.0


def wait_until(condition: Callable[[], Any], what: str, *, patience_s: float = PATIENCE_S) -> Any:
    """Return the condition's first true value."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    pytest.fail(f"{what} did not happen within {patience_s} s")


@dataclass(frozen=True)
class Family:
    """One student with one guardian, as their events tell it."""

    school: SchoolUpdated
    student: StudentEnrolled
    guardian: GuardianUpdated
    defense: DefenseScheduled


class Season:
    """The world round the service: it publishes events and looks at what became of them."""

    def __init__(
        self,
        service: testing.ServiceAddress,
        amqp_url: str,
        mongo_url: str,
        mail: testing.MailSink,
        sms: testing.SmsSimulator,
        *,
        district: str,
    ) -> None:
        self.service = service
        self.mail = mail
        self.sms = sms
        #: Each test has its own, so that it sees nothing of the others.
        self.district = district
        self._store: MongoClient[dict[str, Any]] = MongoClient(mongo_url)
        self._connection = pika.BlockingConnection(pika.URLParameters(amqp_url))
        self._channel = self._connection.channel()
        self._channel.confirm_delivery()

    def publish(self, contract: Contract[Any], subject: str, data: Any, *, version: int = 1) -> None:
        envelope = seal(
            contract, data, subject=(subject, version), district=self.district, time=datetime.now(UTC)
        )
        self._channel.basic_publish(
            contract.exchange,
            contract.type,
            envelope.to_bytes(),
            pika.BasicProperties(content_type=CONTENT_TYPE, message_id=envelope.id, delivery_mode=2),
            mandatory=True,
        )

    def enroll(self, family: Family) -> None:
        self.publish(SCHOOL_UPDATED, family.school.school_id, family.school)
        self.publish(STUDENT_ENROLLED, family.student.student_id, family.student)
        self.publish(GUARDIAN_UPDATED, family.guardian.guardian_id, family.guardian)

    def schedule(self, family: Family) -> None:
        self.publish(DEFENSE_SCHEDULED, family.defense.defense_id, family.defense)

    def move(self, family: Family, revision: int, **place: Any) -> None:
        """Say that the family's defense is elsewhere than it was first."""
        first = family.defense
        moved = DefenseMoved(
            **{
                **{each.name: getattr(first, each.name) for each in fields(first)},
                "revision": revision,
                "previous_starts_at": first.starts_at,
                "previous_ends_at": first.ends_at,
                "previous_room": first.room,
                "previous_panel": first.panel,
                "cause": "room_lost",
                "reason": "The room is under water.",
                **place,
            }
        )
        self.publish(DEFENSE_MOVED, moved.defense_id, moved, version=revision)

    def reseat(self, family: Family) -> None:
        """Say that another panel sits, at the same time in the same room."""
        first = family.defense
        reseated = DefenseReseated(
            **{
                **{each.name: getattr(first, each.name) for each in fields(first)},
                "panel": (Seat(panelist_id="p-2", role="teacher"),),
                "previous_starts_at": first.starts_at,
                "previous_ends_at": first.ends_at,
                "previous_room": first.room,
                "previous_panel": first.panel,
                "cause": "panelist_lost",
                "reason": "A panelist is ill.",
            }
        )
        self.publish(DEFENSE_RESEATED, reseated.defense_id, reseated, version=2)

    def cancel(self, family: Family, revision: int, *, to_be_rescheduled: bool = False) -> None:
        """Say that the family's defense does not take place."""
        first = family.defense
        cancelled = DefenseCancelled(
            defense_id=first.defense_id,
            revision=revision,
            student_id=first.student_id,
            school_id=first.school_id,
            transition=first.transition,
            starts_at=first.starts_at,
            time_zone=first.time_zone,
            to_be_rescheduled=to_be_rescheduled,
            cause="panelist_lost",
            reason="A panelist is ill.",
        )
        self.publish(DEFENSE_CANCELLED, cancelled.defense_id, cancelled, version=revision)

    def mails(self, family: Family) -> list[dict[str, Any]]:
        """Return the mails that the family's guardian got, oldest first."""
        found: list[dict[str, Any]] = self.mail.mails(to=family.guardian.email or "")
        return found[::-1]

    def get(self, path: str, role: str = "district_admin", **query: str) -> requests.Response:
        token = self.service.token("admin-1", role, district=self.district)
        with direct_session() as session:
            return session.get(
                f"{self.service.url}{path}",
                params=query,
                headers={"Authorization": f"Bearer {token}"},
                timeout=20,
            )

    def messages(self, family: Family) -> dict[str, dict[str, Any]]:
        """Return the family's messages by channel."""
        answer = self.get("/v1/messages", student=family.student.student_id)
        assert answer.status_code == 200, answer.text
        return {item["channel"]: item for item in answer.json()["items"]}

    def all_messages(self, family: Family, **query: str) -> list[dict[str, Any]]:
        """Return the family's messages of all revisions."""
        items: list[dict[str, Any]] = self.get(
            "/v1/messages", student=family.student.student_id, **query
        ).json()["items"]
        return items

    def facts(self) -> dict[str, int]:
        found: dict[str, int] = self.get("/v1/messages/summary").json()["facts"]
        return found

    def texts(self, family: Family) -> list[dict[str, Any]]:
        """Return the texts that went out to the family's guardian."""
        found = self.sms.messages(to=family.guardian.phone or "")
        return [each for each in found if each["direction"] != "inbound"]

    def reply(self, number: str, text: str) -> int | None:
        """Reply as a recipient; return how the webhook was answered."""
        return self.sms.answer(number, text, webhook=f"{self.service.url}/webhooks/sms/inbound")

    def put(self, path: str, body: dict[str, Any], role: str, subject: str) -> requests.Response:
        """Put as somebody; a guardian's token names a student of theirs."""
        students = ["s-any"] if role == "guardian" else None
        token = self.service.token(subject, role, students, district=self.district)
        with direct_session() as session:
            return session.put(
                f"{self.service.url}{path}",
                json=body,
                headers={"Authorization": f"Bearer {token}"},
                timeout=20,
            )

    def as_guardian(self, path: str, guardian_id: str) -> requests.Response:
        """Get as a guardian."""
        token = self.service.token(guardian_id, "guardian", ["s-any"], district=self.district)
        with direct_session() as session:
            return session.get(
                f"{self.service.url}{path}", headers={"Authorization": f"Bearer {token}"}, timeout=20
            )

    def bring_evening(self) -> None:
        """Let the hour of the digests come now for everything that waits for it."""
        waiting = {"district": self.district, "due": "digest"}
        self._database()["messages"].update_many(waiting, {"$set": {"due_at": datetime.now(UTC)}})

    def documents(self, collection: str) -> int:
        """Return how many documents the service keeps of a kind."""
        return int(self._database()[collection].count_documents({"district": self.district}))

    def wait_for_copy(self, collection: str, document_id: str, *, version: int) -> None:
        """Return once the service has this version of a copy."""
        wanted = {"_id": document_id, "source_version": version}
        wait_until(lambda: self._database()[collection].find_one(wanted), "the copy")

    def _database(self) -> Any:
        return self._store[self.service.environment["MONGO_DATABASE"]]

    def states(self, family: Family) -> dict[str, tuple[str, str | None]]:
        return {name: (each["state"], each["reason"]) for name, each in self.messages(family).items()}

    def close(self) -> None:
        self._connection.close()
        self._store.close()


def new_family(*, phone_ends: str = "", **guardian: Any) -> Family:
    """Return a family that nothing keeps from being told, with addresses of its own."""
    mark = uuid4().hex[:12]
    student_id, guardian_id, school_id = f"s-{mark}", f"g-{mark}", f"sch-{mark}"
    starts_at = datetime.now(UTC).replace(microsecond=0) + timedelta(days=10)
    told = GuardianUpdated(
        guardian_id=guardian_id,
        given_name="Ana",
        family_name="García",
        language="en",
        email=f"ana.{mark}@example.org",
        phone=_fresh_phone(phone_ends),
        relations=(Relation(student_id=student_id, kind="parent", may_be_told=True),),
        consents=tuple(
            Consent(channel=channel, granted=True, source="form", recorded_on=date(2026, 8, 1))
            for channel in ("email", "sms")
        ),
        active=True,
    )
    return Family(
        school=SchoolUpdated(
            school_id=school_id,
            name="Lincoln Elementary",
            time_zone="America/Kentucky/Louisville",
            active=True,
        ),
        student=StudentEnrolled(
            student_id=student_id,
            school_id=school_id,
            grade="5",
            given_name="Maya",
            family_name="García",
            home_language="es",
            guardian_ids=(guardian_id,),
            teacher_ids=(),
        ),
        guardian=replace(told, **guardian),
        defense=DefenseScheduled(
            defense_id=f"d-{mark}",
            revision=1,
            student_id=student_id,
            school_id=school_id,
            transition="5",
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=30),
            time_zone="America/Kentucky/Louisville",
            room="Room 12",
            panel=(Seat(panelist_id="p-1", role="teacher"),),
        ),
    )


def _fresh_phone(ends: str) -> str:
    """Return a number of no one else in this run: all tests share the provider, and some opt out.

    Args:
        ends: its last digits; the simulator fails for 9995 to 9999, so none ends so by chance.
    """
    drawn = uuid4().int
    number = f"+1502{drawn % 7000 + 2000:04}{drawn // 7000 % 9:01}{drawn // 63_000 % 99:02}"
    return number[: len(number) - len(ends)] + ends
