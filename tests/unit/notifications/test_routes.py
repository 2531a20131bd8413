"""Texts are shared out between two providers, and move away from one that fails or is slow."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.notifications.notification_examples import NOW, RULES, Examples, World
from tests.unit.notifications.notification_reach import WatchedService

from chassis.testing import MemoryRepository
from notifications.clients.sms import SmsGateway
from notifications.clients.sms_routes import SmsRoutes
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
)
from notifications.domain.messages import Message, State
from notifications.domain.planning import DistrictRules
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel
from notifications.domain.routes import (
    RouteReason,
    RouteRules,
    Speed,
    WeightChange,
    Weights,
    after_errors,
    after_slowness,
    choose,
    drifted,
    initial,
    of_routes,
)
from notifications.use_cases.delivering import claim, resolve_doubts
from notifications.use_cases.routing import weigh

ROUTES = RouteRules(
    resting={"first": 60, "second": 40, "third": 0},
    step=10,
    most_errors=2,
    errors_within_s=60,
    slow_after_s=300,
    slow_share=0.15,
    slow_within_s=900,
    least_texts=20,
    pause_after_errors_s=60,
    pause_after_slowness_s=300,
    drift_after_s=900,
    drift_every_s=300,
)
RESTING = Weights(by_route={"first": 60, "second": 40})
QUICK, SLOW = Speed(texts=100, slow=14), Speed(texts=100, slow=15)


def changed(reason: RouteReason = RouteReason.ERRORS, *, first: int = 50, ago_s: float = 0) -> Weights:
    """Return weights that were changed once."""
    weights = {"first": first, "second": 100 - first}
    change = WeightChange(at=NOW - timedelta(seconds=ago_s), reason=reason, weights=weights)
    return Weights(by_route=weights, changes=(change,))


def test_a_route_is_chosen_by_its_weight() -> None:
    weights = {"first": 60, "second": 40}

    chosen = [choose(weights, draw) for draw in (0.0, 0.59, 0.6, 0.99)]

    assert chosen == [
        "first",
        "first",
        "second",
        "second",
    ]


def test_the_route_that_has_just_failed_is_chosen_only_when_there_is_no_other() -> None:
    assert choose({"first": 90, "second": 10}, 0.1, but="first") == "second"
    assert choose({"first": 90}, 0.1, but="first") == "first"


def test_without_any_weight_there_is_still_a_route() -> None:
    assert choose({"first": 0, "second": 0}, 0.5) == "first"
    assert choose({"first": 100, "second": 0}, 0.5, but="first") == "second"


def test_a_draw_beyond_all_weights_takes_the_heaviest() -> None:
    assert choose({"first": 60, "second": 40}, 1.0) == "first"


def test_errors_move_ten_points_to_the_other_route_and_say_why() -> None:
    after = after_errors(RESTING, "first", now=NOW, rules=ROUTES)

    weights = {"first": 50, "second": 50}
    assert after == Weights(
        by_route=weights, changes=(WeightChange(at=NOW, reason=RouteReason.ERRORS, weights=weights),)
    )


def test_weights_do_not_move_twice_within_a_minute() -> None:
    assert after_errors(changed(ago_s=59), "first", now=NOW, rules=ROUTES) is None
    assert after_errors(changed(ago_s=60), "first", now=NOW, rules=ROUTES) is not None


def test_errors_of_the_only_route_or_of_one_that_has_nothing_left_move_nothing() -> None:
    assert after_errors(Weights(by_route={"first": 100}), "first", now=NOW, rules=ROUTES) is None
    assert after_errors(changed(first=0, ago_s=99), "first", now=NOW, rules=ROUTES) is None


def test_of_three_routes_the_others_share_what_one_loses() -> None:
    three = Weights(by_route={"first": 50, "second": 30, "third": 20})

    after = after_errors(three, "first", now=NOW, rules=replace(ROUTES, step=5))

    assert after is not None
    assert after.by_route == {"first": 45, "second": 33, "third": 22}


def test_slowness_of_one_route_moves_weights_and_of_both_moves_nothing() -> None:
    one = after_slowness(RESTING, {"first": SLOW, "second": QUICK}, now=NOW, rules=ROUTES)

    assert one is not None
    assert (one.by_route["first"], one.changes[-1].reason) == (50, RouteReason.SLOW)
    for speeds in ({"first": SLOW, "second": SLOW}, {"first": QUICK, "second": QUICK}, {}):
        assert after_slowness(RESTING, speeds, now=NOW, rules=ROUTES) is None


def test_slowness_moves_nothing_within_five_minutes_of_a_few_texts_or_of_the_only_route() -> None:
    slow = {"first": SLOW, "second": QUICK}
    few = {"first": Speed(texts=19, slow=19), "second": QUICK}

    assert after_slowness(changed(ago_s=299), slow, now=NOW, rules=ROUTES) is None
    assert after_slowness(RESTING, few, now=NOW, rules=ROUTES) is None
    assert after_slowness(Weights(by_route={"first": 100}), slow, now=NOW, rules=ROUTES) is None


def test_untouched_weights_drift_back_to_where_they_rest() -> None:
    early = drifted(changed(first=35, ago_s=899), {}, now=NOW, rules=ROUTES)
    first = drifted(changed(first=35, ago_s=900), {}, now=NOW, rules=ROUTES)
    again = drifted(changed(RouteReason.RESTING, first=55, ago_s=300), {}, now=NOW, rules=ROUTES)

    assert early is None
    assert first is not None
    assert (first.by_route, first.changes[-1].reason) == ({"first": 45, "second": 55}, RouteReason.RESTING)
    assert again is not None
    assert again.by_route == RESTING.by_route


def test_weights_at_rest_and_weights_of_a_slow_route_do_not_drift() -> None:
    assert drifted(RESTING, {}, now=NOW, rules=ROUTES) is None
    assert drifted(changed(ago_s=9999), {"first": SLOW, "second": QUICK}, now=NOW, rules=ROUTES) is None


@given(st.lists(st.sampled_from(["first", "second"]), max_size=30))
def test_whatever_fails_no_weight_is_lost(failures: list[str]) -> None:
    weights = RESTING
    for place, route in enumerate(failures):
        now = NOW + timedelta(minutes=place)
        weights = after_errors(weights, route, now=now, rules=ROUTES) or weights

    assert sum(weights.by_route.values()) == 100
    assert min(weights.by_route.values()) >= 0


def test_a_new_route_begins_at_rest_and_one_that_is_gone_is_left_out() -> None:
    assert initial(["second", "first"], ROUTES) == RESTING
    assert of_routes(changed(first=30), ["first", "third"], ROUTES).by_route == {"first": 30, "third": 0}


class Book(MemoryRepository[Weights]):
    def weigh(
        self, *failing: str, speeds: dict[str, Speed] | None = None, after_s: float = 0
    ) -> dict[str, int]:
        kept = weigh(
            ("first", "second"),
            failing=failing,
            speeds=speeds or {},
            book=self,
            rules=ROUTES,
            now=NOW + timedelta(seconds=after_s),
        )
        return dict(kept.by_route)


def test_weights_are_kept_with_the_reasons_of_their_changes() -> None:
    book = Book()

    moments = [
        book.weigh(),
        book.weigh(),
        book.weigh("first", after_s=10),
        # Not again within a minute, and no drift while anything fails.
        book.weigh("first", after_s=20),
        book.weigh(speeds={"first": QUICK, "second": SLOW}, after_s=400),
        book.weigh(after_s=400 + 900),
    ]

    assert [each["first"] for each in moments] == [60, 60, 50, 50, 60, 60]
    assert [each.reason for each in book.values["sms"].changes] == [RouteReason.ERRORS, RouteReason.SLOW]
    assert len(book.writes) == 3


def test_errors_of_all_routes_blame_none_of_them() -> None:
    book = Book()

    assert [book.weigh("first", "second", after_s=each)["first"] for each in (0, 60, 120)] == [60, 60, 60]


def test_weights_come_back_after_a_quiet_quarter_of_an_hour() -> None:
    book = Book()
    book.weigh("first")
    book.weigh("first", after_s=60)

    assert [book.weigh(after_s=each)["first"] for each in (900, 960, 1200, 1260)] == [40, 50, 50, 60]


class ScriptedRoute:
    """One provider: one outcome for every message, and one answer to every question."""

    longest_send_s = 20.0

    def __init__(self, outcome: Outcome, answer: Answer | None = None) -> None:
        self.outcome = outcome
        self.answer = answer or NoAnswer()
        self.sent: list[str] = []
        self.asked: list[str] = []

    def send_all(
        self, messages: Sequence[Message], *, rules: DistrictRules, may_go_on: Callable[[], bool]
    ) -> Iterator[tuple[Message, Outcome]]:
        for message in messages:
            self.sent.append(message.message_id)
            yield message, self.outcome

    def ask(self, message: Message, *, others: Callable[[Collection[str]], Collection[str]]) -> Answer:
        self.asked.append(message.message_id)
        return self.answer


def routes_of(
    *, draw: float = 0.0, clock: Callable[[], float] = lambda: 0.0, **found: ScriptedRoute
) -> SmsRoutes:
    return SmsRoutes(cast("dict[str, SmsGateway]", found), clock=clock, draw=lambda: draw)


def sent(routes: SmsRoutes, *messages: Message) -> dict[str, Outcome]:
    found = routes.send_all(messages, rules=RULES, may_go_on=lambda: True)
    return {message.message_id: outcome for message, outcome in found}


def test_each_message_goes_by_the_route_that_was_kept_with_it(make: Examples) -> None:
    first, second = ScriptedRoute(Accepted("SM1")), ScriptedRoute(Accepted("SM2"))
    both = routes_of(first=first, second=second)

    sent(
        both,
        make.sending(message_id="m-1", route="first"),
        make.sending(message_id="m-2", route="second"),
        make.sending(message_id="m-3", route="second"),
        # Sent before there were routes, or by one that is gone.
        make.sending(message_id="m-4"),
        make.sending(message_id="m-5", route="third"),
    )

    assert (first.sent, second.sent) == (["m-1", "m-4", "m-5"], ["m-2", "m-3"])
    assert both.names == ("first", "second")


def test_a_message_in_doubt_is_asked_about_where_it_went_and_nowhere_else(make: Examples) -> None:
    first, second = ScriptedRoute(Accepted(""), Absent()), ScriptedRoute(Accepted(""), Found("SM2"))
    both = routes_of(first=first, second=second)

    answer = both.ask(make.unknown(route="second"), others=lambda ids: ())

    assert answer == Found("SM2")
    assert (first.asked, second.asked) == ([], ["m-1"])


@pytest.mark.parametrize(
    "outcome",
    [Postponed(Reason.PROVIDER_BUSY), Postponed(Reason.PROVIDER_UNREACHABLE), Unclear(Reason.ANSWER_LOST)],
)
def test_faults_of_a_route_are_counted_and_forgotten_after_a_while(make: Examples, outcome: Outcome) -> None:
    now = [0.0]
    both = routes_of(
        clock=lambda: now[0], first=ScriptedRoute(outcome), second=ScriptedRoute(Accepted("SM2"))
    )
    for _ in range(3):
        sent(both, make.sending(route="first"), make.sending(route="second"))

    failing = both.failing(most_errors=2, within_s=60)
    now[0] = 61.0

    assert failing == ["first"]
    assert both.failing(most_errors=2, within_s=60) == []


@pytest.mark.parametrize(
    "outcome",
    [Refused(Reason.OPTED_OUT, suppress=True), Postponed(Reason.PHONE_UNREACHABLE), Accepted("SM1")],
)
def test_what_is_the_number_s_fault_is_not_the_route_s(make: Examples, outcome: Outcome) -> None:
    both = routes_of(first=ScriptedRoute(outcome))
    for _ in range(3):
        sent(both, make.sending(route="first"))

    assert both.failing(most_errors=2, within_s=60) == []


def test_another_attempt_goes_by_another_route(make: Examples) -> None:
    both = routes_of(first=ScriptedRoute(Accepted("")), second=ScriptedRoute(Accepted("")))
    both.weights = {"first": 90, "second": 10}

    assert both.choose(make.sending()) == "first"
    assert both.choose(make.sending(attempts=2, route="first")) == "second"
    # Given back untried, it has not failed.
    assert both.choose(make.sending(attempts=1, route="first")) == "first"


def test_the_route_is_kept_when_a_message_is_taken_up(make: Examples, world: World) -> None:
    world.of(make.message())
    both = routes_of(draw=0.99, first=ScriptedRoute(Accepted("")), second=ScriptedRoute(Accepted("")))

    ours = claim(
        ["m-1"],
        messages=world.messages,
        tellings=world.tellings,
        roster=world.roster,
        suppressions=world.suppressions,
        rules=RULES,
        lease="mine",
        now=NOW,
        route=both.choose,
    )

    assert ours == [make.sending(route="second")]
    assert world.messages.values["m-1"].route == "second"


def test_a_text_whose_answer_was_lost_goes_by_the_other_route_only_when_the_first_never_took_it(
    make: Examples,
) -> None:
    service = WatchedService(make)
    first = ScriptedRoute(Unclear(Reason.ANSWER_LOST), Absent())
    second = ScriptedRoute(Accepted("SM2"))
    both = routes_of(first=first, second=second)
    service.hear(make.event())
    service.tell()
    [text] = service.claim(Channel.SMS)
    service.world.messages.values[text.message_id] = ours = replace(text, route="first")

    def ask(after_s: float) -> None:
        resolve_doubts(
            [ours.message_id],
            messages=service.world.messages,
            gateway=both,
            rules=RULES,
            clock=lambda: make.after(after_s),
            draw=lambda: 0.0,
        )

    service.settle([ours], sent(both, ours)[ours.message_id])
    in_doubt = service.world.messages.values[ours.message_id]
    ask(1)
    still = service.world.messages.values[ours.message_id]
    ask(make.delivery.proof_after_s)
    free = service.world.messages.values[ours.message_id]

    assert (in_doubt.state, in_doubt.route, still.state) == (State.UNKNOWN, "first", State.UNKNOWN)
    assert (free.state, first.asked, second.sent) == (State.CREATED, [ours.message_id] * 2, [])
    assert both.choose(replace(free, attempts=2)) == "second"


def test_a_route_that_does_not_answer_does_not_keep_the_other_from_being_asked(make: Examples) -> None:
    world = World(make)
    world.of(
        make.unknown(message_id="m-1", route="first"),
        make.unknown(message_id="m-2", route="first"),
        make.unknown(message_id="m-3", route="second"),
    )
    first = ScriptedRoute(Accepted(""), NoAnswer())
    second = ScriptedRoute(Accepted(""), Found("SM3"))

    resolve_doubts(
        list(world.messages.values),
        messages=world.messages,
        gateway=routes_of(first=first, second=second),
        rules=RULES,
        clock=lambda: make.after(30),
        draw=lambda: 0.0,
    )

    assert (first.asked, second.asked) == (["m-1"], ["m-3"])
    assert world.messages.values["m-3"].state is State.SENT
