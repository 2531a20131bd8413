"""The real parts of the stack for tests: each starts on free ports, is ready, and leaves nothing."""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stack import broker as brokers
from stack import environment, packages, paths, ports, processes, servers
from stack import keys as issuer
from stack import store as stores
from stack.http import TIMEOUT_S, answers, ask, direct_session

#: What takes 6 s on a machine that does nothing else takes more than a minute beside a test run.
START_TIMEOUT_S = 100.0


@dataclass(frozen=True)
class BrokerAddress:
    """Where a running broker is.

    Attributes:
        amqp_url: of its default virtual host.
        management_url: with user and password in it.
        node: the broker itself, to make virtual hosts with `stack.broker`.
        process: the node, for tests that kill it.
    """

    amqp_url: str
    management_url: str
    node: brokers.Broker
    process: subprocess.Popen[bytes]


@dataclass(frozen=True)
class StoreAddress:
    """Where a running store is."""

    mongo_url: str
    process: subprocess.Popen[bytes]


@contextmanager
def running(command: processes.Command, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process for a while."""
    process = processes.start(command, log)
    try:
        yield process
    finally:
        processes.stop(process)


@contextmanager
def running_broker(directory: Path) -> Iterator[BrokerAddress]:
    """Run a RabbitMQ node that keeps everything in this folder."""
    amqp, management, prometheus, distribution, epmd = ports.free_ports(5)
    node = brokers.Broker(
        directory=directory,
        ports=brokers.BrokerPorts(amqp, management, prometheus, distribution, epmd),
        parts=packages.locate(paths.SYSTEM),
        password=secrets.token_urlsafe(12),
    )
    # A test declares the topology that it is about.
    brokers.write_files(node, directory / "no-definitions")
    log = directory / "broker.out"
    with running(node.epmd_command(), log), running(node.node_command(), log) as process:
        try:
            _wait(lambda: brokers.accepts_amqp(node), "the test broker", process, log)
            yield BrokerAddress(node.amqp_url, node.management_url, node, process)
        finally:
            # Its data is thrown away, so it need not shut down in order, which takes 6 s.
            process.kill()


@contextmanager
def running_store(directory: Path) -> Iterator[StoreAddress]:
    """Run a document store that keeps everything in this folder."""
    (port,) = ports.free_ports(1)
    store = stores.Store(directory, port)
    stores.write_files(store)
    log = directory / "store.out"
    with running(store.command(), log) as process:
        try:
            _wait(lambda: stores.answers(store), "the test store", process, log)
            yield StoreAddress(store.mongo_url, process)
        finally:
            process.kill()


@dataclass(frozen=True)
class ServiceAddress:
    """A running service.

    Attributes:
        url: where it listens, without a slash at the end.
        process: the service itself, for tests that stop or kill it.
        environment: what it was started with.
        log: what it says.
        keys: of the issuer whose tokens it takes.
    """

    url: str
    process: subprocess.Popen[bytes]
    environment: Mapping[str, str]
    log: Path
    keys: issuer.Keys

    def token(
        self, subject: str, role: str, students: Collection[str] | None = None, district: str = "jcps"
    ) -> str:
        """Return a bearer token; see `stack.keys.Keys.token`."""
        return self.keys.token(subject, role, students, district)


@contextmanager
def running_service(
    name: str,
    directory: Path,
    *,
    amqp_url: str,
    mongo_url: str,
    database: str,
    extra_env: Mapping[str, str] | None = None,
    ready: str = "/readyz",
) -> Iterator[ServiceAddress]:
    """Run `python -m <name>` until it answers 200 at `ready`, and stop it with SIGTERM.

    Args:
        name: of the service.
        directory: for its keys, files and log; a second start with the same one takes the same tokens.
        amqp_url: of a virtual host, which the fixture `vhost` gives.
        mongo_url: what the fixture of this name gives.
        database: what the fixture of this name gives.
        extra_env: over what the local stack would set; PUBLIC_URL is the service's own address.
        ready: the path that tells that it can be used.
    """
    (port,) = ports.free_ports(1)
    url = f"http://127.0.0.1:{port}"
    around = _surroundings(directory, amqp_url=amqp_url, mongo_url=mongo_url, public_url=url)
    variables = {
        **environment.of_service(name, around, http_address=f"127.0.0.1:{port}", database=database),
        **(extra_env or {}),
    }
    command = processes.Command(name, (sys.executable, "-m", name), directory, variables)
    log = directory / f"{name}.log"
    with running(command, log) as process:
        _wait(lambda: answers(url + ready), f"the service {name}", process, log)
        yield ServiceAddress(url, process, variables, log, around.keys)


@dataclass(frozen=True)
class RelayAddress:
    """A running relay: its process, for tests that stop or kill it, and what it says."""

    process: subprocess.Popen[bytes]
    log: Path


@contextmanager
def running_relay(
    name: str,
    directory: Path,
    *,
    amqp_url: str,
    mongo_url: str,
    database: str,
    extra_env: Mapping[str, str] | None = None,
) -> Iterator[RelayAddress]:
    """Run `backpack relay <name>`, which publishes what HTTP calls and timers of a service led to."""
    around = _surroundings(directory, amqp_url=amqp_url, mongo_url=mongo_url, public_url="http://127.0.0.1")
    variables = {
        **environment.of_service(name, around, http_address="127.0.0.1:1", database=database),
        **(extra_env or {}),
    }
    command = processes.Command(
        "relay", (str(paths.PROGRAMS / "backpack"), "relay", name), directory, variables
    )
    log = directory / f"relay-{name}.log"
    with running(command, log) as process:
        yield RelayAddress(process, log)


def _surroundings(
    directory: Path, *, amqp_url: str, mongo_url: str, public_url: str
) -> environment.Surroundings:
    files = directory / "files"
    files.mkdir(parents=True, exist_ok=True)
    return environment.Surroundings(
        amqp_url=amqp_url,
        mongo_url=mongo_url,
        management_url="",
        keys=issuer.ensure(directory / "keys"),
        files=files,
        # Nothing listens there: a test which lets something out says where to, in extra_env.
        smtp_url="smtp://127.0.0.1:1",
        email_trace_url="http://127.0.0.1:1/api/trace",
        sms_url="http://127.0.0.1:1",
        sms_auth_token="not-a-secret",  # noqa: S106 - of nobody
        calendar_key="not-a-secret-but-as-long-as-one-must-be",
        public_url=public_url,
    )


@dataclass(frozen=True)
class MailSink:
    """A running mail sink.

    Attributes:
        smtp_url: where mails go.
        http_url: of its pages and API, without a slash at the end.
    """

    smtp_url: str
    http_url: str
    process: subprocess.Popen[bytes]

    @property
    def environment(self) -> dict[str, str]:
        """Return what makes the notifications service send here."""
        return {"SMTP_URL": self.smtp_url, "EMAIL_TRACE_URL": f"{self.http_url}/api/trace"}

    def trouble(self, **shares: float) -> None:
        """Have so much go wrong from now on; see `stack.trouble.Trouble`."""
        _make_trouble(self.http_url, shares)

    def mails(self, to: str = "") -> list[dict[str, Any]]:
        """Return the mails to one address or to all, newest first, as `/api/mails` tells them."""
        return list(ask(f"{self.http_url}/api/mails", to=to)["mails"])


@contextmanager
def running_mail_sink(directory: Path) -> Iterator[MailSink]:
    """Run a mail sink that keeps its mails in this folder."""
    smtp_port, http_port = ports.free_ports(2)
    url = f"http://127.0.0.1:{http_port}"
    command = servers.mail_sink(directory, smtp_port=smtp_port, http_port=http_port)
    log = directory / "mail.log"
    with running(command, log) as process:
        _wait(lambda: answers(f"{url}/readyz"), "the mail sink", process, log)
        yield MailSink(f"smtp://127.0.0.1:{smtp_port}", url, process)


@dataclass(frozen=True)
class SmsSimulator:
    """A running SMS simulator.

    Attributes:
        url: of its API and page, without a slash at the end; in place of https://api.twilio.com.
        account: the account's id.
        auth_token: its secret.
    """

    url: str
    account: str
    auth_token: str
    process: subprocess.Popen[bytes]

    @property
    def environment(self) -> dict[str, str]:
        """Return what makes the notifications service send here."""
        return {"SMS_URL": self.url, "SMS_ACCOUNT_SID": self.account, "SMS_AUTH_TOKEN": self.auth_token}

    def trouble(self, **shares: float) -> None:
        """Have so much go wrong from now on; see `stack.trouble.Trouble`."""
        _make_trouble(self.url, shares)

    def messages(self, to: str = "") -> list[dict[str, Any]]:
        """Return the messages to one number or to all, newest first, as `/api/messages` tells them."""
        return list(ask(f"{self.url}/api/messages", to=to)["messages"])

    def answer(self, sender: str, body: str, *, webhook: str, to: str = "") -> int | None:
        """Write to the platform as a recipient, and return the status of the webhook's answer."""
        with direct_session() as session:
            form = {"From": sender, "Body": body, "To": to, "Webhook": webhook}
            answer = session.post(f"{self.url}/api/inbound", data=form, timeout=60)
        answer.raise_for_status()
        status: int | None = answer.json()["webhook_status"]
        return status


@contextmanager
def running_sms(
    directory: Path, *, inbound_url: str = "", step_s: float = 0.02, account: str = environment.SMS_ACCOUNT
) -> Iterator[SmsSimulator]:
    """Run an SMS simulator that keeps its messages in this folder.

    Args:
        directory: for its messages and log.
        inbound_url: the webhook for replies; `SmsSimulator.answer` can name another.
        step_s: how long a message stays in each state.
        account: the account's id; two providers of one service have two.
    """
    (port,) = ports.free_ports(1)
    url = f"http://127.0.0.1:{port}"
    token = secrets.token_hex(16)
    command = servers.sms(
        directory, port=port, auth_token=token, inbound_url=inbound_url, step_s=step_s, account=account
    )
    log = directory / "sms.log"
    with running(command, log) as process:
        _wait(lambda: answers(f"{url}/readyz"), "the SMS simulator", process, log)
        yield SmsSimulator(url, account, token, process)


def _make_trouble(url: str, shares: Mapping[str, float]) -> None:
    with direct_session() as session:
        session.put(f"{url}/api/trouble", json=dict(shares), timeout=TIMEOUT_S).raise_for_status()


def _wait(ready: Callable[[], bool], what: str, process: subprocess.Popen[bytes], log: Path) -> None:
    def alive() -> bool:
        return process.poll() is None

    processes.wait_until(ready, what=what, timeout_s=START_TIMEOUT_S, alive=alive, log=log)
