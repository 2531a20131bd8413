"""One connection to a mail relay, and what its answers say of a mail."""

import re
import smtplib
import ssl
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from notifications.domain.delivery import (
    Accepted,
    Outcome,
    Postponed,
    Refused,
    Unclear,
)
from notifications.domain.reasons import Reason

_CONNECT_TIMEOUT_S = 5.0
_COMMAND_TIMEOUT_S = 5.0
#: A relay may look into the mail before it says that it took it.
_VERDICT_TIMEOUT_S = 15.0
#: EHLO, MAIL, RCPT and DATA come before the verdict.
_COMMANDS = 4

#: One mail takes no longer.
LONGEST_MAIL_S = _CONNECT_TIMEOUT_S + _COMMANDS * _COMMAND_TIMEOUT_S + _VERDICT_TIMEOUT_S

_GOOD = 250
_GO_ON = 354
_CLOSING = 421
_FIRST_TEMPORARY, _FIRST_PERMANENT = 400, 500
#: RFC 3463: the class-5 subjects that blame the address, and not the mail or us.
_BAD_ADDRESS = re.compile(rb"^5\.(?:1\.[0-9]+|2\.[01])\b")
_ENHANCED = re.compile(rb"^[245]\.\d{1,3}\.\d{1,3}\b")
_NO_SUCH_MAILBOX = frozenset({550, 551, 553})


@dataclass(frozen=True)
class Relay:
    """Where mails are handed over, as an `smtp`, `smtp+starttls` or `smtps` URL says."""

    url: str

    def connect(self, our_name: str) -> smtplib.SMTP:
        """Return a connection that may send.

        Raises:
            OSError: if the relay is out of reach.
            smtplib.SMTPException: if it does not want us.
        """
        parts = urlsplit(self.url)
        host, port = parts.hostname or "", parts.port or 0
        if parts.scheme == "smtps":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                host, port, our_name, timeout=_CONNECT_TIMEOUT_S, context=ssl.create_default_context()
            )
        else:
            smtp = smtplib.SMTP(host, port, our_name, timeout=_CONNECT_TIMEOUT_S)
        if parts.scheme == "smtp+starttls":
            smtp.starttls(context=ssl.create_default_context())
        smtp.ehlo_or_helo_if_needed()
        if parts.username:
            smtp.login(unquote(parts.username), unquote(parts.password or ""))
        return smtp


class _Verdict(Exception):  # noqa: N818 - it ends a dialogue, and is no error
    """The relay answered a command in a way that settles the mail."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


class Dialogue:
    """One connection, opened when it is first needed and again after it was lost."""

    def __init__(self, relay: Relay, sender: str) -> None:
        self._relay = relay
        self._sender = sender
        self._smtp: smtplib.SMTP | None = None
        self._out_of_reach: Reason | None = None
        #: Whether it has rested: the relay may have hung up meanwhile.
        self._rested = False

    def rest(self) -> bool:
        """Let it rest until it is used again; False if there is nothing to use again."""
        self._rested = True
        return self._smtp is not None

    def close(self) -> None:
        """Hang up."""
        self._hang_up()

    def hand_over(self, mail: bytes, *, to: str, provider_id: str) -> Outcome:
        """Return how handing over one mail ended; before its last byte went out, nothing was taken."""
        try:
            smtp = self._announced(to)
        except _Verdict as verdict:
            return verdict.outcome
        except smtplib.SMTPAuthenticationError:
            return self._gone(Reason.PROVIDER_REFUSES_US)
        except (OSError, smtplib.SMTPException):
            return self._gone(Reason.PROVIDER_UNREACHABLE)
        try:
            _timeout(smtp, _VERDICT_TIMEOUT_S)
            smtp.send(_dotted(mail))
            code, text = smtp.getreply()
        except (OSError, smtplib.SMTPException):
            self._hang_up()
            return Unclear(Reason.ANSWER_LOST)
        if code == _GOOD:
            return Accepted(provider_id)
        return self._refused(code, text, about_address=False)

    def _announced(self, to: str) -> smtplib.SMTP:
        """Return the connection, waiting for the mail's bytes."""
        smtp, (code, text) = self._begun()
        if code != _GOOD:
            raise _Verdict(self._refused(code, text, about_address=False))
        code, text = smtp.rcpt(to)
        if code not in (_GOOD, 251):
            raise _Verdict(self._refused(code, text, about_address=True))
        code, text = smtp.docmd("DATA")
        if code != _GO_ON:
            raise _Verdict(self._refused(code, text, about_address=False))
        return smtp

    def _begun(self) -> tuple[smtplib.SMTP, tuple[int, bytes]]:
        """Return the connection and its answer to MAIL; one that broke while it rested is replaced."""
        smtp = self._connected()
        _timeout(smtp, _COMMAND_TIMEOUT_S)
        rested, self._rested = self._rested, False
        try:
            code, text = smtp.mail(self._sender)
        except (OSError, smtplib.SMTPException):
            if not rested:
                raise
            code, text = _CLOSING, b""
        if rested and code == _CLOSING:
            self._hang_up()
            return self._begun()
        return smtp, (code, text)

    def _connected(self) -> smtplib.SMTP:
        if self._out_of_reach is not None:
            # The others of this batch need not each wait for a time-out.
            raise _Verdict(Postponed(self._out_of_reach))
        if self._smtp is None:
            self._smtp = self._relay.connect(self._sender.rpartition("@")[2])
        return self._smtp

    def _refused(self, code: int, text: bytes, *, about_address: bool) -> Outcome:
        if code == _CLOSING:
            self._hang_up()
        elif self._smtp is not None:
            self._reset(self._smtp)
        return outcome_of(code, text, about_address=about_address)

    def _reset(self, smtp: smtplib.SMTP) -> None:
        try:
            smtp.rset()
        except (OSError, smtplib.SMTPException):
            self._hang_up()

    def _gone(self, reason: Reason) -> Outcome:
        self._hang_up()
        self._out_of_reach = reason
        return Postponed(reason)

    def _hang_up(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            try:
                smtp.quit()
            except (OSError, smtplib.SMTPException):
                smtp.close()


def outcome_of(code: int, text: bytes, *, about_address: bool) -> Outcome:
    """Return what a relay's answer other than "yes" means for the mail.

    Args:
        code: of three digits (RFC 5321); smtplib puts 451 and 550 into one exception, so the code decides.
        text: after it, perhaps with an enhanced status code.
        about_address: whether it answers RCPT, the only command whose refusal may blame the address.
    """
    if _FIRST_TEMPORARY <= code < _FIRST_PERMANENT:
        return Postponed(Reason.PROVIDER_BUSY)
    if code < _FIRST_PERMANENT:
        # An answer that SMTP does not have: the relay is out of order.
        return Postponed(Reason.PROVIDER_FAILED)
    if about_address:
        blamed = _BAD_ADDRESS.match(text) if _ENHANCED.match(text) else code in _NO_SUCH_MAILBOX
        return Refused(Reason.ADDRESS_REFUSED, suppress=True) if blamed else Refused(Reason.CARRIER_FILTERED)
    return Refused(Reason.CONTENT_REFUSED)


def _timeout(smtp: smtplib.SMTP, seconds: float) -> None:
    if smtp.sock is not None:
        smtp.sock.settimeout(seconds)


def _dotted(mail: bytes) -> bytes:
    """Return the bytes after DATA (RFC 5321 section 4.5.2): dots doubled at line starts, and the end."""
    end = b"" if mail.endswith(b"\r\n") else b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", mail) + end + b".\r\n"
