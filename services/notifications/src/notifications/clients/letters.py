"""Build an email from a message's content: text, HTML and the invitation as alternatives of one another.

It is put together here, for the standard library's objects parse all that they are given, which took a third
of the time of sending a mail.
"""

import re
from base64 import encodebytes
from binascii import b2a_qp
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr, parseaddr

from notifications.domain.messages import Content

#: What Python, a mail program or a relay may take for the end of a line.
_BREAKS_LINE = re.compile("[\\r\\n\\v\\f\\x1c-\\x1e\\x85\\u2028\\u2029]")
#: RFC 5322: the length of a line that no program minds.
_LINE_CHARS = 76
#: Characters a byte of UTF-8 from which on a text is quoted, and not put into base64.
_MOSTLY_ASCII = 0.85


def message_id_header(message_id: str, email_from: str) -> str:
    """Return the Message-ID of a message: the same at every attempt, so that it can be traced."""
    _, address = parseaddr(email_from)
    return f"<{message_id}@{address.rpartition('@')[2]}>"


def letter(
    content: Content, *, message_id: str, email_from: str, sender_name: str, to: str, written_at: datetime
) -> bytes:
    """Return a mail as it is sent, with CRLF; one recipient, so that no family sees another's address.

    Args:
        content: an email's.
        message_id: ours.
        email_from: the sender's address; a name in it is replaced by the district's.
        sender_name: as families know the district.
        to: a checked address with an ASCII domain.
        written_at: the mail's date.
    """
    _, address = parseaddr(email_from)
    parts = [_part("plain", content.text), _part("html", content.html)]
    if content.calendar:
        # RFC 6047: the method of the calendar object is also said where a mail program looks for it.
        method = content.calendar_method.value
        parts.append(_part("calendar", content.calendar, f'; method="{method}"; name="invitation.ics"'))
    boundary = f"={message_id}="
    headers = {
        "From": _mailbox(sender_name, address),
        "To": _one_line("To", to),
        "Subject": _header("Subject", content.subject),
        "Date": format_datetime(written_at),
        "Message-ID": message_id_header(message_id, email_from),
        "Content-Language": _one_line("Content-Language", content.language),
        # RFC 3834: no automatic reply to an automatic mail.
        "Auto-Submitted": "auto-generated",
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/alternative; boundary="{boundary}"',
    }
    lines = [f"{name}: {value}" for name, value in headers.items()]
    for part in parts:
        lines += ["", f"--{boundary}", part]
    lines += ["", f"--{boundary}--", ""]
    return "\r\n".join(lines).encode("ascii")


def _part(subtype: str, text: str, parameters: str = "") -> str:
    """Return one alternative; its encoding leaves no line too long, and none that looks like a boundary."""
    content = text.replace("\r\n", "\n").encode()
    # Readable as it is where most of it is ASCII; else that would be three times as long.
    if len(text) / (len(content) or 1) > _MOSTLY_ASCII:
        encoding, body = "quoted-printable", b2a_qp(content)
    else:
        encoding, body = "base64", encodebytes(content.replace(b"\n", b"\r\n"))
    lines = (
        f'Content-Type: text/{subtype}; charset="utf-8"{parameters}',
        f"Content-Transfer-Encoding: {encoding}",
        "",
        body.decode("ascii").rstrip("\n").replace("\n", "\r\n"),
    )
    return "\r\n".join(lines)


def _header(name: str, text: str) -> str:
    """Return a header's text, encoded and folded as far as it needs to be (RFC 2047)."""
    if _one_line(name, text).isascii() and len(name) + len(text) < _LINE_CHARS:
        return text
    return Header(text, "utf-8", header_name=name).encode(linesep="\r\n")


def _mailbox(name: str, address: str) -> str:
    if name.isascii():
        return formataddr((_one_line("From", name), address))
    return f"{_header('From', name)} <{address}>"


def _one_line(name: str, text: str) -> str:
    if _BREAKS_LINE.search(text):
        raise ValueError(f"{name} must not contain a line break")
    return text
