"""The real parts that a drain runs on: broker, store, mail sink, SMS simulator, and service processes."""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Self

import mongoengine
import pika
import psutil
import requests
from district import DISTRICT, Family, Season
from prometheus_client.parser import text_string_to_metric_families

from chassis import mongo
from chassis.outbox import UnitOfWork
from chassis.testing import MemoryRepository
from contracts.defenses import DEFENSE_SCHEDULED
from contracts.envelope import CONTENT_TYPE, seal
from notifications import documents
from notifications.clients.rendering import JinjaRenderer
from notifications.domain.facts import Fact
from notifications.domain.messages import Message
from notifications.repository import (
    DistrictPolicies,
    MongoGuardians,
    MongoMessages,
    MongoSchools,
    MongoStudents,
    MongoTellings,
)
from notifications.use_cases.noting import Notebook, note_defense
from notifications.use_cases.ports import Desk, Roster, silently
from notifications.use_cases.telling import tell_families
from stack import broker as brokers
from stack import paths, testing

_DATABASE = "bench_notifications"
#: Roster copies that are written side by side, and documents of one statement.
_WRITERS, _AT_ONCE = 16, 200


@dataclass
class Bed:
    """Everything that runs, and where it keeps what was taken."""

    directory: Path
    broker: testing.BrokerAddress
    amqp_url: str
    store: testing.StoreAddress
    mail: testing.MailSink
    sms: testing.SmsSimulator
    services: list[testing.ServiceAddress] = field(default_factory=list)

    def work(self, cause: str) -> UnitOfWork:
        """Return a unit of work in the service's own database."""
        return UnitOfWork(district=DISTRICT, cause=cause, repeats=False)

    def copy_roster(self, season: Season) -> None:
        """Keep the copies that the service would have got by events long before."""
        work = self.work("roster")
        schools, students, guardians = MongoSchools(work), MongoStudents(work), MongoGuardians(work)
        keep: list[Callable[[], object]] = [
            *(partial(schools.keep, each, version=1) for each in season.schools),
            *(partial(students.keep, each.student, version=1) for each in season.families),
            *(partial(guardians.keep, each.guardian, version=1) for each in season.families),
        ]
        # Side by side, so that they travel in groups.
        with ThreadPoolExecutor(_WRITERS) as pool:
            list(pool.map(lambda call: call(), keep))

    def write(self, season: Season) -> None:
        """Write the messages of all families, and that they are told, as the service does the day before."""
        now = datetime.now(UTC)
        desk = _desk_in_memory(season, now)
        for each in season.families:
            note_defense(each.defense, Notebook(tellings=desk.tellings, rules=desk.rules, now=now))
        tell_families([each.defense.defense_id for each in season.families], desk)
        work = self.work("write")
        for repository, values in (
            (MongoMessages(work), desk.messages.values),  # type: ignore[attr-defined]  # it is in memory
            (MongoTellings(work), desk.tellings.values),  # type: ignore[attr-defined]  # as above
        ):
            changes = [(name, silently(partial(_kept, value))) for name, value in values.items()]
            for start in range(0, len(changes), _AT_ONCE):
                repository.change_many(changes[start : start + _AT_ONCE])

    def publish(self, families: Sequence[Family]) -> None:
        """Say of each defense that it is scheduled, as the scheduling service would."""
        connection = pika.BlockingConnection(pika.URLParameters(self.amqp_url))
        channel = connection.channel()
        now = datetime.now(UTC)
        for each in families:
            # Without waiting for confirms, for the broker is not what is measured.
            envelope = seal(
                DEFENSE_SCHEDULED,
                each.defense,
                subject=(each.defense.defense_id, 1),
                district=DISTRICT,
                time=now,
            )
            channel.basic_publish(
                DEFENSE_SCHEDULED.exchange,
                DEFENSE_SCHEDULED.type,
                envelope.to_bytes(),
                pika.BasicProperties(content_type=CONTENT_TYPE, message_id=envelope.id, delivery_mode=2),
            )
        connection.close()

    @contextmanager
    def running_services(self, count: int, **variables: str) -> Iterator[None]:
        """Run so many processes of the service."""
        with ExitStack() as running:
            for number in range(count):
                folder = self.directory / f"service-{number}"
                folder.mkdir(exist_ok=True)
                self.services.append(
                    running.enter_context(
                        testing.running_service(
                            "notifications",
                            folder,
                            amqp_url=self.amqp_url,
                            mongo_url=self.store.mongo_url,
                            database=_DATABASE,
                            extra_env={
                                **self.mail.environment,
                                **self.sms.environment,
                                "LOG_LEVEL": "WARNING",
                                **variables,
                            },
                        )
                    )
                )
            yield
        self.services.clear()

    def accepted(self) -> int:
        """Return how many messages the providers have taken, as the service counts them."""
        return int(sum(_counted(each.url) for each in self.services))

    def taken(self) -> dict[str, list[float]]:
        """Return when each address was told, by what sink and simulator kept, in seconds since the epoch."""
        found: dict[str, list[float]] = {}
        for path in (self.directory / "mail" / "mails").glob("*.json"):
            mail = json.loads(path.read_text())
            found.setdefault(mail["recipients"][0], []).append(_epoch(mail["received_at"]))
        sids = set()
        for line in (self.directory / "sms" / "messages" / "messages.jsonl").read_text().splitlines():
            text = json.loads(line)
            if text["sid"] not in sids:
                sids.add(text["sid"])
                found.setdefault(text["to"], []).append(_epoch(text["created_at"]))
        return found

    def processes(self) -> dict[str, list[psutil.Process]]:
        """Return the processes by part."""
        parts = {
            "service": [each.process.pid for each in self.services],
            "store": [self.store.process.pid],
            "broker": [self.broker.process.pid],
            "mail sink": [self.mail.process.pid],
            "SMS simulator": [self.sms.process.pid],
        }
        return {name: [psutil.Process(pid) for pid in pids] for name, pids in parts.items()}

    def cpu_s(self) -> dict[str, float]:
        """Return the CPU time that each part has used."""
        return {name: sum(map(_cpu_s, found)) for name, found in self.processes().items()}


