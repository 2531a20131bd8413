"""The mail sink over SMTP and HTTP."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from stack import testing
from stack.http import direct_session
from stack.testing import MailSink


def letter(to: str, message_id: str = "<one@backpack>") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "backpack@district.example"
    message["To"] = to
    message["Subject"] = "Defensa de Ñandú"
    message["Message-ID"] = message_id
    message.set_content("El lunes a las nueve.\n")
    return message


def send(sink: MailSink, message: EmailMessage) -> None:
    address = urlsplit(sink.smtp_url)
    with smtplib.SMTP(address.hostname or "", address.port or 0) as client:
        client.send_message(message)


def fresh_address(start: str = "kim") -> str:
    return f"{start}-{uuid4().hex}@home.example"


def test_shows_what_was_sent(mail_sink: MailSink) -> None:
    to = fresh_address()

    send(mail_sink, letter(to))

    (mail,) = mail_sink.mails(to)
    assert (mail["subject"], mail["text"]) == ("Defensa de Ñandú", "El lunes a las nueve.\n")
    with direct_session() as session:
        listed = session.get(mail_sink.http_url, params={"to": to}, timeout=5)
        page = session.get(f"{mail_sink.http_url}/mails/{mail['number']}", timeout=5)
        missing = session.get(f"{mail_sink.http_url}/mails/999999", timeout=5)
    assert "Defensa de Ñandú" in listed.text
    assert "El lunes a las nueve." in page.text
    assert missing.status_code == 404


def test_removes_no_duplicates(mail_sink: MailSink) -> None:
    to = fresh_address()

    send(mail_sink, letter(to))
    send(mail_sink, letter(to))

    assert len(mail_sink.mails(to)) == 2


@pytest.mark.parametrize(("start", "code"), [("reject", 550), ("defer", 451)])
def test_refuses_those_made_for_it(mail_sink: MailSink, start: str, code: int) -> None:
    to = fresh_address(start)

    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        send(mail_sink, letter(to))

    assert refused.value.recipients[to][0] == code
    assert mail_sink.mails(to) == []


def test_can_be_asked_after_an_unknown_outcome(mail_sink: MailSink) -> None:
    to, message_id = fresh_address("cut"), f"{uuid4()}@backpack"

    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(mail_sink, letter(to, f"<{message_id}>"))

    with direct_session() as session:
        url = f"{mail_sink.http_url}/api/trace"
        known = session.get(url, params={"message_id": message_id}, timeout=5).json()
        unknown = session.get(url, params={"message_id": "other@backpack"}, timeout=5).json()
    assert (known["accepted"], unknown["accepted"]) == (True, False)


def test_remembers_mails_after_a_restart(tmp_path: Path) -> None:
    with testing.running_mail_sink(tmp_path) as first:
        send(first, letter("kim@home.example"))

    with testing.running_mail_sink(tmp_path) as second:
        assert [mail["subject"] for mail in second.mails("kim@home.example")] == ["Defensa de Ñandú"]
