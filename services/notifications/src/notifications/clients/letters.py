"""Build an email from a message's content: text, HTML and the invitation as alternatives of one another."""

from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr

from notifications.domain.messages import Content


class _MailPolicy(EmailPolicy):
    """Folds subjects with the older `Header`.

    Python's newer way, where it breaks a line beside a word that it encodes, says a space twice, and begins
    a line that is too long with an empty one.
    """

    def fold_binary(self, name: str, value: str) -> bytes:
        """Return a header with its line breaks; its value has none, `EmailMessage` refuses them."""
        if name != "Subject":
            return super().fold_binary(name, value)
        text = str(value)
        folded = Header(text, "us-ascii" if text.isascii() else "utf-8", header_name=name)
        return f"{name}: {folded.encode(linesep=self.linesep)}{self.linesep}".encode("ascii")


_MAIL = _MailPolicy(linesep="\r\n")


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
    mail = EmailMessage(policy=_MAIL)
    mail["From"] = Address(display_name=sender_name, addr_spec=address)
    mail["To"] = Address(addr_spec=to)
    mail["Subject"] = content.subject
    mail["Date"] = format_datetime(written_at)
    mail["Message-ID"] = message_id_header(message_id, email_from)
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
