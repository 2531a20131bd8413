"""Messages are claimed, sent and settled, each once."""

from dataclasses import replace

import pytest
from tests.unit.notifications.notification_examples import RULES, Examples, ScriptedGateway, World

from notifications.domain.delivery import (
    Absent,
    Accepted,
    Found,
    NoAnswer,
    Outcome,
    Postponed,
    Refused,
    Unclear,
)
from notifications.domain.messages import Message, Purpose, State
from notifications.domain.planning import DistrictRules
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel, Relation
from notifications.domain.suppressions import Suppression
from notifications.domain.tellings import TellingState
from notifications.use_cases.delivering import claim, resolve_doubts, send, settle
from notifications.use_cases.identities import suppression_id


def claimed(
    world: World,
    make: Examples,
    *,
    lease: str = "mine",
    after_s: float = 0,
    rules: DistrictRules = RULES,
) -> list[Message]:
    return claim(
        list(world.messages.values),
        messages=world.messages,
        tellings=world.tellings,
        roster=world.roster,
        suppressions=world.suppressions,
        rules=rules,
        lease=lease,
        now=make.after(after_s),
    )


def settled(world: World, make: Examples, *outcomes: tuple[Message, Outcome]) -> None:
    settle(
        outcomes,
        messages=world.messages,
        tellings=world.tellings,
        suppressions=world.suppressions,
        reaches=world.reaches,
        rules=RULES,
        now=make.now,
        draw=lambda: 1.0,
    )


def asked(world: World, make: Examples, gateway: ScriptedGateway, *, after_s: float = 30) -> int:
    return resolve_doubts(
        list(world.messages.values),
        messages=world.messages,
        gateway=gateway,
        rules=RULES,
        clock=lambda: make.after(after_s),
        draw=lambda: 1.0,
    )


def states(world: World) -> dict[str, tuple[State, Reason | None]]:
    return {name: (each.state, each.reason) for name, each in world.messages.values.items()}


def test_a_due_message_is_claimed_sent_and_settled(
    make: Examples, world: World, gateway: ScriptedGateway
) -> None:
    world.of(make.message())

    ours = claimed(world, make)
    outcomes = send(ours, gateway=gateway, rules=RULES, clock=lambda: make.now)
    settled(world, make, *outcomes)

    assert ours == [make.sending()]
    assert outcomes == [(make.sending(), Accepted("SM-m-1"))]
    assert world.messages.values["m-1"].state is State.SENT


def test_case_28_of_two_workers_only_one_gets_a_message(make: Examples, world: World) -> None:
    world.of(make.message())

    assert len(claimed(world, make, lease="mine")) == 1
    assert claimed(world, make, lease="theirs") == []


def test_a_claim_that_others_won_in_the_meantime_is_not_ours(make: Examples, world: World) -> None:
    class Contested(type(world.messages)):  # type: ignore[misc]  # the class of this very object
        def change_many(self, changes):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            for message_id, decide in changes:
                # The first decision meets a conflict; the second one sees what the others wrote.
                decide(self.values[message_id])
                self.values[message_id] = make.sending(lease="theirs")
                assert decide(self.values[message_id]) is None
            return 0

    world.messages = Contested(make.message())

    assert claimed(world, make) == []


def test_a_message_that_vanished_is_not_claimed(make: Examples, world: World) -> None:
    world.of(make.message())

    class Forgetful(type(world.messages)):  # type: ignore[misc]  # the class of this very object
        def change_many(self, changes):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            assert [decide(None) for _, decide in changes] == [None]
            return 0

    world.messages = Forgetful(make.message())

    assert claimed(world, make) == []


def test_case_2_a_message_whose_sender_vanished_becomes_one_in_doubt(make: Examples, world: World) -> None:
    world.of(make.sending())

    assert claimed(world, make, after_s=60) == []
    assert states(world) == {"m-1": (State.UNKNOWN, Reason.INTERRUPTED)}


def test_case_8_a_message_of_an_older_revision_is_dropped_when_it_is_taken_up(
    make: Examples, world: World
) -> None:
    world.of(make.message())
    world.tellings.values["d-1"] = make.telling(fact=make.defense(revision=2))

    assert claimed(world, make) == []
    assert states(world) == {"m-1": (State.SUPERSEDED, Reason.NEWER_REVISION)}


def test_a_message_of_the_current_revision_is_not_dropped(make: Examples, world: World) -> None:
    world.of(make.message())
    world.tellings.values["d-1"] = make.telling()

    assert len(claimed(world, make)) == 1


def test_case_23_rights_are_checked_again_when_a_message_is_taken_up(make: Examples, world: World) -> None:
    world.of(make.message())
    world.guardians.values["g-1"] = make.guardian(relations=(Relation(student_id="s-1", may_be_told=False),))

    assert claimed(world, make) == []
    assert states(world) == {"m-1": (State.NOT_SENT, Reason.MAY_NOT_BE_TOLD)}


