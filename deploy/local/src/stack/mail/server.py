"""The pages and the JSON API of the mail sink."""

from __future__ import annotations

from dataclasses import asdict
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from tornado.web import Application, HTTPError, RequestHandler

from stack.trouble import TroubleHandler, Troublemaker

if TYPE_CHECKING:
    from stack.mail.box import Mail, MailBox

PAGE_LIMIT = 500

#: A mail's HTML comes from outside: it is shown without scripts and without loading anything.
HTML_POLICY = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'"


class BoxHandler(RequestHandler):
    """A handler that knows the mail box."""

    def initialize(self, box: MailBox) -> None:
        """Take the box from the route."""
        self.box = box

    def mail(self, number: str) -> Mail:
        """Return a mail or answer 404."""
        mail = self.box.get(int(number))
        if mail is None:
            raise HTTPError(404)
        return mail

    def described(self, mail: Mail) -> dict[str, Any]:
        """Return all there is to say about a mail."""
        return {**asdict(mail), **self.box.content(mail.number)}


class ListPage(BoxHandler):
    """All mails, newest first."""

    def get(self) -> None:
        to = self.get_query_argument("to", "")
        self.render("list.html", mails=self.box.find(to=to, limit=PAGE_LIMIT), to=to)


class MailPage(BoxHandler):
    """One mail: its text, its HTML and its calendar entry."""

    def get(self, number: str) -> None:
        mail = self.mail(number)
        self.render("mail.html", mail=mail, content=self.box.content(mail.number))


class HtmlPart(BoxHandler):
    """The HTML part alone, for the frame on the mail's page."""

    def get(self, number: str) -> None:
        content = self.box.content(self.mail(number).number)
        self.set_header("Content-Security-Policy", HTML_POLICY)
        self.finish(content["html"] or "")


class RawMail(BoxHandler):
    """The mail as it came."""

    def get(self, number: str) -> None:
        content = self.box.raw(self.mail(number).number)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(content)


class Mails(BoxHandler):
    """`GET /api/mails?to=&limit=`, newest first; `DELETE` forgets all."""

    def get(self) -> None:
        limit = self.get_query_argument("limit", "")
        if limit and not limit.isdecimal():
            raise HTTPError(400, reason="limit is a number of mails")
        found = self.box.find(to=self.get_query_argument("to", ""), limit=int(limit) if limit else None)
        self.finish({"mails": [self.described(mail) for mail in found]})

    def delete(self) -> None:
        self.box.clear()
        self.set_status(204)


class OneMail(BoxHandler):
    """`GET /api/mails/NUMBER`."""

    def get(self, number: str) -> None:
        self.finish(self.described(self.mail(number)))


class Trace(BoxHandler):
    """`GET /api/trace?message_id=`: was a mail with this Message-ID accepted?"""

    def get(self) -> None:
        message_id = self.get_query_argument("message_id")
        numbers = [mail.number for mail in self.box.with_message_id(message_id)]
        self.finish({"message_id": message_id, "accepted": bool(numbers), "numbers": numbers})


class Ready(RequestHandler):
    """`GET /readyz`."""

    def get(self) -> None:
        self.finish({"status": "ready"})


def application(box: MailBox, troublemaker: Troublemaker) -> Application:
    """Return the web application over one mail box, and over the trouble that the SMTP side makes."""
    known = {"box": box}
    return Application(
        [
            (r"/", ListPage, known),
            (r"/mails/(\d+)", MailPage, known),
            (r"/mails/(\d+)/html", HtmlPart, known),
            (r"/mails/(\d+)/raw", RawMail, known),
            (r"/api/mails", Mails, known),
            (r"/api/mails/(\d+)", OneMail, known),
            (r"/api/trace", Trace, known),
            (r"/api/trouble", TroubleHandler, {"troublemaker": troublemaker}),
            (r"/readyz", Ready),
        ],
        template_path=str(files("stack.mail") / "templates"),
    )
