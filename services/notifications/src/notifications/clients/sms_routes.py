"""Several SMS providers as one: each message goes by the route that was kept with it."""

import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from random import SystemRandom

from notifications.clients.sms import SmsGateway
from notifications.domain import routes
from notifications.domain.delivery import Answer, Outcome, Postponed, Unclear
from notifications.domain.messages import Message
from notifications.domain.planning import DistrictRules
from notifications.domain.reasons import Reason

#: What says something about the route, and not about the number or the text.
_FAULTS = frozenset(
    {
        Reason.PROVIDER_BUSY,
        Reason.PROVIDER_UNREACHABLE,
        Reason.PROVIDER_REFUSES_US,
        Reason.PROVIDER_FAILED,
        Reason.ANSWER_LOST,
    }
)
_draw = SystemRandom().random

#: More errors in memory than that prove nothing more.
_MOST_ERRORS = 10_000


class SmsRoutes:
    """All SMS routes as one provider.

    Args:
        gateways: by the route's name; the first one also takes what was sent before there were routes.
        clock: monotonic time in seconds.
        draw: draws evenly from 0 to 1, without 1.
    """

    def __init__(
        self,
        gateways: Mapping[str, SmsGateway],
        *,
        clock: Callable[[], float] = time.monotonic,
        draw: Callable[[], float] = _draw,
    ) -> None:
        self._gateways = gateways
        self._clock = clock
        self._draw = draw
        self._first = next(iter(gateways))
        self._errors: dict[str, deque[float]] = {name: deque(maxlen=_MOST_ERRORS) for name in gateways}
        #: How texts are shared out; whoever keeps the weights sets it.
        self.weights: Mapping[str, int] = dict.fromkeys(gateways, 1)
        self.longest_send_s = max(each.longest_send_s for each in gateways.values())

    @property
    def names(self) -> Collection[str]:
        """Return the names of the routes."""
        return tuple(self._gateways)

    def choose(self, message: Message) -> str:
        """Return the route for a message that is taken up: by weight, but not the one that just failed."""
        failed = message.route if message.attempts > 1 else ""
        return routes.choose(self.weights, self._draw(), but=failed)

    def failing(self, *, most_errors: int, within_s: float) -> Collection[str]:
        """Return the routes with more errors than that within so many seconds."""
        since = self._clock() - within_s
        return [
            name
            for name, errors in self._errors.items()
            if sum(1 for moment in errors if moment >= since) > most_errors
        ]

    def send_all(
        self, messages: Sequence[Message], *, rules: DistrictRules, may_go_on: Callable[[], bool]
    ) -> Iterator[tuple[Message, Outcome]]:
        """Hand messages over, route by route.

        What one route cannot take waits for another round, which keeps the other route before it sends: sent
        here at once, a lost answer would be asked about at the wrong provider.
        """
        by_route: dict[str, list[Message]] = {}
        for message in messages:
            by_route.setdefault(self._route_of(message), []).append(message)
        for name, ours in by_route.items():
            for message, outcome in self._gateways[name].send_all(ours, rules=rules, may_go_on=may_go_on):
                if isinstance(outcome, (Postponed, Unclear)) and outcome.reason in _FAULTS:
                    self._errors[name].append(self._clock())
                yield message, outcome

    def ask(self, message: Message, *, others: Callable[[Collection[str]], Collection[str]]) -> Answer:
        """Ask the provider that the message went to, and no other."""
        return self._gateways[self._route_of(message)].ask(message, others=others)

    def _route_of(self, message: Message) -> str:
        return message.route if message.route in self._gateways else self._first