def test_a_consent_that_was_withdrawn_meanwhile_counts(make: Examples, world: World) -> None:
    world.of(make.message())
    world.guardians.values["g-1"] = make.guardian(consents=(make.consent(Channel.SMS, granted=False),))

    assert claimed(world, make) == []
    assert states(world) == {"m-1": (State.NOT_SENT, Reason.CONSENT_REFUSED)}


def test_case_15_a_stop_that_came_meanwhile_counts(make: Examples, world: World) -> None:
    world.of(make.message())
    world.suppressions.values[suppression_id(Channel.SMS, "+15025550101")] = Suppression(
        channel=Channel.SMS, reason=Reason.OPTED_OUT, since=make.now, active=True
    )

    assert claimed(world, make) == []
    assert states(world) == {"m-1": (State.NOT_SENT, Reason.OPTED_OUT)}


@pytest.mark.parametrize("gone", ["students", "guardians"])
def test_nobody_is_told_about_whom_nothing_is_known_any_more(make: Examples, world: World, gone: str) -> None:
    world.of(make.message())
    getattr(world, gone).values.clear()

    assert claimed(world, make) == []
    assert states(world) == {"m-1": (State.NOT_SENT, Reason.MAY_NOT_BE_TOLD)}


def test_a_sender_goes_on_only_while_its_lease_certainly_holds(
    make: Examples, gateway: ScriptedGateway
) -> None:
    ours = [make.sending(message_id=name) for name in ("m-1", "m-2")]
    # 60 s of lease, of which one send may take 20.
    times = iter([make.now, make.after(39), make.after(40)])

    send(ours, gateway=gateway, rules=RULES, clock=lambda: next(times))

    assert gateway.went_on == [True, False]


def test_sending_nothing_sends_nothing(make: Examples, gateway: ScriptedGateway) -> None:
    assert send([], gateway=gateway, rules=RULES, clock=lambda: make.now) == []


def test_every_end_of_a_send_is_kept(make: Examples, world: World) -> None:
    ends: dict[str, Outcome] = {
        "accepted": Accepted("SM1"),
        "refused": Refused(Reason.CONTENT_REFUSED),
        "postponed": Postponed(Reason.PROVIDER_BUSY),
        "unclear": Unclear(Reason.ANSWER_LOST),
    }
    ours = {name: make.sending(message_id=name) for name in ends}
    world.of(*ours.values())

    settled(world, make, *[(ours[name], outcome) for name, outcome in ends.items()])

    assert states(world) == {
        "accepted": (State.SENT, None),
        "refused": (State.FAILED, Reason.CONTENT_REFUSED),
        "postponed": (State.CREATED, Reason.PROVIDER_BUSY),
        "unclear": (State.UNKNOWN, Reason.ANSWER_LOST),
    }
    assert world.suppressions.values == {}


def test_case_16_an_opt_out_that_only_the_provider_knew_is_recorded(make: Examples, world: World) -> None:
    world.of(make.sending())

    settled(world, make, (make.sending(), Refused(Reason.OPTED_OUT, suppress=True)))

    assert states(world) == {"m-1": (State.FAILED, Reason.OPTED_OUT)}
    assert world.suppressions.values == {
        suppression_id(Channel.SMS, "+15025550101"): Suppression(
            channel=Channel.SMS, reason=Reason.OPTED_OUT, since=make.now, active=True
        )
    }


def test_an_end_of_a_message_that_vanished_is_nothing(make: Examples, world: World) -> None:
    settled(world, make, (make.sending(), Accepted("SM1")))

    assert world.messages.values == {}


def test_case_2_a_message_that_the_provider_took_is_not_sent_again(
    make: Examples, world: World, gateway: ScriptedGateway
) -> None:
    world.of(make.unknown())
    gateway.answers["m-1"] = Found("SM1")

    assert asked(world, make, gateway) == 1
    assert world.messages.values["m-1"].provider_id == "SM1"
    assert states(world) == {"m-1": (State.SENT, None)}


def test_case_2_a_message_that_the_provider_never_saw_waits_for_another_attempt(
    make: Examples, world: World, gateway: ScriptedGateway
) -> None:
    world.of(make.unknown())
    gateway.answers["m-1"] = Absent()

    assert asked(world, make, gateway) == 1
    assert states(world) == {"m-1": (State.CREATED, Reason.ANSWER_LOST)}


