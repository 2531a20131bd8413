"""Build an email from a message's content: text, HTML and the invitation as alternatives of one another."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from notifications.domain.messages import Content


def message_id_header(message_id: str, email_from: str) -> str:
    """Return the Message-ID of a message: the same at every attempt, so that it can be traced."""
    _, address = parseaddr(email_from)
    return f"<{message_id}@{address.rpartition('@')[2]}>"


#: Comes back with a bounce, also where the provider writes a Message-ID of its own.
REFERENCE_HEADER = "X-Backpack-Message"


def letter(
    content: Content,
    *,
    message_id: str,
    email_from: str,
    sender_name: str,
    to: str,
    written_at: datetime,
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
        district: whose family it is, which the provider sends back with a bounce.
    """
    _, address = parseaddr(email_from)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(display_name=sender_name, addr_spec=address)
    mail["To"] = Address(addr_spec=to)
    mail["Subject"] = content.subject
    mail["Date"] = format_datetime(written_at)
    mail["Message-ID"] = message_id_header(message_id, email_from)
    mail[REFERENCE_HEADER] = f"{district}/{message_id}"
    mail["Content-Language"] = content.language
    # RFC 3834: no automatic reply to an automatic mail.
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(content.text)
    mail.add_alternative(content.html, subtype="html")
    if content.calendar:
        # RFC 6047: the method of the calendar object is also said where a mail program looks for it.
        mail.add_alternative(
            content.calendar,
            subtype="calendar",
            params={"method": content.calendar_method.value, "name": "invitation.ics"},
        )
    return mail.as_bytes()
