"""Build an email from a message's content: text, HTML and the invitation as alternatives of one another."""

from datetime import datetime
from email.header import Header
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime, parseaddr
from typing import Any

from notifications.domain.messages import Content

#: Comes back with a bounce, also where the provider writes a Message-ID of its own.
REFERENCE_HEADER = "X-Backpack-Message"


class _SubjectHeader(UnstructuredHeader, BaseHeader):
    """A subject that is folded by the older `Header`.

    The newer way, where it breaks a line beside a word that it encodes, says a space twice, and begins a line
    that is too long with an empty one.
    """

    max_count = 1

    def fold(self, *, policy: "Policy[Any]") -> str:
        """Return the header with its line breaks."""
        folded = Header(self, "us-ascii" if self.isascii() else "utf-8", header_name=self.name)
        return f"{self.name}: {folded.encode(linesep=policy.linesep)}{policy.linesep}"


class _UnfoldedHeader(UnstructuredHeader, BaseHeader):
    """A header that stays on one line, up to the 998 characters of RFC 5322.

    The library would write a long address as encoded words, in which nobody looks for one.
    """

    def fold(self, *, policy: "Policy[Any]") -> str:
        """Return the line."""
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("subject", _SubjectHeader)
_HEADERS.map_to_type("list-unsubscribe", _UnfoldedHeader)
_POLICY = SMTP.clone(header_factory=_HEADERS)


def message_id_header(message_id: str, email_from: str) -> str:
    """Return the Message-ID of a message: the same at every attempt, so that it can be traced."""
    _, address = parseaddr(email_from)
    return f"<{message_id}@{address.rpartition('@')[2]}>"


def letter(
    content: Content,
    *,
    message_id: str,
    email_from: str,
    sender_name: str,
    to: str,
    written_at: datetime,
    unsubscribe_url: str = "",
    district: str = "",
) -> bytes:
    """Return a mail as it is sent, with CRLF; one recipient, so that no family sees another's address.

    Args:
        content: an email's.
        message_id: ours.
        email_from: the sender's address; a name in it is replaced by the district's.
        sender_name: as families know the district.
        to: a checked address with an ASCII domain.
        written_at: the mail's date.
        unsubscribe_url: by which its reader ends such mails; empty for what they must get.
        district: whose family it is, which the provider sends back with a bounce.
    """
    _, address = parseaddr(email_from)
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = Address(display_name=sender_name, addr_spec=address)
    mail["To"] = Address(addr_spec=to)
    mail["Subject"] = content.subject
    mail["Date"] = format_datetime(written_at)
    mail["Message-ID"] = message_id_header(message_id, email_from)
    mail[REFERENCE_HEADER] = f"{district}/{message_id}"
    # RFC 3834: no automatic reply to an automatic mail.
    mail["Auto-Submitted"] = "auto-generated"
    if unsubscribe_url:
        # RFC 8058; the relay's DKIM signature must cover both.
        mail["List-Unsubscribe"] = f"<{unsubscribe_url}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(content.text)
    mail.add_alternative(content.html, subtype="html")
    if content.calendar:
        # RFC 6047: the method of the calendar object is also said where a mail program looks for it.
        mail.add_alternative(
            content.calendar,
            subtype="calendar",
            params={"method": content.calendar_method.value, "name": "invitation.ics"},
        )
    # Last, because the parts take over what is said of the content before.
    mail["Content-Language"] = content.language
    return mail.as_bytes()