def test_case_23_of_two_lost_answers_to_one_phone_each_finds_its_own_copy(
    make: Examples, world: World, gateway: ScriptedGateway
) -> None:
    known = make.message(message_id="m-0", state=State.SENT, provider_id="SM0", due_at=None)
    doubted = [make.unknown(message_id=name) for name in ("m-1", "m-2", "m-3")]
    world.of(known, *doubted)
    for each in doubted:
        gateway.answers[each.message_id] = ["SM2", "SM1", "SM0"]

    assert asked(world, make, gateway) == 3

    found = {name: each.provider_id for name, each in world.messages.values.items()}
    assert found == {"m-0": "SM0", "m-1": "SM1", "m-2": "SM2", "m-3": ""}
    assert world.messages.values["m-3"].state is State.CREATED


def test_a_provider_that_does_not_answer_is_asked_once_a_round(
    make: Examples, world: World, gateway: ScriptedGateway
) -> None:
    world.of(make.unknown(), make.unknown(message_id="m-2"), make.message(message_id="m-3"))
    gateway.answers["m-1"] = NoAnswer()

    assert asked(world, make, gateway) == 0
    assert gateway.asked == ["m-1"]
    assert [world.messages.values[name].due_at for name in ("m-1", "m-2")] == [make.after(50)] * 2


def test_a_message_that_vanished_while_the_provider_was_asked_stays_away(
    make: Examples, world: World, gateway: ScriptedGateway
) -> None:
    class Forgetful(type(world.messages)):  # type: ignore[misc]  # the class of this very object
        def change_many(self, changes):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            self.values.clear()
            return super().change_many(changes)

    world.messages = Forgetful(make.unknown())
    gateway.answers["m-1"] = Found("SM1")

    asked(world, make, gateway)

    assert world.messages.values == {}


def test_what_waits_for_a_channel_that_the_district_has_given_up_is_not_sent(
    make: Examples, world: World
) -> None:
    world.of(make.message())
    email_only = replace(RULES, channels={Channel.EMAIL: RULES.channels[Channel.EMAIL]})

    assert claimed(world, make, rules=email_only) == []
    assert states(world) == {"m-1": (State.NOT_SENT, Reason.CHANNEL_UNUSED)}


def test_a_message_does_not_go_to_an_address_that_was_replaced_while_it_waited(
    make: Examples, world: World
) -> None:
    world.of(make.message())
    world.tellings.values["d-1"] = make.telling(state=TellingState.TOLD, due_at=None)
    world.guardians.values["g-1"] = make.guardian(phone="+15025550199")

    assert claimed(world, make) == []
    assert states(world) == {"m-1": (State.CREATED, None)}
    assert world.tellings.values["d-1"] == make.telling()


@pytest.mark.parametrize(
    ("purpose", "guardian_ids"),
    [(Purpose.DEFENSE_REMINDER, ("g-1",)), (Purpose.DEFENSE_SCHEDULED, ())],
)
def test_what_would_not_be_written_anew_for_a_new_address_is_not_sent(
    make: Examples, world: World, purpose: Purpose, guardian_ids: tuple[str, ...]
) -> None:
    world.of(make.message(purpose=purpose))
    world.students.values["s-1"] = make.student(guardian_ids=guardian_ids)
    world.guardians.values["g-1"] = make.guardian(phone="+15025550199")

    claimed(world, make)

    assert states(world) == {"m-1": (State.NOT_SENT, Reason.ADDRESS_REPLACED)}


def test_a_cancellation_is_written_anew_for_a_guardian_who_is_no_longer_on_record(
    make: Examples, world: World
) -> None:
    world.of(make.message(purpose=Purpose.DEFENSE_CANCELLED))
    world.students.values["s-1"] = make.student(guardian_ids=())
    world.guardians.values["g-1"] = make.guardian(phone="+15025550199")

    claimed(world, make)

    assert states(world) == {"m-1": (State.CREATED, None)}


def test_a_message_to_a_replaced_address_ends_with_its_deadline(make: Examples, world: World) -> None:
    world.of(make.message())
    world.guardians.values["g-1"] = make.guardian(phone="+15025550199")

    claimed(world, make, after_s=(make.starts_at - make.now).total_seconds())

    assert states(world) == {"m-1": (State.EXPIRED, Reason.DEADLINE_PASSED)}


def test_a_message_whose_address_is_gone_is_not_sent(make: Examples, world: World) -> None:
    world.of(make.message())
    world.guardians.values["g-1"] = make.guardian(phone=None)

    claimed(world, make)

    assert states(world) == {"m-1": (State.NOT_SENT, Reason.NO_ADDRESS)}


def test_what_was_taken_after_it_was_superseded_has_its_fact_looked_at_again(
    make: Examples, world: World
) -> None:
    world.of(make.message(state=State.SUPERSEDED, due_at=None))
    cancelled = make.telling(fact=make.cancelled(), state=TellingState.TOLD, due_at=None)
    world.tellings.values["d-1"] = cancelled

    settled(world, make, (make.sending(), Accepted("SM-m-1")))

    assert states(world) == {"m-1": (State.SENT, None)}
    assert world.tellings.values["d-1"] == make.telling(fact=make.cancelled())
