"""A family follows every move and cancellation of its defense, and hears of nothing twice."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.notifications.notification_examples import RULES, STARTS, Examples, ScriptedGateway
from tests.unit.notifications.notification_service import Service

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
from notifications.domain.messages import Message, Purpose, State
from notifications.domain.planning import DistrictRules
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel
from notifications.domain.tellings import Missing, TellingState

SETTLING = replace(RULES, waiting=replace(RULES.waiting, settle_s=120))
LIBRARY = {"starts_at": STARTS + timedelta(days=1), "ends_at": STARTS + timedelta(days=1, minutes=30)}


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
