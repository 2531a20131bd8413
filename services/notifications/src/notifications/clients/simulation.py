"""A provider that only seems to be one: what goes to simulated recipients ends here, with receipts."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from urllib.parse import urlencode

import requests

from notifications.domain.delivery import Absent, Accepted, Answer, Outcome, Postponed, Refused, Untried
from notifications.domain.messages import Message
from notifications.domain.planning import DistrictRules
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel
from notifications.domain.sandbox import Ending, Sandbox
from notifications.use_cases.ports import Gateway

_TIMEOUT_S = 5.0
#: What the SMS provider reports: states in their order, and the error code of the last.
_REPORTED: Mapping[Ending, tuple[tuple[str, int | None], ...]] = {
    Ending.DELIVERED: (("sent", None), ("delivered", None)),
    Ending.PERMANENT_FAILURE: (("sent", None), ("undelivered", 30005)),
    Ending.TEMPORARY_FAILURE: (("sent", None), ("undelivered", 30003)),
}
#: What a mail relay says at once; it has no receipts of its own.
_RELAYED: Mapping[Ending, Outcome] = {
    Ending.PERMANENT_FAILURE: Refused(Reason.ADDRESS_REFUSED, suppress=True),
    Ending.TEMPORARY_FAILURE: Postponed(Reason.PROVIDER_BUSY),
}

#: Tells us, from outside, what became of a message to a simulated recipient.
Report = Callable[[Message, str, Ending], None]


class SimulatedReceipts:
    """Posts receipts to our own webhook, signed as the SMS provider signs them.

    Args:
        status_url: where the provider reports what became of a message.
        sign: the provider's signature of a form that is posted to an address.
    """

    def __init__(self, *, status_url: str, sign: Callable[[str, Mapping[str, str]], str]) -> None:
        self._status_url = status_url
        self._sign = sign
        self._http = requests.Session()
        # What this process talks to is in its settings, and not in a proxy variable.
        self._http.trust_env = False

    def report(self, message: Message, district: str, ending: Ending) -> None:
        """Report all states of a text message; what cannot be reported is lost, as it is at a provider."""
        about = urlencode({"district": district, "message": message.message_id})
        url = f"{self._status_url}?{about}"
        for status, code in _REPORTED[ending]:
            form = {
                "MessageSid": simulated_id(message),
                "MessageStatus": status,
                **({"ErrorCode": str(code)} if code else {}),
            }
            headers = {"X-Twilio-Signature": self._sign(url, form)}
            try:
                self._http.post(url, data=form, headers=headers, timeout=_TIMEOUT_S)
            except requests.RequestException:
                return


class SandboxGateway:
    """A gateway that keeps simulated recipients from its provider.

    Args:
        gateway: the real one.
        sandbox: who is simulated.
        report: says what became of a simulated text message.
    """

    def __init__(self, gateway: Gateway, sandbox: Sandbox, report: Report) -> None:
        self.longest_send_s = gateway.longest_send_s
        self._gateway = gateway
        self._sandbox = sandbox
        self._report = report

    def choose(self, message: Message) -> str:
        """Return the real gateway's route; what is simulated goes by none."""
        return self._gateway.choose(message) if self._ending(message) is None else ""

    def send_all(
        self, messages: Sequence[Message], *, rules: DistrictRules, may_go_on: Callable[[], bool]
    ) -> Iterator[tuple[Message, Outcome]]:
        """Hand over what is for real people; the rest ends here."""
        real = []
        for message in messages:
            ending = self._ending(message)
            if ending is None:
                real.append(message)
            elif may_go_on():
                yield message, self._simulated(message, rules.district, ending)
            else:
                yield message, Untried()
        if real:
            yield from self._gateway.send_all(real, rules=rules, may_go_on=may_go_on)

    def ask(self, message: Message, *, others: Callable[[Collection[str]], Collection[str]]) -> Answer:
        """Ask about what is for real people; what is simulated and in doubt never happened."""
        if self._ending(message) is not None:
            return Absent()
        return self._gateway.ask(message, others=others)

    def _ending(self, message: Message) -> Ending | None:
        return self._sandbox.ending(message.channel, message.address or "")

    def _simulated(self, message: Message, district: str, ending: Ending) -> Outcome:
        accepted = Accepted(simulated_id(message))
        if message.channel is Channel.EMAIL:
            return _RELAYED.get(ending, accepted)
        self._report(message, district, ending)
        return accepted


def simulated_id(message: Message) -> str:
    """Return the id that a provider would have given a message."""
    return f"SIM-{message.message_id}"
