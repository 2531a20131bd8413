"""A service with two SMS providers and a mail provider that reports, whose watch over families is quick."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from tests.integration.notifications.notifications_season import Family, Season, wait_until

from stack import broker as brokers
from stack import environment, testing
from stack.http import direct_session

TOPIC = "arn:aws:sns:us-east-1:123456789012:bounces"
#: Kinds of districts by how they reach families.
KINDS: Mapping[str, Mapping[str, Any]] = {
    "plain": {},
    "texts": {"in_reserve": ["sms"]},
    "mails": {"in_reserve": ["email"]},
    # The day is near as soon as the first messages had a second.
    "near": {"listed_before_s": 20 * 86_400, "grace_s": 1},
    "hasty": {"receipt_patience_s": 0.5},
}
#: More than there are tests of a kind.
_DISTRICTS = 12
_QUICK = {"first_look_s": 0.5, "longest_look_s": 1, "listed_look_s": 0.5}


class Sns:
    """Stands for Amazon SNS: gives its certificate, signs, and notes which subscriptions were confirmed."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.confirmed: list[str] = []
        certificate = self._certificate()
        confirmed = self.confirmed

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if "ConfirmSubscription" in self.path:
                    confirmed.append(self.path)
                self.send_response(200)
                self.end_headers()
                self.wfile.write(certificate)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def notification(self, message: Mapping[str, Any], **fields: str) -> dict[str, str]:
        """Return a notification as SNS posts it, signed."""
        made = {
            "Type": "Notification",
            "MessageId": str(uuid4()),
            "TopicArn": TOPIC,
            "Message": json.dumps(message),
            "Timestamp": f"{datetime.now(UTC).isoformat(timespec='milliseconds')[:-6]}Z",
            "SignatureVersion": "2",
            "SigningCertURL": f"{self.url}/certificate.pem",
            **fields,
        }
        names = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
        text = "".join(f"{name}\n{made[name]}\n" for name in names if name in made)
        signed = self._key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        return {**made, "Signature": base64.b64encode(signed).decode()}

    def _certificate(self) -> bytes:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
        now = datetime.now(UTC)
        built = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(1)
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .sign(self._key, hashes.SHA256())
        )
        return built.public_bytes(serialization.Encoding.PEM)


@dataclass(frozen=True)
class Reaching:
    """The service with everything round it.

    Attributes:
        start: how to start it, or its relay, once more.
        districts: by kind, names of districts that no test has used.
    """

    service: testing.ServiceAddress
    start: Mapping[str, Any]
    second: testing.SmsSimulator
    sns: Sns
    districts: Mapping[str, Iterator[str]]


def write_policies(directory: Path, *, touchy_routes: bool) -> dict[str, Iterator[str]]:
    """Write the policies of districts of every kind, and of the routes; return the districts' names."""

    def packaged(name: str) -> list[dict[str, Any]]:
        text = (files("notifications") / "policy" / f"{name}.json").read_text()
        found: list[dict[str, Any]] = json.loads(text)
        return found

    def write(district: str, name: str, versions: list[dict[str, Any]]) -> None:
        (directory / district).mkdir(exist_ok=True)
        (directory / district / f"{name}.json").write_text(json.dumps(versions))

    if touchy_routes:
        touchy = [{**each, "most_errors": 2, "pause_after_errors_s": 0} for each in packaged("routes")]
        write("*", "routes", touchy)
    names: dict[str, list[str]] = {
        kind: [f"{kind}-{uuid4().hex[:12]}" for _ in range(_DISTRICTS)] for kind in KINDS
    }
    for kind, districts in names.items():
        for district in districts:
            reach = [{**each, **_QUICK, **KINDS[kind]} for each in packaged("reach")]
            delivery = packaged("delivery")
            for each in delivery:
                each["waiting"]["settle_s"] = 0
                each["sending"].update(first_delay_s=0.5, longest_delay_s=2, ask_every_s=1, proof_after_s=1)
            write(district, "reach", reach)
            write(district, "delivery", delivery)
    return {kind: iter(districts) for kind, districts in names.items()}


