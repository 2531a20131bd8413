"""Build an email from a message's content: text, HTML and the invitation as alternatives of one another."""

from datetime import datetime
from email.contentmanager import raw_data_manager
from email.header import Header
from email.message import EmailMessage
from email.policy import Compat32
from email.utils import format_datetime, formataddr, parseaddr
from typing import Any

from notifications.domain.messages import Content

#: Comes back with a bounce, also where the provider writes a Message-ID of its own.
REFERENCE_HEADER = "X-Backpack-Message"


class _PlainHeaders(Compat32):
    """Headers that are written as they are given, and folded by the older `Header`.

    The newer policies parse each header into its grammar first, which takes two thirds of the time of a mail.
    They also say a space twice where they break a subject beside a word that they encode.
    """

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        """Return name and value as they are kept.

        Raises:
            ValueError: if the value would be more than one header.
        """
        if len(str(value).splitlines()) > 1:
            raise ValueError(f"the header {name} has several lines")
        return name, value

    def fold_binary(self, name: str, value: Any) -> bytes:
        """Return a header as it is sent; most fit into one line as they are."""
        if isinstance(value, str) and value.isascii() and len(name) + len(value) <= _FITS:
            return f"{name}: {value}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


class _OneLine(Header):
    """A header that stays on one line, up to the 998 characters of RFC 5322: half a link is none."""

    def encode(self, *_: Any, **__: Any) -> str:
        """Return the line."""
        return str(self)


_LINE = 78
_FITS = _LINE - len(": ")
_POLICY = _PlainHeaders(linesep="\r\n", max_line_length=_LINE, cte_type="8bit")


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
    mail["From"] = _mailbox(sender_name, address)
    mail["To"] = to
    mail["Subject"] = content.subject
    mail["Date"] = format_datetime(written_at)
    mail["Message-ID"] = message_id_header(message_id, email_from)
    mail[REFERENCE_HEADER] = f"{district}/{message_id}"
    # RFC 3834: no automatic reply to an automatic mail.
    mail["Auto-Submitted"] = "auto-generated"
    if unsubscribe_url:
        # RFC 8058; the relay's DKIM signature must cover both.
        mail["List-Unsubscribe"] = _OneLine(f"<{unsubscribe_url}>")
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(content.text, content_manager=raw_data_manager)
    mail.add_alternative(content.html, subtype="html", content_manager=raw_data_manager)
    if content.calendar:
        # RFC 6047: the method of the calendar object is also said where a mail program looks for it.
        mail.add_alternative(
            content.calendar,
            subtype="calendar",
            params={"method": content.calendar_method.value, "name": "invitation.ics"},
            content_manager=raw_data_manager,
        )
    # The library would draw one and look for it in all parts.
    mail.set_boundary(f"=_{message_id}")
    # Last, because the parts take over what is said of the content before.
    mail["Content-Language"] = content.language
    return mail.as_bytes()


def _mailbox(name: str, address: str) -> Header | str:
    """Return a named address; of a name that is not ASCII, only the name is encoded, word by word."""
    if name.isascii():
        return formataddr((name, address))
    mailbox = Header(name, "utf-8", header_name="From")
    mailbox.append(f"<{address}>", "us-ascii")
    return mailbox
