"""Send emails over SMTP, many on a connection, and know for each recipient how it ended."""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from email.errors import MessageError
from email.utils import parseaddr

import requests

from notifications.clients.letters import letter, message_id_header
from notifications.clients.pace import Pace
from notifications.clients.smtp_dialogue import LONGEST_MAIL_S, Dialogue, Relay
from notifications.clients.unsubscribing import UnsubscribeLinks
from notifications.domain.delivery import (
    Absent,
    Answer,
    CannotTell,
    Found,
    NoAnswer,
    Outcome,
    Refused,
    Untried,
)
from notifications.domain.messages import Message
from notifications.domain.planning import DistrictRules
from notifications.domain.reasons import Reason

_TRACE_TIMEOUT_S = 5.0
#: A connection that rests is used again within this time; relays hang up on those that rest longer.
_REST_S = 5.0


class SmtpGateway:
    """The mail relay as a provider.

    Args:
        relay: where mails are handed over.
        email_from: the sender.
        trace_url: says by Message-ID whether a mail was taken; empty if nothing can say so.
        pace: what the relay allows.
        links: by which readers end mails of a kind; None for none.
    """

    longest_send_s = LONGEST_MAIL_S

    def __init__(
        self,
        relay: Relay,
        *,
        email_from: str,
        trace_url: str,
        pace: Pace,
        links: UnsubscribeLinks | None = None,
    ) -> None:
        self._relay = relay
        self._email_from = email_from
        self._trace_url = trace_url
        self._pace = pace
        self._links = links
        self._resting: list[tuple[float, Dialogue]] = []
        self._http = requests.Session()
        # What this process talks to is in its settings, and not in a proxy variable.
        self._http.trust_env = False

    def choose(self, message: Message) -> str:
        """Return the one relay's name, which needs none."""
        return ""

    def send_all(
        self, messages: Sequence[Message], *, rules: DistrictRules, may_go_on: Callable[[], bool]
    ) -> Iterator[tuple[Message, Outcome]]:
        """Hand mails over, one after the other on one connection."""
        with self._dialogue() as dialogue:
            for message in messages:
                self._pace.wait()
                if not may_go_on():
                    yield message, Untried()
                    continue
                yield message, self._send(message, dialogue, rules)

    @contextmanager
    def _dialogue(self) -> Iterator[Dialogue]:
        """Lend a connection, one that rests if there is one; who has none makes one when it is needed."""
        dialogue = self._rested() or Dialogue(self._relay, parseaddr(self._email_from)[1])
        try:
            yield dialogue
        except BaseException:
            # Nobody knows where it stands.
            dialogue.close()
            raise
        if dialogue.rest():
            self._resting.append((time.monotonic(), dialogue))

    def _rested(self) -> Dialogue | None:
        while self._resting:
            since, dialogue = self._resting.pop()
            if time.monotonic() - since < _REST_S:
                return dialogue
            dialogue.close()
        return None

    def ask(self, message: Message, *, others: Callable[[Collection[str]], Collection[str]]) -> Answer:
        """Ask the relay's trace; a Message-ID is of one message only, so others' need no thought."""
        if not self._trace_url:
            return CannotTell()
        wanted = self._trace_id(message)
        try:
            answer = self._http.get(
                self._trace_url, params={"message_id": wanted.strip("<>")}, timeout=_TRACE_TIMEOUT_S
            )
            answer.raise_for_status()
            accepted = answer.json()["accepted"]
        except (requests.RequestException, ValueError, KeyError):
            return NoAnswer()
        return Found(wanted) if accepted else Absent()

    def _send(self, message: Message, dialogue: Dialogue, rules: DistrictRules) -> Outcome:
        to = message.address or ""
        try:
            mail = self._written(message, to, rules)
        except (ValueError, MessageError):
            # The email package is stricter than our checks about something; the others must still go out.
            return Refused(Reason.CONTENT_REFUSED)
        return dialogue.hand_over(mail, to=to, provider_id=self._trace_id(message))

    def _trace_id(self, message: Message) -> str:
        return message_id_header(message.message_id, self._email_from)

    def _written(self, message: Message, to: str, rules: DistrictRules) -> bytes:
        # A message that is sent has its content, and the time of its attempt.
        assert message.content is not None
        assert message.attempted_at is not None
        return letter(
            message.content,
            message_id=message.message_id,
            district=rules.district,
            email_from=self._email_from,
            sender_name=rules.sender.name,
            to=to,
            written_at=message.attempted_at,
            unsubscribe_url=self._links.url(message, rules) if self._links else "",
        )
