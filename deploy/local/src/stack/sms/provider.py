"""What becomes of a text message after it was accepted, and the webhooks that tell of it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.httputil import url_concat

from stack.sms import rules
from stack.sms.ledger import Ledger, Message
from stack.sms.segments import segments
from stack.sms.signature import sign
from stack.trouble import Troublemaker

API_VERSION = "2010-04-01"
CALLBACK_TIMEOUT_S = 5.0

#: Pauses between tries of a webhook that was not answered with success.
CALLBACK_PAUSES_S = (0.0, 0.5, 2.0, 5.0, 15.0, 30.0)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class Provider:
    """Accepts messages, brings each to its last state after a while, and reports each state.

    Args:
        ledger: where messages are kept.
        account: the account's id, AC….
        auth_token: its secret, with which webhooks are signed.
        inbound_url: where replies of recipients are reported; empty for nowhere.
        step_s: how long a message stays in each state.
        clock: tells the time in ISO 8601, UTC.
    """

    def __init__(
        self,
        ledger: Ledger,
        *,
        account: str,
        auth_token: str,
        inbound_url: str,
        step_s: float,
        clock: Callable[[], str] = _now,
    ) -> None:
        self.ledger = ledger
        self.account = account
        self.auth_token = auth_token
        self._inbound_url = inbound_url
        self._step_s = step_s
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()
        self.troublemaker = Troublemaker()

    def resume(self) -> None:
        """Go on with the messages which a stop has interrupted."""
        for message in self.ledger.unfinished():
            self._spawn(message)

    def accept(self, form: Mapping[str, str]) -> Message | rules.Refusal:
        """Take a message, or say why not."""
        refused = rules.refusal(form, opted_out=self.ledger.opted_out)
        if refused is not None:
            return refused
        now = self._clock()
        message = Message(
            sid="SM" + secrets.token_hex(16),
            direction="outbound-api",
            to=form["To"],
            sender=form.get("From") or form["MessagingServiceSid"],
            body=form["Body"],
            segments=segments(form["Body"]),
            status="queued",
            created_at=now,
            updated_at=now,
            callback=form.get("StatusCallback", ""),
        )
        self.ledger.put(message)
        self._spawn(message)
        return message

    async def receive(
        self, *, sender: str, to: str, body: str, webhook: str = ""
    ) -> tuple[Message, int | None]:
        """Act as if a recipient had written to us, and report it to the webhook or the usual one.

        Returns:
            The message, and the HTTP status with which its webhook was answered; None without a webhook or
            without an answer.
        """
        kind = rules.opt_out_type(body)
        now = self._clock()
        message = Message(
            sid="SM" + secrets.token_hex(16),
            direction="inbound",
            to=to,
            sender=sender,
            body=body,
            segments=segments(body),
            status="received",
            created_at=now,
            updated_at=now,
            sent_at=now,
        )
        self.ledger.put(message)
        webhook = webhook or self._inbound_url
        if not webhook:
            return message, None
        form = {
            "MessageSid": message.sid,
            "SmsSid": message.sid,
            "AccountSid": self.account,
            "From": sender,
            "To": to,
            "Body": body,
            "NumMedia": "0",
            "NumSegments": str(message.segments),
            "SmsStatus": "received",
            "ApiVersion": API_VERSION,
            **({"OptOutType": kind} if kind else {}),
        }
        return message, await self._report(webhook, form)

    def resource(self, message: Message) -> dict[str, Any]:
        """Return a message in the shape of Twilio's API."""
        return {
            "sid": message.sid,
            "account_sid": self.account,
            "api_version": API_VERSION,
            "direction": message.direction,
            "to": message.to,
            "from": message.sender,
            "body": message.body,
            "status": message.status,
            "num_segments": str(message.segments),
            "num_media": "0",
            "error_code": message.error_code,
            "error_message": None,
            "date_created": rfc2822(message.created_at),
            "date_updated": rfc2822(message.updated_at),
            "date_sent": rfc2822(message.sent_at) if message.sent_at else None,
            "price": None,
            "price_unit": "USD",
            "messaging_service_sid": None,
            "uri": f"/{API_VERSION}/Accounts/{self.account}/Messages/{message.sid}.json",
        }

    def _spawn(self, message: Message) -> None:
        self._keep(self._deliver(message))

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        # The loop itself keeps only a weak reference.
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, message: Message) -> None:
        for status, error_code in rules.course(message.to, message.status):
            await asyncio.sleep(self._step_s)
            advanced = self.ledger.advance(
                message.sid, status=status, at=self._clock(), error_code=error_code
            )
            if advanced.callback:
                form = {
                    "MessageSid": message.sid,
                    "SmsSid": message.sid,
                    "AccountSid": self.account,
                    "From": message.sender,
                    "To": message.to,
                    "MessageStatus": status,
                    "SmsStatus": status,
                    "ApiVersion": API_VERSION,
                    **({"ErrorCode": str(error_code)} if error_code else {}),
                }
                await self._report_in_trouble(advanced.callback, form)

    async def _report_in_trouble(self, url: str, form: Mapping[str, str]) -> None:
        """Report a state once and in time, unless there is to be trouble."""
        maker = self.troublemaker
        if maker.hits(maker.trouble.late):
            # What comes after it does not wait for it.
            self._keep(self._report_late(url, form, maker.trouble.late_s))
            return
        await self._report(url, form)
        if maker.hits(maker.trouble.repeated):
            await self._report(url, form)

    async def _report_late(self, url: str, form: Mapping[str, str], late_s: float) -> None:
        await asyncio.sleep(late_s)
        await self._report(url, form)

    async def _report(self, url: str, form: Mapping[str, str]) -> int | None:
        """Post a signed form until it is answered with success or the tries are over."""
        body = url_concat("", dict(form)).removeprefix("?")
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
            "X-Twilio-Signature": sign(self.auth_token, url, form),
            "I-Twilio-Idempotency-Token": secrets.token_hex(16),
        }
        request = HTTPRequest(
            url, "POST", headers, body, request_timeout=CALLBACK_TIMEOUT_S, follow_redirects=False
        )
        status: int | None = None
        for pause_s in CALLBACK_PAUSES_S:
            await asyncio.sleep(pause_s)
            try:
                return (await AsyncHTTPClient().fetch(request)).code
            except HTTPClientError as error:
                status = error.code
                if status < 500 and status != 429:  # noqa: PLR2004 - it was understood and refused
                    return status
            except OSError:
                status = None
        return status


def rfc2822(moment: str) -> str:
    """Return an ISO 8601 time in the form of Twilio's API."""
    return datetime.fromisoformat(moment).strftime("%a, %d %b %Y %H:%M:%S +0000")
