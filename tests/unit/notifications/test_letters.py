"""A mail's header says what it was given, however its lines are broken."""

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from email.utils import parseaddr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.notifications.notification_examples import NOW
from tests.unit.notifications.notification_letters import SENDER

from notifications.clients.letters import letter
from notifications.domain.messages import Content

_LETTERS = st.characters(categories=["L", "N", "P", "S"], exclude_characters="\ufffd")
_SUBJECTS = st.lists(st.text(_LETTERS, min_size=1, max_size=30), min_size=1, max_size=12).map(" ".join)


def _mail(subject: str, *, sender_name: str = "Lincoln Elementary", to: str = "ana@example.org") -> bytes:
    content = Content(language="en", template_version="1", text="Hello", html="<p>Hello</p>")
    return letter(
        replace(content, subject=subject),
        message_id="m-1",
        email_from=SENDER,
        sender_name=sender_name,
        to=to,
        written_at=NOW + timedelta(hours=1),
    )


@pytest.mark.parametrize(
    "subject",
    [
        # Python breaks the first of these after "Subject:", and says a space of the others twice.
        "Cancelada: defensa de Maya, lunes, 30 de noviembre de 2026, 9:00 a.m. GMT-5",
        "Cancelada: defensa de Maya, lunes, 30 de noviembre de 2026, 9:00 a.\u202fm. EST",
        "Cancelada: defensa de Maya, lunes, 30 de noviembre de 2026, 9:00 a.m. hora estándar oriental",
        "أُلغي: عرض مايا، الاثنين، 30 نوفمبر 2026، 10:30 ص",
        "Maya",
    ],
)
def test_a_subject_is_read_as_it_was_written(subject: str) -> None:
    assert message_from_bytes(_mail(subject), policy=default)["Subject"] == subject


@settings(deadline=None)
@given(_SUBJECTS)
def test_any_subject_is_read_as_it_was_written_and_its_lines_are_short(subject: str) -> None:
    mail = _mail(subject)

    head = mail.partition(b"\r\n\r\n")[0]
    assert message_from_bytes(mail, policy=default)["Subject"] == subject
    assert head.isascii()
    assert all(len(line) <= 998 for line in head.split(b"\r\n"))


@pytest.mark.parametrize("name", ["Lincoln Elementary", 'Jefferson, "County" (x)', "École de Zoë", "مدارس"])
def test_a_sender_is_read_as_it_is_called(name: str) -> None:
    sender = message_from_bytes(_mail("Maya", sender_name=name), policy=default)["From"].addresses[0]

    assert sender.display_name.strip() == name
    assert sender.addr_spec == parseaddr(SENDER)[1]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028", "\x85"])
@pytest.mark.parametrize("header", ["subject", "sender_name", "to"])
def test_nothing_that_is_given_begins_another_header(header: str, end: str) -> None:
    given = {"subject": "Maya", header: f"ana@example.org{end}Bcc: eve@example.org"}

    with pytest.raises(ValueError, match="several lines"):
        _mail(**given)
