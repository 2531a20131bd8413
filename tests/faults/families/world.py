"""Everything from a district to its families: broker, store, providers that make trouble, two services."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from tests.faults.fleet import Worker
from tests.faults.servers import PROGRAMS, BrokerServer, StoreServer
from tests.faults.world import wait_for
from tests.integration.notifications.notifications_season import Season

from stack import environment, ports, testing
from stack import keys as issuer
from stack.http import answers

DISTRICT = "jcps"
DATABASE = "faults_families"

#: What goes wrong at the providers all the time; a call of 17 s outlives our time-out of 15 s.
MAIL_TROUBLE = {"failing": 0.02, "lost": 0.05, "slow": 0.002, "slow_s": 17.0}
SMS_TROUBLE = {**MAIL_TROUBLE, "late": 0.1, "late_s": 3.0, "repeated": 0.1}


@dataclass(frozen=True)
class World:
    """All of it.

    Attributes:
        database: the process of the document store.
        client: of that store.
        services: two processes that share the work.
    """

    broker: BrokerServer
    database: StoreServer
    client: MongoClient[dict[str, Any]]
    mail: testing.MailSink
    sms: testing.SmsSimulator
    directory: Path
    services: list[Worker] = field(default_factory=list)

    @property
    def store(self) -> Any:
        """The service's database."""
        return self.client[DATABASE]

    def start(self, count: int) -> None:
        """Start so many processes, and wait until they listen to what is published."""
        for each in self.services[:count]:
            each.start()
            assert wait_for(partial(answers, f"{each.url}/readyz"), 60), f"{each.name} is not ready"

    def season(self) -> Season:
        """Return what publishes the district's events, for one thread."""
        return Season(
            None,  # type: ignore[arg-type]  # nobody asks this one
            self.broker.amqp_url,
            self.database.mongo_url,
            self.mail,
            self.sms,
            district=DISTRICT,
        )

    def told_by_mail(self) -> Iterator[str]:
        """Yield the address of every mail that the sink took."""
        for path in (self.directory / "mail" / "mails").glob("*.json"):
            yield json.loads(path.read_text())["recipients"][0]

    def told_by_text(self) -> Iterator[str]:
        """Yield the number of every text that the simulator took."""
        seen = set()
        for line in (self.directory / "sms" / "messages" / "messages.jsonl").read_text().splitlines():
            text = json.loads(line)
            if text["sid"] not in seen:
                seen.add(text["sid"])
                yield text["to"]


@contextmanager
def made(directory: Path, *, trouble: bool = True, **variables: str) -> Iterator[World]:
    """Start everything but the services' processes, which get these variables."""
    with ExitStack() as running:
        for part in ("broker", "store", "mail", "sms", "keys", "policies", "logs"):
            (directory / part).mkdir(parents=True)
        broker = BrokerServer(directory / "broker")
        running.callback(broker.close)
        database = StoreServer(directory / "store")
        running.callback(database.kill)
        mail = running.enter_context(testing.running_mail_sink(directory / "mail"))
        sms = running.enter_context(testing.running_sms(directory / "sms"))
        if trouble:
            mail.trouble(**MAIL_TROUBLE)
            sms.trouble(**SMS_TROUBLE)
        _write_policy(directory / "policies")
        client = MongoClient[dict[str, Any]](database.mongo_url, tz_aware=True)
        running.callback(client.close)
        world = World(broker, database, client, mail, sms, directory)
        for number in range(2):
            world.services.append(_worker(world, number, variables))
            running.callback(world.services[-1].kill)
        yield world


def _write_policy(policies: Path) -> None:
    """Have what failed tried again soon; a run should not last for an hour."""
    packaged = json.loads((files("notifications") / "policy" / "delivery.json").read_text())
    for version in packaged:
        version["sending"] |= {"first_delay_s": 1, "longest_delay_s": 10, "ask_every_s": 5}
    (policies / DISTRICT).mkdir()
    (policies / DISTRICT / "delivery.json").write_text(json.dumps(packaged))


def _worker(world: World, number: int, more: Mapping[str, str]) -> Worker:
    (port,) = ports.free_ports(1)
    around = environment.Surroundings(
        amqp_url=world.broker.amqp_url,
        mongo_url=world.database.mongo_url,
        management_url="",
        keys=issuer.ensure(world.directory / "keys"),
        files=world.directory,
        smtp_url=world.mail.smtp_url,
        email_trace_url=f"{world.mail.http_url}/api/trace",
        sms_url=world.sms.url,
        sms_auth_token=world.sms.auth_token,
        public_url=f"http://127.0.0.1:{port}",
        calendar_key="not-a-secret-but-as-long-as-one-must-be",
    )
    variables = environment.of_service(
        "notifications", around, http_address=f"127.0.0.1:{port}", database=DATABASE
    )
    own = {
        "PYTHONPATH": str(PROGRAMS),
        "POLICY_DIR": str(world.directory / "policies"),
        "LOG_LEVEL": "WARNING",
        "SMS_ACCOUNT_SID": world.sms.account,
    }
    return Worker(
        f"service-{number}", ("-m", "families"), world.directory / "logs", {**variables, **own, **more}
    )
