"""A family follows every move and cancellation of its defense, and hears of nothing twice."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.notifications.notification_examples import (
    RULES,
    STARTS,
    Examples,
    PlainRenderer,
    ScriptedGateway,
    World,
)

from contracts.defenses import DefenseScheduled
from notifications.domain.delivery import (
    Absent,
    Accepted,
    Answer,
    Found,
    Outcome,
    Refused,
    Unclear,
    Untried,
)
from notifications.domain.messages import TAKEN, Message, Purpose, State
from notifications.domain.planning import DistrictRules
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel
from notifications.domain.tellings import Missing, TellingState
from notifications.use_cases.delivering import claim, resolve_doubts, send, settle
from notifications.use_cases.telling import note_cancellation, note_defense, tell_families

SETTLING = replace(RULES, waiting=replace(RULES.waiting, settle_s=120))
LIBRARY = {"starts_at": STARTS + timedelta(days=1), "ends_at": STARTS + timedelta(days=1, minutes=30)}


class Service:
    """The service with a clock that a test moves on; what is sent arrives, unless the test says otherwise."""

    def __init__(self, make: Examples, rules: DistrictRules = RULES) -> None:
        self.make = make
        self.world = World(make)
        self.gateway = ScriptedGateway()
        self.rules = rules
        self.passed_s = 0.0

    def hear(self, event: DefenseScheduled) -> None:
        note_defense(event, tellings=self.world.tellings, rules=self.rules.waiting, now=self.now)

    def hear_cancellation(self, revision: int = 2, *, rescheduled: bool = False) -> None:
        event = self.make.cancellation(revision=revision, to_be_rescheduled=rescheduled)
        note_cancellation(event, tellings=self.world.tellings, rules=self.rules.waiting, now=self.now)

    @property
    def now(self) -> datetime:
        return self.make.after(self.passed_s)

    def tell(self) -> None:
        facts = self.world.tellings.values.items()
        tell_families(
            [name for name, each in facts if each.due_at and each.due_at <= self.now],
            tellings=self.world.tellings,
            roster=self.world.roster,
            messages=self.world.messages,
            suppressions=self.world.suppressions,
            renderer=PlainRenderer(),
            rules=self.rules,
            now=self.now,
        )

    def claim(self, *channels: Channel) -> list[Message]:
        return claim(
            [
                name
                for name, each in self.world.messages.values.items()
                if each.due_at and each.due_at <= self.now and each.channel in (channels or tuple(Channel))
            ],
            messages=self.world.messages,
            tellings=self.world.tellings,
            roster=self.world.roster,
            suppressions=self.world.suppressions,
            rules=self.rules,
            lease=f"lease-{self.passed_s}",
            now=self.now,
        )

    def settle(self, ours: list[Message], outcome: Outcome | None = None) -> None:
        sent = send(ours, gateway=self.gateway, rules=self.rules, clock=lambda: self.now)
        settle(
            [(message, outcome or accepted) for message, accepted in sent],
            messages=self.world.messages,
            suppressions=self.world.suppressions,
            rules=self.rules,
            now=self.now,
            draw=lambda: 0.0,
        )

    def deliver(self, *channels: Channel, outcome: Outcome | None = None) -> None:
        self.settle(self.claim(*channels), outcome)

    def ask(self) -> None:
        resolve_doubts(
            [
                name
                for name, each in self.world.messages.values.items()
                if each.due_at and each.due_at <= self.now
            ],
            messages=self.world.messages,
            gateway=self.gateway,
            rules=self.rules,
            clock=lambda: self.now,
            draw=lambda: 0.0,
        )

    def round(self, *, after_s: float = 1.0) -> None:
        """Let time pass, and everything happen that is due."""
        self.passed_s += after_s
        self.tell()
        self.deliver()

    def sent(self, channel: Channel = Channel.EMAIL) -> list[tuple[int, Purpose]]:
        """Return what arrived on a channel, by revision."""
        return sorted(
            (each.revision, each.purpose)
            for each in self.world.messages.values.values()
            if each.channel is channel and each.state in TAKEN
        )

    def unsent(self, channel: Channel = Channel.EMAIL) -> list[tuple[int, State, Reason | None]]:
        return sorted(
            (each.revision, each.state, each.reason)
            for each in self.world.messages.values.values()
            if each.channel is channel and each.state not in TAKEN
        )

    def state(self) -> TellingState:
        return self.world.tellings.values["d-1"].state


@pytest.fixture
def service(make: Examples) -> Service:
    return Service(make)


def test_a_family_that_was_told_hears_of_a_move_once_on_each_channel(
    make: Examples, service: Service
) -> None:
    service.hear(make.event())
    service.round()
    for _ in range(3):
        service.hear(make.event(revision=2, room="Library"))
        service.round()

    told = [(1, Purpose.DEFENSE_SCHEDULED), (2, Purpose.DEFENSE_MOVED)]
    assert service.sent(Channel.EMAIL) == service.sent(Channel.SMS) == told
    assert service.state() is TellingState.TOLD


def test_case_9_cancelled_before_anything_was_sent_nothing_is_sent(make: Examples, service: Service) -> None:
    service.hear(make.event())
    service.tell()
    service.hear_cancellation()
    service.round()

    assert service.gateway.sent == []
    assert service.unsent() == [
        (1, State.SUPERSEDED, Reason.NEWER_REVISION),
        (2, State.NOT_SENT, Reason.NEVER_TOLD),
    ]


def test_everybody_who_was_told_hears_of_the_cancellation_once(make: Examples, service: Service) -> None:
    service.hear(make.event())
    service.round()
    for _ in range(3):
        service.hear_cancellation()
        service.round()

    told = [(1, Purpose.DEFENSE_SCHEDULED), (2, Purpose.DEFENSE_CANCELLED)]
    assert service.sent(Channel.EMAIL) == service.sent(Channel.SMS) == told


def test_a_cancellation_is_told_until_the_time_that_the_family_believed_in(
    make: Examples, service: Service
) -> None:
    service.hear(make.event(**LIBRARY))
    service.round()
    service.hear_cancellation()
    service.tell()

    assert {each.deadline for each in service.world.messages.values.values()} == {LIBRARY["starts_at"]}


def test_a_guardian_who_is_no_longer_on_record_and_was_told_hears_of_the_cancellation(
    make: Examples, service: Service
) -> None:
    service.hear(make.event())
    service.round()
    service.world.students.values["s-1"] = make.student(guardian_ids=())
    service.hear_cancellation()
    service.round()

    assert service.sent()[-1] == (2, Purpose.DEFENSE_CANCELLED)


def test_the_family_of_a_student_who_has_left_hears_of_the_cancellation(
    make: Examples, service: Service
) -> None:
    service.hear(make.event())
    service.round()
    service.world.students.values["s-1"] = make.student(active=False)
    service.hear_cancellation()
    service.round()

    assert service.sent()[-1] == (2, Purpose.DEFENSE_CANCELLED)


def test_case_10_moved_and_moved_back_before_anything_was_sent_is_one_message(
    make: Examples, service: Service
) -> None:
    service.hear(make.event())
    service.tell()
    service.hear(make.event(revision=2, room="Library"))
    service.tell()
    service.hear(make.event(revision=3))
    service.round()

    assert service.sent() == [(3, Purpose.DEFENSE_SCHEDULED)]


def test_case_10_moved_and_moved_back_within_the_settling_time_is_no_message(make: Examples) -> None:
    service = Service(make, SETTLING)
    service.hear(make.event())
    service.round()
    service.hear(make.event(revision=2, room="Library"))
    service.round(after_s=60)
    service.hear(make.event(revision=3))
    service.round(after_s=119)
    before = len(service.world.messages.values)
    service.round()

    assert before == 2
    assert service.sent() == [(1, Purpose.DEFENSE_SCHEDULED)]
    assert service.unsent() == [(3, State.NOT_SENT, Reason.ALREADY_TOLD)]


def test_a_move_that_settles_is_told(make: Examples) -> None:
    service = Service(make, SETTLING)
    service.hear(make.event())
    service.round()
    service.hear(make.event(revision=2, room="Library"))
    service.round(after_s=120)

    assert service.sent()[-1] == (2, Purpose.DEFENSE_MOVED)


def test_case_7_a_move_that_comes_before_its_scheduling_is_told_as_the_scheduling(
    make: Examples, service: Service
) -> None:
    service.hear(make.event(revision=2, room="Library"))
    service.round()
    service.hear(make.event())
    service.round()

    assert service.sent() == [(2, Purpose.DEFENSE_SCHEDULED)]


def test_case_7_a_cancellation_that_comes_first_wins(make: Examples, service: Service) -> None:
    service.hear_cancellation(revision=3)
    service.hear(make.event(revision=2, room="Library"))
    service.hear(make.event())
    service.round()

    assert service.gateway.sent == []


def test_a_cancelled_defense_that_gets_another_time_is_told_as_scheduled(
    make: Examples, service: Service
) -> None:
    service.hear(make.event())
    service.round()
    service.hear_cancellation(rescheduled=True)
    service.round()
    service.hear(make.event(revision=3, **LIBRARY))
    service.round()

    assert service.sent()[1:] == [(2, Purpose.DEFENSE_CANCELLED), (3, Purpose.DEFENSE_SCHEDULED)]


def test_case_8_a_cancellation_waits_for_the_end_of_an_invitation_that_is_being_sent(
    make: Examples, service: Service
) -> None:
    service.hear(make.event())
    service.tell()
    ours = service.claim()
    service.hear_cancellation()
    service.round()
    waiting = service.world.tellings.values["d-1"]
    service.settle(ours)
    service.round()

    assert (waiting.state, waiting.missing) == (TellingState.WAITING, (Missing.ANSWER,))
    assert service.sent() == [(1, Purpose.DEFENSE_SCHEDULED), (2, Purpose.DEFENSE_CANCELLED)]


def test_an_invitation_that_was_refused_while_the_cancellation_waited_needs_none(
    make: Examples, service: Service
) -> None:
    service.hear(make.event())
    service.tell()
    ours = service.claim()
    service.hear_cancellation()
    service.round()
    service.settle(ours, Refused(Reason.CONTENT_REFUSED))
    service.round()

    assert service.sent() == []
    assert service.unsent()[-1] == (2, State.NOT_SENT, Reason.NEVER_TOLD)


def test_an_invitation_in_doubt_that_the_provider_never_saw_is_not_sent_after_the_cancellation(
    make: Examples, service: Service
) -> None:
    service.hear(make.event())
    service.tell()
    service.deliver(outcome=Unclear(Reason.ANSWER_LOST))
    service.hear_cancellation()
    service.gateway.answers = {name: Absent() for name in service.world.messages.values}
    handed_over = len(service.gateway.sent)
    service.passed_s += 60
    service.ask()
    service.round()

    assert len(service.gateway.sent) == handed_over
    assert service.sent() == []


def test_a_doubt_that_nobody_can_settle_ends_with_patience_and_counts_as_told(
    make: Examples, service: Service
) -> None:
    service.hear(make.event())
    service.tell()
    service.deliver(outcome=Unclear(Reason.ANSWER_LOST))
    service.hear_cancellation()
    service.tell()
    service.passed_s = 700
    service.tell()
    stuck = service.state()
    service.passed_s += 600
    service.tell()

    assert stuck is TellingState.STUCK
    assert service.state() is TellingState.TOLD
    cancellations = [each for each in service.world.messages.values.values() if each.revision == 2]
    assert {(each.purpose, each.state) for each in cancellations} == {
        (Purpose.DEFENSE_CANCELLED, State.CREATED)
    }


def test_a_sender_that_was_faster_than_the_taking_back_is_waited_for(
    make: Examples, service: Service
) -> None:
    service.hear(make.event())
    service.tell()
    world = service.world
    first = dict(world.messages.values)

    class Contested(type(world.messages)):  # type: ignore[misc]  # the class of this very object
        def change_many(self, changes):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            for name in first:
                # A sender took it up between our look and our write.
                if self.values[name].state is State.CREATED:
                    self.values[name] = replace(self.values[name], state=State.SENDING, lease="theirs")
            return super().change_many(changes)

    world.messages = Contested(*first.values())
    service.hear_cancellation()
    service.passed_s += 1
    service.tell()

    assert {each.state for each in world.messages.values.values()} == {State.SENDING}
    assert world.tellings.values["d-1"].missing == (Missing.ANSWER,)


def test_a_message_that_vanished_is_not_taken_back(make: Examples, service: Service) -> None:
    service.hear(make.event())
    service.tell()
    world = service.world

    class Forgetful(type(world.messages)):  # type: ignore[misc]  # the class of this very object
        def change_many(self, changes):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            for name in [name for name, each in self.values.items() if each.revision == 1]:
                del self.values[name]
            return super().change_many(changes)

    world.messages = Forgetful(*world.messages.values.values())
    service.hear_cancellation()
    service.round()

    assert {each.reason for each in world.messages.values.values()} == {Reason.NEVER_TOLD}


def test_a_round_that_is_repeated_after_a_crash_chooses_no_second_message(
    make: Examples, service: Service
) -> None:
    service.hear(make.event())
    service.round()
    service.hear(make.event(revision=2, room="Library"))
    before = service.world.tellings.values["d-1"]
    service.tell()
    # The crash: messages were written, their fact was not marked; then it turns out that nothing had arrived.
    service.world.tellings.values["d-1"] = before
    for name, each in service.world.messages.values.items():
        if each.revision == 1:
            service.world.messages.values[name] = each.ended(State.FAILED, Reason.PHONE_UNREACHABLE)
    service.round()

    assert service.sent() == [(2, Purpose.DEFENSE_MOVED)]


class Fate(StrEnum):
    """What becomes of the next messages between us and the provider."""

    TAKEN = "taken"
    TAKEN_AND_ANSWER_LOST = "taken_and_answer_lost"
    NEVER_ARRIVED = "never_arrived"


class Provider(ScriptedGateway):
    """A provider that knows what really arrived."""

    def __init__(self) -> None:
        super().__init__()
        self.fate = Fate.TAKEN
        self.arrived: list[Message] = []

    def send_all(
        self, messages: Sequence[Message], *, rules: DistrictRules, may_go_on: Callable[[], bool]
    ) -> Iterator[tuple[Message, Outcome]]:
        for message in messages:
            if not may_go_on():
                yield message, Untried()
                continue
            if self.fate is not Fate.NEVER_ARRIVED:
                self.arrived.append(message)
            lost = self.fate is not Fate.TAKEN
            yield message, Unclear(Reason.ANSWER_LOST) if lost else Accepted(f"SM-{message.message_id}")

    def ask(self, message: Message, *, others: Callable[[Collection[str]], Collection[str]]) -> Answer:
        taken = any(each.message_id == message.message_id for each in self.arrived)
        return Found(f"SM-{message.message_id}") if taken else Absent()


#: A room, or None for a cancellation.
Revision = tuple[int, str | None]

revisions = (
    st.lists(st.sampled_from(["Room 12", "Library", None]), max_size=4)
    .map(lambda rooms: list(enumerate(["Room 12", *rooms], start=1)))
    .flatmap(st.permutations)
)
STEPS = ["hear", "hear again", "tell", "crash", "email", "sms", "take up", "hand over", "ask", "wait", *Fate]


def hear(service: Service, revision: int, room: str | None) -> None:
    if room is None:
        service.hear_cancellation(revision)
    else:
        service.hear(service.make.event(revision=revision, room=room))


def crash_after_telling(service: Service) -> None:
    """Let messages be written, and their fact not be marked."""
    before = dict(service.world.tellings.values)
    service.tell()
    service.world.tellings.values.update(before)


def take(
    service: Service, provider: Provider, step: str, *, coming: list[Revision], held: list[Message]
) -> None:
    def hand_over() -> None:
        service.settle(held)
        held.clear()

    def wait() -> None:
        service.passed_s += 20

    steps: dict[str, Callable[[], object]] = {
        "hear": lambda: hear(service, *coming.pop()) if coming else None,
        "tell": service.tell,
        "crash": lambda: crash_after_telling(service),
        "email": lambda: service.deliver(Channel.EMAIL),
        "sms": lambda: service.deliver(Channel.SMS),
        "take up": lambda: held.extend(service.claim()),
        "hand over": hand_over,
        "ask": service.ask,
        "wait": wait,
    }
    if step in steps:
        steps[step]()
    elif step in list(Fate):
        provider.fate = Fate(step)


@given(revisions, st.lists(st.sampled_from(STEPS), min_size=12, max_size=40))
def test_whatever_happens_who_was_told_knows_how_it_ended_and_nobody_is_told_twice(
    order: list[Revision], steps: list[str]
) -> None:
    patient = replace(RULES.delivery, most_attempts=1000)
    service, provider = Service(Examples(), replace(RULES, delivery=patient)), Provider()
    service.gateway = provider
    coming, held = list(order), list[Message]()
    for step in [*steps, *["hear"] * len(order), "hand over"]:
        take(service, provider, step, coming=coming, held=held)
        if step == "hear again":
            hear(service, *order[-1])
    provider.fate = Fate.TAKEN
    for _ in range(8):
        service.passed_s += 50
        service.ask()
        service.round()

    arrived = [(each.channel, each.revision) for each in provider.arrived]
    _, room_at_last = max(order)
    last = {each.channel: each for each in sorted(provider.arrived, key=lambda each: each.revision)}
    assert len(arrived) == len(set(arrived))
    for channel in Channel:
        on_channel = [revision for each, revision in arrived if each is channel]
        assert on_channel == sorted(on_channel)
    assert {each.tells.room if each.tells else None for each in last.values()} <= {room_at_last}
    assert room_at_last is None or set(last) == set(Channel)
