"""The mail sink and the SMS simulator make as much trouble as they are told to, and no more."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from stack import testing
from stack.http import direct_session
from stack.testing import MailSink, SmsSimulator
from stack.trouble import Fate, Trouble, Troublemaker

MAIL = "From: a@x.example\r\nMessage-ID: <one@x.example>\r\n\r\nHello.\r\n"


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[MailSink]:
    with testing.running_mail_sink(tmp_path) as running:
        yield running


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[SmsSimulator]:
    with testing.running_sms(tmp_path) as running:
        yield running


def send(sink: MailSink) -> None:
    address = urlsplit(sink.smtp_url)
    with smtplib.SMTP(address.hostname or "", address.port or 0) as client:
        client.sendmail("a@x.example", ["b@x.example"], MAIL)


def post(simulator: SmsSimulator) -> requests.Response:
    with direct_session() as session:
        return session.post(
            f"{simulator.url}/2010-04-01/Accounts/{simulator.account}/Messages.json",
            data={"To": "+15025550107", "From": "+15025550100", "Body": "Hello."},
            auth=(simulator.account, simulator.auth_token),
            timeout=5,
        )


def test_a_mail_that_fails_is_not_kept_and_the_next_one_is(sink: MailSink) -> None:
    sink.trouble(failing=1.0)
    with pytest.raises(smtplib.SMTPException, match="451"):
        send(sink)
    assert sink.mails() == []

    sink.trouble()
    send(sink)

    assert len(sink.mails()) == 1


def test_a_mail_whose_answer_is_lost_is_kept(sink: MailSink) -> None:
    sink.trouble(lost=1.0)

    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(sink)

    assert len(sink.mails()) == 1


def test_a_text_that_fails_is_not_kept(simulator: SmsSimulator) -> None:
    simulator.trouble(failing=1.0)

    assert post(simulator).status_code in {429, 500, 503}
    assert simulator.messages() == []


def test_a_text_whose_answer_is_lost_or_late_is_kept(simulator: SmsSimulator) -> None:
    simulator.trouble(lost=1.0)
    with pytest.raises(requests.ConnectionError):
        post(simulator)
    simulator.trouble(slow=1.0, slow_s=30)
    with pytest.raises(requests.ReadTimeout):
        post(simulator)

    assert len(simulator.messages()) == 2


@pytest.mark.parametrize("asked", [{"worse": 1.0}, {"slow": "often"}, [1]])
def test_trouble_that_nobody_knows_is_refused(sink: MailSink, asked: object) -> None:
    with direct_session() as session:
        assert session.put(f"{sink.http_url}/api/trouble", json=asked, timeout=5).status_code == 400


def test_the_shares_are_kept_to() -> None:
    maker = Troublemaker(seed=5)
    maker.trouble = Trouble(failing=0.1, slow=0.2, lost=0.3)

    drawn = [maker.fate() for _ in range(10_000)]

    assert [round(drawn.count(fate) / len(drawn), 1) for fate in Fate] == [0.4, 0.1, 0.2, 0.3]