@contextmanager
def running_reach(
    directory: Path,
    *,
    broker: testing.BrokerAddress,
    store: testing.StoreAddress,
    mail_sink: testing.MailSink,
    step_s: float = 0.02,
    extra_env: Mapping[str, str] | None = None,
    touchy_routes: bool = False,
) -> Iterator[Reaching]:
    """Run the service with two SMS providers of its own and an SNS; `extra_env` goes over all.

    Touchy routes lose weight after three errors; others as the packaged policy says.
    """
    for name in ("policies", "first", "second", "service"):
        (directory / name).mkdir()
    policies = directory / "policies"
    districts = write_policies(policies, touchy_routes=touchy_routes)
    vhost = f"reach-{uuid4().hex}"
    sns = Sns()
    with (
        testing.running_sms(directory / "first", step_s=step_s) as first,
        testing.running_sms(
            directory / "second", step_s=step_s, account=environment.SMS_SECOND_ACCOUNT
        ) as second,
    ):
        start: dict[str, Any] = {
            "amqp_url": brokers.add_vhost(broker.node, vhost),
            "mongo_url": store.mongo_url,
            "database": f"test_{uuid4().hex}",
            "extra_env": {
                **mail_sink.environment,
                **first.environment,
                "SMS_SECOND_URL": second.url,
                "SMS_SECOND_ACCOUNT_SID": second.account,
                "SMS_SECOND_AUTH_TOKEN": second.auth_token,
                "SMS_SECOND_FROM": environment.SMS_SECOND_FROM,
                "EMAIL_EVENTS_TOPIC_ARN": TOPIC,
                "EMAIL_EVENTS_ORIGIN": sns.url.replace(".", r"\."),
                "POLICY_DIR": str(policies),
                **(extra_env or {}),
            },
        }
        with testing.running_service("notifications", directory / "service", **start) as service:
            yield Reaching(service, {**start, "first": first}, second, sns, districts)
    sns.close()
    brokers.remove_vhost(broker.node, vhost)


class ReachSeason(Season):
    """The world round a service that watches over families."""

    def __init__(self, around: Reaching, mail: testing.MailSink, *, kind: str = "plain") -> None:
        super().__init__(
            around.service,
            around.start["amqp_url"],
            around.start["mongo_url"],
            mail,
            around.start["first"],
            district=next(around.districts[kind]),
        )
        self.second = around.second
        self.sns = around.sns

    def post(self, path: str, body: Mapping[str, Any], role: str = "coordinator") -> requests.Response:
        token = self.service.token("coordinator-1", role, district=self.district)
        with direct_session() as session:
            return session.post(
                f"{self.service.url}{path}",
                json=dict(body),
                headers={"Authorization": f"Bearer {token}"},
                timeout=20,
            )

    def report(self, notification: Mapping[str, str]) -> int:
        """Post a notification as SNS does; return how it was answered."""
        with direct_session() as session:
            answer = session.post(
                f"{self.service.url}/webhooks/email/events",
                data=json.dumps(notification),
                headers={"Content-Type": "text/plain; charset=UTF-8"},
                timeout=20,
            )
        return answer.status_code

    def ses(self, family: Family, kind: str, bounce: str = "Permanent") -> dict[str, Any]:
        """Return what SES says of the family's newest mail, with the headers that it was sent with."""
        with direct_session() as session:
            raw = session.get(
                f"{self.mail.http_url}/mails/{self.mails(family)[-1]['number']}/raw", timeout=20
            )
        recipient = {"emailAddress": family.guardian.email}
        return {
            "notificationType": kind,
            "mail": {
                "destination": [family.guardian.email],
                "headers": [
                    {"name": name, "value": value} for name, value in message_from_bytes(raw.content).items()
                ],
            },
            "bounce": {"bounceType": bounce, "bounceSubType": "General", "bouncedRecipients": [recipient]},
            "complaint": {"complainedRecipients": [recipient]},
        }

    def wait_for(self, family: Family, channel: str, *ends: tuple[str, str | None]) -> tuple[str, str | None]:
        """Return how the family's message of a channel stands, once it is one of these ends."""

        def ended() -> tuple[str, str | None] | None:
            found = self.states(family).get(channel)
            return found if found in ends else None

        state: tuple[str, str | None] = wait_until(ended, f"the end of the {channel}")
        return state

    def unreached(self, **query: str) -> list[dict[str, Any]]:
        answer = self.get("/v1/unreached", "coordinator", **query)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def routes(self) -> dict[str, Any]:
        """Return the weights of the routes as they are kept."""
        return self._database()["routes"].find_one({"_id": "sms"}) or {}
