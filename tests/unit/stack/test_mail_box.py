"""The mail sink's memory."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest

from stack.mail.box import Mail, MailBox

AT = "2026-03-02T10:00:00.000+00:00"


def written(subject: str = "Your defense") -> bytes:
    message = EmailMessage()
    message["Subject"] = subject
    message["Message-ID"] = "<one@backpack>"
    message.set_content("Monday at nine.\n")
    message.add_alternative("<p>Monday at nine.</p>\n", subtype="html")
    message.add_attachment("BEGIN:VCALENDAR\r\n", subtype="calendar", filename="invite.ics")
    return message.as_bytes()


@pytest.fixture
def box(tmp_path: Path) -> MailBox:
    return MailBox(tmp_path)


def test_keeps_what_was_sent_and_says_what_is_in_it(box: MailBox) -> None:
    content = written()

    mail = box.add(content, sender="a@district.example", recipients=["Kim@home.example"], received_at=AT)

    assert mail == Mail(1, AT, "a@district.example", ("Kim@home.example",), "Your defense", "one@backpack")
    assert box.raw(1) == content
    assert box.content(1) == {
        "text": "Monday at nine.\n",
        "html": "<p>Monday at nine.</p>\n",
        "calendar": "BEGIN:VCALENDAR\n",
        "attachments": [{"name": "invite.ics", "content_type": "text/calendar", "size_bytes": 16}],
    }


def test_keeps_two_equal_mails_as_two(box: MailBox) -> None:
    for _ in range(2):
        box.add(written(), sender="a@x.example", recipients=["b@x.example"], received_at=AT)

    assert [mail.number for mail in box.find(to="B@x.example")] == [2, 1]
    assert [mail.number for mail in box.with_message_id("<one@backpack>")] == [1, 2]


def test_remembers_everything_after_a_restart(box: MailBox, tmp_path: Path) -> None:
    box.add(written("one"), sender="a@x.example", recipients=["b@x.example"], received_at=AT)

    again = MailBox(tmp_path)
    mail = again.add(written("two"), sender="a@x.example", recipients=["c@x.example"], received_at=AT)

    assert mail.number == 2
    assert [each.subject for each in again.find()] == ["two", "one"]
    assert [each.subject for each in again.find(limit=1)] == ["two"]


def test_shows_a_mail_that_is_not_even_mime(box: MailBox) -> None:
    mail = box.add(b"\xff\xfe no header", sender="", recipients=["b@x.example"], received_at=AT)

    assert mail.subject == ""
    assert box.get(mail.number) == mail


def test_forgets_on_demand(box: MailBox, tmp_path: Path) -> None:
    box.add(written(), sender="a@x.example", recipients=["b@x.example"], received_at=AT)

    box.clear()

    assert box.find() == []
    assert list(tmp_path.iterdir()) == []
