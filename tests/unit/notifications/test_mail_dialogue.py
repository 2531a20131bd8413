"""One SMTP connection for a batch: what is said on it decides what becomes of each mail."""

import smtplib
from typing import Any

import pytest
import requests
from tests.unit.notifications.notification_examples import RULES, Examples

from notifications.clients.pace import Pace
from notifications.clients.smtp import SmtpGateway
from notifications.domain.delivery import (
    Absent,
    Accepted,
    Answer,
    CannotTell,
    Found,
    NoAnswer,
    Outcome,
    Postponed,
    Refused,
    Unclear,
    Untried,
)
from notifications.domain.messages import Message
from notifications.domain.reasons import Reason

SENDER = "Backpack <backpack@district.example>"
TAKEN = Accepted("<m-1@district.example>")


class ScriptedSmtp:
    """A connection that answers each command as it is told, 250 if nothing is said."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = answers
        self.said: list[str] = []
        self.sent = b""
        self.sock = None

    def mail(self, sender: str) -> tuple[int, bytes]:
        return self._answer("MAIL")

    def rcpt(self, to: str) -> tuple[int, bytes]:
        return self._answer("RCPT")

    def docmd(self, command: str) -> tuple[int, bytes]:
        return self._answer("DATA", (354, b"go on"))

    def send(self, content: bytes) -> None:
        self.sent = content

    def getreply(self) -> tuple[int, bytes]:
        return self._answer("verdict")

    def rset(self) -> tuple[int, bytes]:
        return self._answer("RSET")

    def quit(self) -> tuple[int, bytes]:
        return self._answer("QUIT")

    def close(self) -> None:
        self.said.append("close")

    def _answer(self, command: str, usual: tuple[int, bytes] = (250, b"ok")) -> tuple[int, bytes]:
        self.said.append(command)
        answer = self.answers.get(command, usual)
        if isinstance(answer, Exception):
            raise answer
        found: tuple[int, bytes] = answer
        return found


class ScriptedRelay:
    """Gives one scripted connection after the other, or an error."""

    def __init__(self, *connections: Any) -> None:
        self.connections = list(connections)

    def connect(self, our_name: str) -> Any:
        assert our_name == "district.example"
        connection = self.connections.pop(0)
        if isinstance(connection, Exception):
            raise connection
        return connection


def gateway(relay: Any, trace_url: str = "") -> SmtpGateway:
    return SmtpGateway(relay, email_from=SENDER, trace_url=trace_url, pace=Pace(1000))


def sent(relay: ScriptedRelay, *messages: Message, may_go_on: bool = True) -> list[Outcome]:
    found = gateway(relay).send_all(messages, rules=RULES, may_go_on=lambda: may_go_on)
    return [outcome for _, outcome in found]


def mail(make: Examples, name: str = "m-1", **content: str) -> Message:
    parts = {"subject": "Hello", "html": "<p>Hello</p>", "calendar": "BEGIN:VCALENDAR", **content}
    whole = make.content(**parts)
    return make.sending(message_id=name, address="ana@example.org", content=whole)


def test_a_batch_shares_one_connection(make: Examples) -> None:
    smtp = ScriptedSmtp({})

    outcomes = sent(ScriptedRelay(smtp), mail(make), mail(make, "m-2"))

    assert outcomes == [TAKEN, Accepted("<m-2@district.example>")]
    assert smtp.said == ["MAIL", "RCPT", "DATA", "verdict"] * 2


def test_the_next_batch_uses_the_connection_of_the_last_one(make: Examples) -> None:
    smtp = ScriptedSmtp({})
    relay = gateway(ScriptedRelay(smtp))

    for name in ("m-1", "m-2"):
        assert list(relay.send_all([mail(make, name)], rules=RULES, may_go_on=lambda: True))

    assert smtp.said == ["MAIL", "RCPT", "DATA", "verdict"] * 2


@pytest.mark.parametrize("gone", [smtplib.SMTPServerDisconnected(), OSError(), (421, b"4.4.2 idle too long")])
def test_a_connection_that_broke_while_it_rested_is_replaced(make: Examples, gone: Any) -> None:
    first, second = ScriptedSmtp({}), ScriptedSmtp({})
    relay = gateway(ScriptedRelay(first, second))

    [(_, before)] = relay.send_all([mail(make)], rules=RULES, may_go_on=lambda: True)
    first.answers["MAIL"] = gone
    [(_, after)] = relay.send_all([mail(make)], rules=RULES, may_go_on=lambda: True)

    assert [before, after] == [TAKEN, TAKEN]
    assert second.said == ["MAIL", "RCPT", "DATA", "verdict"]


def test_a_connection_that_rested_long_is_not_used_again(
    make: Examples, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = ScriptedSmtp({}), ScriptedSmtp({})
    relay = gateway(ScriptedRelay(first, second))

    list(relay.send_all([mail(make)], rules=RULES, may_go_on=lambda: True))
    monkeypatch.setattr("notifications.clients.smtp._REST_S", 0.0)
    list(relay.send_all([mail(make)], rules=RULES, may_go_on=lambda: True))

    assert first.said[-1] == "QUIT"
    assert second.said == ["MAIL", "RCPT", "DATA", "verdict"]


def test_a_batch_that_is_given_up_leaves_no_connection(make: Examples) -> None:
    smtp = ScriptedSmtp({})

    outcomes = gateway(ScriptedRelay(smtp)).send_all(
        [mail(make), mail(make, "m-2")], rules=RULES, may_go_on=lambda: True
    )
    next(outcomes)
    outcomes.close()  # type: ignore[attr-defined]  # it is a generator

    assert smtp.said[-1] == "QUIT"


def test_a_line_of_one_dot_does_not_end_the_mail(make: Examples) -> None:
    smtp = ScriptedSmtp({})

    sent(ScriptedRelay(smtp), mail(make, text="before\n.\n.after\n"))

    assert smtp.sent.count(b"\r\n.\r\n") == 1
    assert b"\r\n.after" not in smtp.sent
    assert smtp.sent.endswith(b"\r\n.\r\n")
    assert smtp.sent.count(b"\r\n.\r\n") == 1


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ({"MAIL": (530, b"5.7.0 log in first")}, Refused(Reason.CONTENT_REFUSED)),
        ({"RCPT": (550, b"5.1.1 unknown")}, Refused(Reason.ADDRESS_REFUSED, suppress=True)),
        ({"RCPT": (451, b"4.3.0 later")}, Postponed(Reason.PROVIDER_BUSY)),
        ({"RCPT": (251, b"will forward")}, TAKEN),
        ({"DATA": (451, b"later")}, Postponed(Reason.PROVIDER_BUSY)),
        ({"verdict": (554, b"5.6.0 spam")}, Refused(Reason.CONTENT_REFUSED)),
        ({"verdict": (451, b"later")}, Postponed(Reason.PROVIDER_BUSY)),
        ({"RCPT": (421, b"closing")}, Postponed(Reason.PROVIDER_BUSY)),
        ({"MAIL": TimeoutError()}, Postponed(Reason.PROVIDER_UNREACHABLE)),
        ({"RCPT": smtplib.SMTPServerDisconnected()}, Postponed(Reason.PROVIDER_UNREACHABLE)),
        ({"verdict": TimeoutError()}, Unclear(Reason.ANSWER_LOST)),
        ({"verdict": smtplib.SMTPServerDisconnected()}, Unclear(Reason.ANSWER_LOST)),
        ({"RCPT": (451, b"later"), "RSET": OSError()}, Postponed(Reason.PROVIDER_BUSY)),
        ({"QUIT": smtplib.SMTPServerDisconnected()}, TAKEN),
    ],
)
def test_case_3_only_what_came_after_the_last_byte_leaves_a_doubt(
    make: Examples, answers: dict[str, Any], outcome: Outcome
) -> None:
    assert sent(ScriptedRelay(ScriptedSmtp(answers)), mail(make)) == [outcome]


def test_case_6_a_refused_recipient_does_not_hold_up_the_next_one(make: Examples) -> None:
    smtp = ScriptedSmtp({"RCPT": (550, b"5.1.1 unknown")})

    sent(ScriptedRelay(smtp), mail(make), mail(make, "m-2"))

    assert smtp.said == ["MAIL", "RCPT", "RSET"] * 2


def test_after_a_cut_connection_the_next_mail_takes_another(make: Examples) -> None:
    relay = ScriptedRelay(
        ScriptedSmtp({"verdict": smtplib.SMTPServerDisconnected(), "QUIT": OSError()}), ScriptedSmtp({})
    )

    assert sent(relay, mail(make), mail(make)) == [Unclear(Reason.ANSWER_LOST), TAKEN]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ConnectionRefusedError(), Reason.PROVIDER_UNREACHABLE),
        (smtplib.SMTPConnectError(554, "no"), Reason.PROVIDER_UNREACHABLE),
        (smtplib.SMTPAuthenticationError(535, b"no"), Reason.PROVIDER_REFUSES_US),
    ],
)
def test_case_4_a_relay_out_of_reach_is_tried_once_a_batch(
    make: Examples, error: Exception, reason: Reason
) -> None:
    relay = ScriptedRelay(error)

    assert sent(relay, mail(make), mail(make, "m-2")) == [Postponed(reason)] * 2


def test_a_mail_that_cannot_be_written_does_not_hold_up_the_next_one(make: Examples) -> None:
    broken = mail(make, subject="two\nlines")

    assert sent(ScriptedRelay(ScriptedSmtp({})), broken, mail(make)) == [
        Refused(Reason.CONTENT_REFUSED),
        TAKEN,
    ]


def test_what_no_longer_fits_into_the_lease_is_given_back(make: Examples) -> None:
    assert sent(ScriptedRelay(), mail(make), may_go_on=False) == [Untried()]


class ScriptedTrace:
    """The relay's trace, in place of a session."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def get(self, url: str, *, params: dict[str, str], timeout: float) -> requests.Response:
        self.asked.append(params["message_id"])
        if isinstance(self.answer, Exception):
            raise self.answer
        made = requests.Response()
        made.status_code = 200
        made._content = self.answer.encode()
        return made


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ('{"accepted": true}', Found("<m-1@district.example>")),
        ('{"accepted": false}', Absent()),
        ("{}", NoAnswer()),
        ("no", NoAnswer()),
        (requests.ConnectTimeout(), NoAnswer()),
    ],
)
def test_case_2_the_trace_says_whether_a_mail_was_taken(make: Examples, said: Any, answer: Answer) -> None:
    asking, trace = gateway(ScriptedRelay(), "http://mail.example/trace"), ScriptedTrace(said)
    asking._http = trace  # type: ignore[assignment]  # a session's one method is enough

    assert asking.ask(make.unknown(), others=lambda ids: ()) == answer
    assert trace.asked == ["m-1@district.example"]


def test_without_a_trace_a_person_must_look(make: Examples) -> None:
    assert gateway(ScriptedRelay()).ask(make.unknown(), others=lambda ids: ()) == CannotTell()
