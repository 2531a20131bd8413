"""What is simulated ends before any provider, and comes back as a provider reports it."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import requests
from tests.unit.notifications.notification_examples import RULES, Examples, ScriptedGateway

from chassis.policy import PolicyError
from notifications.clients.simulation import SandboxGateway, SimulatedReceipts
from notifications.domain.delivery import Absent, Accepted, Found, Outcome, Postponed, Refused, Untried
from notifications.domain.messages import Message
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel
from notifications.domain.sandbox import Ending, Sandbox
from notifications.entrypoints.webhooks import SignatureCheck
from notifications.repository import DistrictPolicies

PACKAGED = DistrictPolicies("").rules("jcps", on=date(2026, 11, 22)).sandbox
CHECK = SignatureCheck(auth_token="secret", public_url="https://school.example")


def sent(
    gateway: ScriptedGateway, sandbox: Sandbox, *messages: Message
) -> tuple[list[tuple[str, Outcome]], list[tuple[str, str, Ending]]]:
    """Return how each message ended, and what was reported."""
    reported: list[tuple[str, str, Ending]] = []

    def report(message: Message, district: str, ending: Ending) -> None:
        reported.append((message.message_id, district, ending))

    outcomes = SandboxGateway(gateway, sandbox, report).send_all(
        messages, rules=replace(RULES, sandbox=sandbox), may_go_on=lambda: True
    )
    return [(message.message_id, outcome) for message, outcome in outcomes], reported


def test_a_simulated_recipient_is_kept_from_the_provider_and_everybody_else_is_not(
    make: Examples, gateway: ScriptedGateway
) -> None:
    for_real = make.sending(message_id="real")
    simulated = make.sending(message_id="simulated", address="+12025550171")

    outcomes, reported = sent(gateway, PACKAGED, simulated, for_real)

    assert outcomes == [("simulated", Accepted("SIM-simulated")), ("real", Accepted("SM-real"))]
    assert gateway.sent == ["real"]
    assert reported == [("simulated", "jcps", Ending.DELIVERED)]


def test_in_a_district_that_tries_things_out_nothing_reaches_a_provider(
    make: Examples, gateway: ScriptedGateway
) -> None:
    trying = replace(PACKAGED, everything=True)
    failing = make.sending(message_id="failing", address="+12025550172")
    gateway.answers = {"m-1": Found("SM-1"), "failing": Found("SM-2")}

    _, reported = sent(gateway, trying, make.sending(), failing)

    assert gateway.sent == []
    assert [ending for _, _, ending in reported] == [Ending.DELIVERED, Ending.PERMANENT_FAILURE]
    sandbox = SandboxGateway(gateway, trying, lambda *_: None)
    assert sandbox.ask(make.unknown(), others=lambda _: ()) == Absent()
    assert gateway.asked == []
    known = SandboxGateway(gateway, PACKAGED, lambda *_: None)
    assert known.ask(make.unknown(), others=lambda _: ()) == Found("SM-1")


def test_what_is_simulated_respects_its_lease_too(make: Examples, gateway: ScriptedGateway) -> None:
    simulated = make.sending(address="+12025550171")

    sandbox = SandboxGateway(gateway, PACKAGED, lambda *_: pytest.fail("nothing is reported"))
    [(_, outcome)] = sandbox.send_all([simulated], rules=RULES, may_go_on=lambda: False)

    assert outcome == Untried()


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("delivered", Accepted("SIM-m-1")),
        ("permanent-failure", Refused(Reason.ADDRESS_REFUSED, suppress=True)),
        ("temporary-failure", Postponed(Reason.PROVIDER_BUSY)),
    ],
)
def test_a_simulated_mail_ends_as_a_relay_would_end_it(
    make: Examples, gateway: ScriptedGateway, name: str, outcome: Outcome
) -> None:
    mail = make.sending(channel=Channel.EMAIL, address=f"simulate-{name}@simulated.example")

    assert sent(gateway, PACKAGED, mail) == ([("m-1", outcome)], [])


class _Webhook:
    """Takes what is posted, and fails when it is told to."""

    def __init__(self, fails: bool) -> None:
        self.fails = fails
        self.posted: list[tuple[str, dict[str, str], bool]] = []

    def post(self, url: str, *, data: dict[str, str], headers: dict[str, str], timeout: float) -> None:
        self.posted.append((url, data, headers["X-Twilio-Signature"] == CHECK.sign(url, data)))
        if self.fails:
            raise requests.ConnectionError


@pytest.mark.parametrize(
    ("ending", "last"),
    [
        (Ending.DELIVERED, {"MessageStatus": "delivered"}),
        (Ending.PERMANENT_FAILURE, {"MessageStatus": "undelivered", "ErrorCode": "30005"}),
        (Ending.TEMPORARY_FAILURE, {"MessageStatus": "undelivered", "ErrorCode": "30003"}),
    ],
)
def test_receipts_are_posted_to_the_real_webhook_with_the_real_signature(
    make: Examples, ending: Ending, last: dict[str, str]
) -> None:
    receipts = SimulatedReceipts(status_url="https://school.example/webhooks/sms/status", sign=CHECK.sign)
    webhook: Any = _Webhook(fails=False)
    receipts._http = webhook

    receipts.report(make.sending(), "jcps", ending)

    url = "https://school.example/webhooks/sms/status?district=jcps&message=m-1"
    assert webhook.posted == [
        (url, {"MessageSid": "SIM-m-1", "MessageStatus": "sent"}, True),
        (url, {"MessageSid": "SIM-m-1", **last}, True),
    ]


def test_a_webhook_that_is_out_of_reach_loses_its_receipts_and_fails_nothing(make: Examples) -> None:
    receipts = SimulatedReceipts(status_url="https://school.example/x", sign=CHECK.sign)
    webhook: Any = _Webhook(fails=True)
    receipts._http = webhook

    receipts.report(make.sending(), "jcps", Ending.DELIVERED)

    assert len(webhook.posted) == 1


@pytest.mark.parametrize(
    ("address", "reason"), [("911", "phone_invalid"), ("(202) 555-0171", "is not written as")]
)
def test_a_simulated_recipient_is_an_address_to_which_messages_are_sent(
    tmp_path: Path, address: str, reason: str
) -> None:
    simulated = {"channel": "sms", "address": address, "ending": "delivered"}
    version = {"version": "1", "effective": "2026-01-01", "everything": False, "simulated": [simulated]}
    (tmp_path / "jcps").mkdir()
    (tmp_path / "jcps" / "sandbox.json").write_text(json.dumps([version]))

    with pytest.raises(PolicyError, match=reason):
        DistrictPolicies(str(tmp_path))