class _Messages(MemoryRepository[Message]):
    """Messages in memory, of which there are no older ones."""

    def with_provider_ids(self, provider_ids: Collection[str]) -> list[Message]:
        return []

    def about(self, facts: Collection[Fact]) -> list[Message]:
        return []

    def in_digests(self, digest_ids: Collection[str]) -> list[Message]:
        return []


def _desk_in_memory(season: Season, now: datetime) -> Desk:
    families = season.families
    return Desk(
        tellings=MemoryRepository(),
        messages=_Messages(),
        roster=Roster(
            MemoryRepository({each.school_id: each for each in season.schools}),  # type: ignore[arg-type]  # it keeps nothing new
            MemoryRepository({each.student.student_id: each.student for each in families}),  # type: ignore[arg-type]  # as above
            MemoryRepository({each.guardian.guardian_id: each.guardian for each in families}),  # type: ignore[arg-type]  # as above
            MemoryRepository(),
        ),
        suppressions=MemoryRepository(),
        renderer=JinjaRenderer("Backpack <backpack@schools.example.org>"),
        rules=DistrictPolicies("").rules(DISTRICT, on=now.date()),
        now=now,
    )


def _kept(value: Any, known: Any) -> Any:
    return value if known is None else None


def _epoch(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def _cpu_s(process: psutil.Process) -> float:
    every = [process, *process.children(recursive=True)]
    return sum(sum(each.cpu_times()[:2]) for each in every)


def _counted(url: str) -> float:
    text = requests.get(f"{url}/metrics", timeout=30).text
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name.endswith("messages_settled_total") and sample.labels.get("outcome") == "accepted"
    )


class Memory:
    """Watches how much memory processes take; the most of all counts."""

    def __init__(self, processes: Sequence[psutil.Process]) -> None:
        self.most_bytes = 0
        self._processes = processes
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.5):
            self.most_bytes = max(self.most_bytes, sum(each.memory_info().rss for each in self._processes))


@contextmanager
def made() -> Iterator[Bed]:
    """Start all but the service; everything and its data goes in the end."""
    local = paths.LOCAL / "bench"
    local.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=local, prefix="notifications-") as name, ExitStack() as running:
        directory = Path(name)
        for part in ("broker", "store", "mail", "sms"):
            (directory / part).mkdir()
        broker = running.enter_context(testing.running_broker(directory / "broker"))
        store = running.enter_context(testing.running_store(directory / "store"))
        mail = running.enter_context(testing.running_mail_sink(directory / "mail"))
        sms = running.enter_context(testing.running_sms(directory / "sms", step_s=1.0))
        mongo.connect(store.mongo_url, _DATABASE)
        mongo.create_indexes(documents)
        running.callback(mongoengine.disconnect_all)
        yield Bed(directory, broker, brokers.add_vhost(broker.node, "bench"), store, mail, sms)
