"""The HTTP side of the SMS simulator: Twilio's Messages API, an own API, and its page."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from importlib.resources import files

from tornado.web import Application, HTTPError, RequestHandler

from stack.sms import rules
from stack.sms.ledger import Message
from stack.sms.provider import API_VERSION, Provider
from stack.trouble import Fate, TroubleHandler

PAGE_LIMIT = 500
API_PAGE_LIMIT = 1000
API_PAGE_SIZE = 50


class ProviderHandler(RequestHandler):
    """A handler that knows the provider."""

    def initialize(self, provider: Provider) -> None:
        """Take the provider from the route."""
        self.provider = provider

    def form(self) -> dict[str, str]:
        """Return what was posted, last value of each name."""
        return {name: self.get_body_argument(name, strip=False) for name in self.request.body_arguments}


class TwilioHandler(ProviderHandler):
    """One that speaks like Twilio, errors included, to those who know the account's secret."""

    def prepare(self) -> None:
        """Answer 401 unless the basic credentials are the account's."""
        expected = f"{self.provider.account}:{self.provider.auth_token}"
        scheme, _, given = self.request.headers.get("Authorization", "").partition(" ")
        try:
            credentials = base64.b64decode(given).decode()
        except (binascii.Error, UnicodeDecodeError):
            credentials = ""
        if scheme.lower() != "basic" or not hmac.compare_digest(credentials.encode(), expected.encode()):
            self.refuse(rules.UNAUTHENTICATED)
        elif self.path_args[0] != self.provider.account:
            self.refuse(rules.NOT_FOUND)

    def refuse(self, refusal: rules.Refusal) -> None:
        """Answer with one of Twilio's errors."""
        self.set_status(refusal.status)
        if refusal.status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
            self.set_header("Retry-After", "1")
        self.finish(
            {
                "code": refusal.code,
                "message": refusal.message,
                "more_info": f"https://www.twilio.com/docs/errors/{refusal.code}",
                "status": refusal.status,
            }
        )


class TwilioMessages(TwilioHandler):
    """`POST` makes a message; `GET` lists them, newest first, filtered by To, From and DateSent."""

    async def post(self, account: str) -> None:
        troublemaker = self.provider.troublemaker
        fate = troublemaker.fate()
        if fate is Fate.FAILS:
            self.refuse(rules.TROUBLE[troublemaker.choose(*rules.TROUBLE)])
            return
        outcome = self.provider.accept(self.form())
        if fate is Fate.SLOW:
            await asyncio.sleep(troublemaker.trouble.slow_s)
        if isinstance(outcome, rules.Refusal):
            self.refuse(outcome)
        elif fate is Fate.LOST or outcome.to.endswith(rules.CUT_ENDING):
            self.detach().close()
        else:
            self.set_status(HTTPStatus.CREATED)
            self.finish(self.provider.resource(outcome))

    def get(self, account: str) -> None:
        try:
            since, until = self._period()
            size = min(int(self.get_query_argument("PageSize", str(API_PAGE_SIZE))), API_PAGE_LIMIT)
            page = int(self.get_query_argument("Page", "0"))
        except ValueError:
            self.refuse(rules.Refusal(400, 20001, "A filter of the list is not valid"))
            return
        to, sender = self.get_query_argument("To", ""), self.get_query_argument("From", "")
        found = self.provider.ledger.find(to=to, sender=sender, since=since, until=until)
        shown = found[page * size : (page + 1) * size]
        more = len(found) > (page + 1) * size
        path = f"/{API_VERSION}/Accounts/{account}/Messages.json"
        following = f"{path}?PageSize={size}&Page={page + 1}" if more else None
        self.finish(
            {
                "messages": [self.provider.resource(message) for message in shown],
                "page": page,
                "page_size": size,
                "next_page_uri": following,
                "uri": self.request.uri,
            }
        )

    def _period(self) -> tuple[str, str]:
        """Return the first and last time of the filters DateSent, DateSent>= and DateSent<=."""
        day = self.get_query_argument("DateSent", "")
        # `DateSent>=X` is the name `DateSent>` with the value X.
        after = self.get_query_argument("DateSent>", day)
        before = self.get_query_argument("DateSent<", day)
        return (_moment(after, end=False) if after else ""), (_moment(before, end=True) if before else "")


class TwilioMessage(TwilioHandler):
    """One message."""

    def get(self, account: str, sid: str) -> None:
        message = self.provider.ledger.get(sid)
        if message is None:
            self.refuse(rules.NOT_FOUND)
        else:
            self.finish(self.provider.resource(message))


class Messages(ProviderHandler):
    """`GET /api/messages?to=`: what was accepted and received, newest first."""

    def get(self) -> None:
        found = self.provider.ledger.find(to=self.get_query_argument("to", ""))
        self.finish({"messages": [asdict(message) for message in found]})


class Inbound(ProviderHandler):
    """`POST /api/inbound` with From, Body and perhaps To and Webhook: a recipient writes to us."""

    async def post(self) -> None:
        form = self.form()
        if not (form.get("From") and form.get("Body")):
            raise HTTPError(400, reason="From and Body are needed")
        to = form.get("To") or self._partner(form["From"])
        message, status = await self.provider.receive(
            sender=form["From"], to=to, body=form["Body"], webhook=form.get("Webhook", "")
        )
        if "page" in form:
            self.redirect("/", status=HTTPStatus.SEE_OTHER)
        else:
            self.finish({"message": asdict(message), "webhook_status": status})

    def _partner(self, number: str) -> str:
        """Return the number from which this recipient was last written to."""
        sent: list[Message] = self.provider.ledger.find(to=number)
        return sent[0].sender if sent else ""


class Page(ProviderHandler):
    """What was sent and received, newest first, and a form to answer as a recipient."""

    def get(self) -> None:
        number = self.get_query_argument("to", "")
        ledger = self.provider.ledger
        found = ledger.find(to=number) + (ledger.find(sender=number) if number else [])
        found.sort(key=lambda message: message.created_at, reverse=True)
        self.render("list.html", messages=found[:PAGE_LIMIT], to=number, opted_out=sorted(ledger.opted_out))


class Ready(RequestHandler):
    """`GET /readyz`."""

    def get(self) -> None:
        self.finish({"status": "ready"})


def application(provider: Provider) -> Application:
    """Return the web application over one provider."""
    known = {"provider": provider}
    account = rf"/{API_VERSION}/Accounts/(\w+)/Messages"
    return Application(
        [
            (account + r"\.json", TwilioMessages, known),
            (account + r"/(\w+)\.json", TwilioMessage, known),
            (r"/api/messages", Messages, known),
            (r"/api/inbound", Inbound, known),
            (r"/api/trouble", TroubleHandler, {"troublemaker": provider.troublemaker}),
            (r"/", Page, known),
            (r"/readyz", Ready),
        ],
        template_path=str(files("stack.sms") / "templates"),
    )


def _moment(text: str, *, end: bool) -> str:
    """Return a filter's day or time as the ledger writes times.

    Raises:
        ValueError: if it is neither.
    """
    moment = datetime.fromisoformat(text)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if end and len(text) == len("2026-01-31"):
        moment += timedelta(days=1, milliseconds=-1)
    elif end:
        # A filter has no fractions: all of its second counts.
        moment += timedelta(milliseconds=999)
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
