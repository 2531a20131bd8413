"""The SMS simulator over HTTP, as a client of Twilio sees it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

import pytest
import requests

from stack import processes, testing
from stack.http import direct_session
from stack.sms.signature import sign
from stack.testing import SmsSimulator

SENDER = "+15025550100"


@dataclass
class Webhook:
    """A receiver of webhooks: its address, what came, and with which statuses it answers first."""

    url: str = ""
    received: list[tuple[dict[str, str], str]] = field(default_factory=list)
    failures: list[int] = field(default_factory=list)

    def wait_for(self, count: int) -> None:
        processes.wait_until(lambda: len(self.received) >= count, what=f"{count} webhooks", timeout_s=10)


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    hook = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            hook.received.append((dict(parse_qsl(body)), self.headers["X-Twilio-Signature"]))
            self.send_response(hook.failures.pop(0) if hook.failures else 204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hook.url = f"http://127.0.0.1:{server.server_port}/webhooks/sms?x=1"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield hook
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def number() -> str:
    """Give one test a recipient of its own, without a magic ending."""
    return f"+1502{uuid4().int % 10_000_000:07}0"


def api(simulator: SmsSimulator, path: str = "") -> str:
    return f"{simulator.url}/2010-04-01/Accounts/{simulator.account}/Messages{path}.json"


def post(simulator: SmsSimulator, to: str, **more: str) -> requests.Response:
    form = {"To": to, "From": SENDER, "Body": "El lunes a las nueve.", **more}
    with direct_session() as session:
        return session.post(
            api(simulator), data=form, auth=(simulator.account, simulator.auth_token), timeout=5
        )


def listed(simulator: SmsSimulator, **query: str) -> list[dict[str, Any]]:
    with direct_session() as session:
        credentials = (simulator.account, simulator.auth_token)
        answer = session.get(api(simulator), params=query, auth=credentials, timeout=5)
    assert answer.status_code == 200
    return list(answer.json()["messages"])


def test_reports_each_state_signed(sms_simulator: SmsSimulator, webhook: Webhook, number: str) -> None:
    created = post(sms_simulator, number, StatusCallback=webhook.url)

    webhook.wait_for(2)
    sid = created.json()["sid"]
    assert (created.status_code, created.json()["status"]) == (201, "queued")
    assert [form["MessageStatus"] for form, _ in webhook.received] == ["sent", "delivered"]
    assert {form["MessageSid"] for form, _ in webhook.received} == {sid}
    for form, signature in webhook.received:
        assert signature == sign(sms_simulator.auth_token, webhook.url, form)


def test_reports_again_when_the_webhook_fails(
    sms_simulator: SmsSimulator, webhook: Webhook, number: str
) -> None:
    webhook.failures = [503]

    post(sms_simulator, number, StatusCallback=webhook.url)

    webhook.wait_for(3)
    assert [form["MessageStatus"] for form, _ in webhook.received] == ["sent", "sent", "delivered"]


def test_reports_what_could_not_be_delivered(sms_simulator: SmsSimulator, webhook: Webhook) -> None:
    post(sms_simulator, "+15025559998", StatusCallback=webhook.url)

    webhook.wait_for(2)
    form, _ = webhook.received[-1]
    assert (form["MessageStatus"], form["ErrorCode"]) == ("undelivered", "30003")


def test_can_be_asked_after_an_unknown_outcome(sms_simulator: SmsSimulator) -> None:
    with pytest.raises(requests.ConnectionError):
        post(sms_simulator, "+15025559995", Body="cut")

    found = listed(sms_simulator, **{"To": "+15025559995", "DateSent>": "2020-01-01T00:00:00Z"})
    before = listed(sms_simulator, **{"To": "+15025559995", "DateSent<": "2020-01-01"})
    assert [message["body"] for message in found] == ["cut"]
    assert before == []


def test_shows_one_message(sms_simulator: SmsSimulator, number: str) -> None:
    sid = post(sms_simulator, number).json()["sid"]

    with direct_session() as session:
        session.auth = (sms_simulator.account, sms_simulator.auth_token)
        message = session.get(api(sms_simulator, f"/{sid}"), timeout=5).json()
        missing = session.get(api(sms_simulator, "/SM0"), timeout=5)
        page = session.get(sms_simulator.url, params={"to": number}, timeout=5)
    assert (message["to"], message["from"], message["num_segments"]) == (number, SENDER, "1")
    assert (missing.status_code, missing.json()["code"]) == (404, 20404)
    assert "El lunes a las nueve." in page.text


@pytest.mark.parametrize(
    ("ending", "status", "code"), [("9999", 400, 21610), ("9997", 429, 20429), ("9996", 503, 20503)]
)
def test_fails_for_numbers_made_for_it(
    sms_simulator: SmsSimulator, ending: str, status: int, code: int
) -> None:
    refused = post(sms_simulator, f"+1502555{ending}")

    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert ("Retry-After" in refused.headers) == (status >= 429)


def test_lets_nobody_in_without_the_secret(sms_simulator: SmsSimulator) -> None:
    with direct_session() as session:
        answer = session.get(api(sms_simulator), auth=(sms_simulator.account, "wrong"), timeout=5)

    assert (answer.status_code, answer.json()["code"]) == (401, 20003)


def test_stops_writing_to_those_who_say_stop(
    sms_simulator: SmsSimulator, webhook: Webhook, number: str
) -> None:
    post(sms_simulator, number)

    status = sms_simulator.answer(number, " Stop ", webhook=webhook.url)

    ((form, signature),) = webhook.received
    assert status == 204
    assert (form["From"], form["To"], form["Body"], form["OptOutType"]) == (number, SENDER, " Stop ", "STOP")
    assert signature == sign(sms_simulator.auth_token, webhook.url, form)
    assert post(sms_simulator, number).json()["code"] == 21610
    sms_simulator.answer(number, "START", webhook=webhook.url)
    assert post(sms_simulator, number).status_code == 201


def test_goes_on_with_its_messages_after_a_restart(tmp_path: Path, number: str) -> None:
    with testing.running_sms(tmp_path, step_s=60) as first:
        post(first, number)

    with testing.running_sms(tmp_path) as second:
        processes.wait_until(
            lambda: [message["status"] for message in second.messages(number)] == ["delivered"],
            what="the delivery",
            timeout_s=10,
        )
