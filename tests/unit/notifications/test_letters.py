"""A mail as it is sent: what a mail program reads is what was written, and nothing else is in it."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from tests.unit.notifications.notification_examples import Examples

from notifications.clients.letters import letter
from notifications.domain.messages import Content

NOON = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


def written(content: Content, *, sender_name: str = "Backpack", to: str = "ana@example.org") -> bytes:
    return letter(
        content,
        message_id="m-1",
        email_from="Backpack <backpack@district.example>",
        sender_name=sender_name,
        to=to,
        written_at=NOON,
    )


def read(raw: bytes) -> EmailMessage:
    parsed = message_from_bytes(raw, policy=default)
    assert isinstance(parsed, EmailMessage)
    assert not parsed.defects
    return parsed


def whole(make: Examples, **parts: str) -> Content:
    return make.content(
        **{"subject": "Hello", "html": "<p>Hello</p>", "calendar": "BEGIN:VCALENDAR", **parts}
    )


@pytest.mark.parametrize(
    "text",
    [
        "Hello.\n",
        "Una línea en español, con eñe.\n\nY otra.\n",
        "\u0645\u0648\u0639\u062f \u0627\u0644\u0639\u0631\u0636\n",
        "\u092a\u0930\u0940\u0915\u094d\u0937\u093e\n" * 40,
        "a line of many characters " * 40 + "\n",
        ".\n..\n.begins with a dot\n--=m-1=--\nFrom the beginning\ntrailing blank \n",
        "= equals =20 and =\n",
    ],
)
def test_every_text_is_read_as_it_was_written(make: Examples, text: str) -> None:
    raw = written(whole(make, text=text, html=f"<p>{text}</p>"))

    parts = {part.get_content_type(): part.get_content() for part in read(raw).iter_parts()}

    assert parts["text/plain"].replace("\r\n", "\n").rstrip("\n") == text.rstrip("\n")
    assert text.rstrip("\n") in parts["text/html"].replace("\r\n", "\n")
    assert max(len(line) for line in raw.split(b"\r\n")) < 998
    assert b"\n" not in raw.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    "subject", ["Hello", "Defensa de Ñandú", "A very long subject " * 12, "\u0645\u0648\u0639\u062f " * 20]
)
def test_a_subject_is_read_as_it_was_written(make: Examples, subject: str) -> None:
    assert read(written(whole(make, subject=subject)))["Subject"].split() == subject.split()


@pytest.mark.parametrize(
    "name", ["Backpack", "Distrito Ñandú, Escuelas", 'The "Best", Inc.', "\u0645\u0648" * 10]
)
def test_a_sender_is_read_as_written(make: Examples, name: str) -> None:
    [sender] = read(written(whole(make), sender_name=name))["From"].addresses

    assert (sender.display_name, sender.addr_spec) == (name, "backpack@district.example")


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\r\n ", "\u2028", "\x85", "\x0b"])
def test_case_18_no_line_break_comes_into_a_header(make: Examples, end: str) -> None:
    with pytest.raises(ValueError, match="Subject must not contain a line break"):
        written(whole(make, subject=f"Hello{end}Bcc: eve@example.org"))
    with pytest.raises(ValueError, match="To must not contain a line break"):
        written(whole(make), to=f"ana@example.org{end}Bcc: eve@example.org")
    with pytest.raises(ValueError, match="From must not contain a line break"):
        written(whole(make), sender_name=f"Backpack{end}Bcc: eve@example.org")


def test_an_address_that_is_not_ascii_is_refused(make: Examples) -> None:
    with pytest.raises(ValueError, match="ascii"):
        written(whole(make), to="ñandú@example.org")


def test_a_mail_without_an_appointment_has_no_calendar(make: Examples) -> None:
    types = [part.get_content_type() for part in read(written(whole(make, calendar=""))).iter_parts()]

    assert types == ["text/plain", "text/html"]
