"""Send text messages through the Twilio Messages API, and ask it what it took."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import BaseHTTPResponse, PoolManager, Timeout, make_headers
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from notifications.clients.pace import Pace
from notifications.domain.delivery import (
    Absent,
    Accepted,
    Answer,
    Found,
    NoAnswer,
    Outcome,
    Postponed,
    Refused,
    Unclear,
    Untried,
)
from notifications.domain.messages import Message
from notifications.domain.planning import DistrictRules
from notifications.domain.reasons import Reason
from notifications.domain.sms_codes import meaning

_CONNECT_TIMEOUT_S = 5.0
_READ_TIMEOUT_S = 15.0
_CONNECTIONS = 32
_LONGEST_VALIDITY_S = 36_000
#: The longest wait that a provider may ask of us.
_LONGEST_RETRY_AFTER_S = 3_600.0
_LIST_SIZE = 200
#: How far the provider's clock may be off ours; its times have no fractions.
_CLOCK_SLACK = timedelta(minutes=2)
#: Statuses after which a message may have been taken all the same.
_AMBIGUOUS = frozenset({HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT})


@dataclass(frozen=True, kw_only=True)
class Account:
    """Our account at the provider.

    Attributes:
        url: the base of its API, without a slash at the end.
        number: ours, E.164.
        status_url: where it reports what became of a message.
    """

    url: str
    sid: str
    auth_token: str = field(repr=False)
    number: str
    status_url: str

    @property
    def messages_url(self) -> str:
        """Return the address of the messages resource."""
        return f"{self.url}/2010-04-01/Accounts/{self.sid}/Messages.json"


class SmsGateway:
    """The SMS provider. It has no idempotency key: after a lost answer, it is asked before anything else."""

    longest_send_s = _CONNECT_TIMEOUT_S + _READ_TIMEOUT_S

    def __init__(self, account: Account, *, pace: Pace) -> None:
        self._account = account
        self._pace = pace
        # Without retries nothing is repeated, and no redirection followed. A session of `requests` says no
        # more, and takes twice as long.
        self._http = PoolManager(
            headers=make_headers(basic_auth=f"{account.sid}:{account.auth_token}"),
            retries=False,
            timeout=Timeout(connect=_CONNECT_TIMEOUT_S, read=_READ_TIMEOUT_S),
            maxsize=_CONNECTIONS,
            ca_certs=DEFAULT_CA_BUNDLE_PATH,
        )

    def send_all(
        self, messages: Sequence[Message], *, rules: DistrictRules, may_go_on: Callable[[], bool]
    ) -> Iterator[tuple[Message, Outcome]]:
        """Hand text messages over, one after the other."""
        out_of_reach: Outcome | None = None
        for message in messages:
            self._pace.wait()
            outcome = out_of_reach
            if outcome is None:
                outcome = self._send(message, rules.district) if may_go_on() else Untried()
            if outcome == Postponed(Reason.PROVIDER_UNREACHABLE):
                # The others of this batch need not each wait for a time-out.
                out_of_reach = outcome
            yield message, outcome

    def ask(self, message: Message, *, others: Callable[[Collection[str]], Collection[str]]) -> Answer:
        """Look for the message among those that went to its number since the attempt."""
        query = {
            "To": message.address or "",
            "From": self._account.number,
            "PageSize": str(_LIST_SIZE),
        }
        try:
            answer = self._http.request("GET", self._account.messages_url, fields=query)
            if answer.status != HTTPStatus.OK:
                return NoAnswer()
            rows = [_Row.of(raw) for raw in _json(answer)["messages"]]
        except (HTTPError, ValueError, KeyError, TypeError):
            return NoAnswer()
        return _search(message, rows, others)

    def _send(self, message: Message, district: str) -> Outcome:
        try:
            answer = self._http.request(
                "POST",
                self._account.messages_url,
                fields=self._form(message, district),
                encode_multipart=False,
            )
        except (ConnectTimeoutError, NewConnectionError):
            return Postponed(Reason.PROVIDER_UNREACHABLE)
        except HTTPError:
            return Unclear(Reason.ANSWER_LOST)
        return outcome_of(answer.status, answer.headers, _json(answer))

    def _form(self, message: Message, district: str) -> dict[str, str]:
        # A message that is sent has its content, and the time of its attempt.
        assert message.content is not None
        assert message.attempted_at is not None
        left_s = int((message.deadline - message.attempted_at).total_seconds())
        about = urlencode({"district": district, "message": message.message_id})
        return {
            "To": message.address or "",
            "From": self._account.number,
            "Body": message.content.text,
            "ValidityPeriod": str(min(max(left_s, 1), _LONGEST_VALIDITY_S)),
            # Our id comes back with each receipt, so one that is faster than the answer is not lost.
            "StatusCallback": f"{self._account.status_url}?{about}",
        }


@dataclass(frozen=True)
class _Row:
    """A message in the provider's list."""

    sid: str
    body: str
    created_at: datetime

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> "_Row":
        created_at = parsedate_to_datetime(raw["date_created"])
        return cls(str(raw["sid"]), str(raw["body"]), created_at.astimezone(UTC))


def _search(
    message: Message, rows: Sequence[_Row], others: Callable[[Collection[str]], Collection[str]]
) -> Answer:
    """Return whether one of these is the message: same words, since the attempt, and nobody else's."""
    # A message in doubt has its content, and the time of its attempt.
    assert message.content is not None
    assert message.attempted_at is not None
    since = message.attempted_at - _CLOCK_SLACK
    recent = [row for row in rows if row.created_at >= since]
    alike = [row.sid for row in recent if row.body == message.content.text]
    taken = others(alike) if alike else ()
    free = [sid for sid in alike if sid not in taken]
    if free:
        # Newest first: the oldest one is the likeliest to be the first attempt's.
        return Found(free[-1])
    if len(recent) == _LIST_SIZE:
        # There may be more than were shown: no proof.
        return NoAnswer()
    return Absent()


def outcome_of(status: int, headers: Mapping[str, str], body: Mapping[str, Any]) -> Outcome:
    """Return what the provider's answer to a new message means.

    Args:
        status: of HTTP.
        headers: of the answer.
        body: of the answer; empty if it was no JSON object.
    """
    if status == HTTPStatus.CREATED:
        sid = body.get("sid")
        return Accepted(str(sid)) if sid else Unclear(Reason.ANSWER_LOST)
    if status in _AMBIGUOUS:
        return Unclear(Reason.ANSWER_LOST)
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        return Postponed(Reason.PROVIDER_BUSY, _retry_after_s(headers))
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return Postponed(Reason.PROVIDER_REFUSES_US)
    code = body.get("code")
    said = meaning(code if isinstance(code, int) else None)
    if said.later:
        return Postponed(said.reason)
    return Refused(said.reason, suppress=said.suppress)


def _retry_after_s(headers: Mapping[str, str]) -> float:
    try:
        asked_s = float(headers.get("Retry-After", "0"))
    except ValueError:
        return 0.0
    return min(max(asked_s, 0.0), _LONGEST_RETRY_AFTER_S)


def _json(answer: BaseHTTPResponse) -> Mapping[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
