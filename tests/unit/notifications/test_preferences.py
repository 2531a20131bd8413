"""What guardians may choose, what they must know whatever they choose, and who said so."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import time

import pytest
from tests.unit.notifications.notification_examples import RULES, Examples, World
from tests.unit.notifications.notification_service import Service

from notifications.domain.eligibility import ConsentRule
from notifications.domain.hours import Quiet
from notifications.domain.messages import Purpose, State
from notifications.domain.planning import ChannelRule
from notifications.domain.preferences import (
    Change,
    Frequency,
    Preferences,
    QuietChange,
    Said,
    Source,
    Topic,
    Wanted,
    frequency,
)
from notifications.domain.reasons import Reason
from notifications.domain.replies import Reply
from notifications.domain.roster import Channel
from notifications.domain.suppressions import Suppression, Wish
from notifications.use_cases.identities import suppression_id
from notifications.use_cases.wishing import (
    ChoiceRefusedError,
    Reachability,
    change_preferences,
    consents_of,
    reachability_of,
)

Choices = Mapping[tuple[str, Channel], Frequency]

NO_REMINDERS: Choices = {
    ("reminders", Channel.EMAIL): Frequency.OFF,
    ("reminders", Channel.SMS): Frequency.OFF,
}
WISHED = RULES.preferences


def said(make: Examples, source: Source = Source.PORTAL, **fields: str) -> Said:
    return Said(at=make.now, by=fields.get("by", "g-1"), source=source, why=fields.get("why", ""))


def chosen(world: World, make: Examples, choices: Choices, *, by: Said | None = None) -> Preferences:
    wanted = Wanted(choices=choices)
    return change_preferences(make.guardian(), wanted, by or said(make), wishes=world.wishes, rules=WISHED)


def left_in_peace(world: World, make: Examples, quiet: Quiet | None) -> Preferences:
    wanted = Wanted(choices={}, quiet=quiet, sets_quiet=True)
    return change_preferences(make.guardian(), wanted, said(make), wishes=world.wishes, rules=WISHED)


def test_who_has_not_chosen_hears_as_is_usual_in_the_district() -> None:
    rules = replace(
        WISHED,
        topics={
            **WISHED.topics,
            "reminders": Topic(
                purposes={Purpose.DEFENSE_REMINDER, Purpose.MILESTONE_REMINDER},
                usual={Channel.EMAIL: Frequency.DIGEST, Channel.SMS: Frequency.OFF},
            ),
        },
    )

    assert frequency(Purpose.DEFENSE_REMINDER, Channel.EMAIL, None, rules) is Frequency.DIGEST
    assert frequency(Purpose.DEFENSE_REMINDER, Channel.SMS, None, rules) is Frequency.OFF
    assert frequency(Purpose.MILESTONE_MISSED, Channel.SMS, None, rules) is Frequency.NOW


def test_a_choice_is_kept_with_who_made_it_and_counts_for_its_topic_and_channel(
    make: Examples, world: World
) -> None:
    kept = chosen(world, make, {("reminders", Channel.SMS): Frequency.OFF})

    assert world.wishes.values == {"g-1": kept}
    assert frequency(Purpose.DEFENSE_REMINDER, Channel.SMS, kept, WISHED) is Frequency.OFF
    assert frequency(Purpose.DEFENSE_REMINDER, Channel.EMAIL, kept, WISHED) is Frequency.NOW
    assert frequency(Purpose.DEFENSE_SCHEDULED, Channel.SMS, kept, WISHED) is Frequency.NOW
    assert kept.history == (
        Change(said=said(make), topic="reminders", channel=Channel.SMS, frequency=Frequency.OFF),
    )


def test_the_same_choice_again_leaves_no_trace(make: Examples, world: World) -> None:
    first = chosen(world, make, NO_REMINDERS)

    assert chosen(world, make, NO_REMINDERS) == first
    assert world.wishes.writes == ["g-1"]


def test_a_later_choice_leaves_the_others_as_they_are_and_the_first_one_on_record(
    make: Examples, world: World
) -> None:
    chosen(world, make, NO_REMINDERS)
    by_phone = said(make, Source.STAFF, by="coordinator-1", why="Called and asked for reminders by email.")

    kept = chosen(world, make, {("reminders", Channel.EMAIL): Frequency.DIGEST}, by=by_phone)

    assert kept.choices[("reminders", Channel.SMS)] is Frequency.OFF
    assert kept.choices[("reminders", Channel.EMAIL)] is Frequency.DIGEST
    assert len(kept.history) == 3
    assert kept.history[-1].said == by_phone


def test_quiet_hours_of_ones_own_are_kept_with_who_chose_them(make: Examples, world: World) -> None:
    own = Quiet(time(20), time(9))

    kept = left_in_peace(world, make, own)
    beside = chosen(world, make, NO_REMINDERS)
    ended = left_in_peace(world, make, None)

    assert (kept.quiet, beside.quiet, ended.quiet) == (own, own, None)
    assert ended.quiet_history == (
        QuietChange(said=said(make), quiet=own),
        QuietChange(said=said(make), quiet=None),
    )


def test_nothing_chosen_is_nothing_kept(make: Examples, world: World) -> None:
    assert chosen(world, make, {}) == Preferences(guardian_id="g-1", choices={})
    assert world.wishes.values == {}


def test_what_families_must_know_cannot_be_switched_off(make: Examples, world: World) -> None:
    for less in (Frequency.OFF, Frequency.DIGEST):
        with pytest.raises(ChoiceRefusedError, match="defenses: is what families must know"):
            chosen(world, make, {("defenses", Channel.EMAIL): less})
    with pytest.raises(ChoiceRefusedError, match="lunch: is no topic"):
        chosen(world, make, {("lunch", Channel.EMAIL): Frequency.OFF})
    assert world.wishes.values == {}
    assert chosen(world, make, {("defenses", Channel.EMAIL): Frequency.NOW}).choices


def test_a_must_know_purpose_of_a_topic_that_is_off_is_told_all_the_same() -> None:
    rules = replace(WISHED, must_know={*WISHED.must_know, Purpose.MILESTONE_CANCELLED})
    off = Preferences(guardian_id="g-1", choices={("milestones", Channel.EMAIL): Frequency.OFF})

    assert frequency(Purpose.MILESTONE_CANCELLED, Channel.EMAIL, off, rules) is Frequency.NOW
    assert frequency(Purpose.MILESTONE_SCHEDULED, Channel.EMAIL, off, rules) is Frequency.OFF


def test_case_24_what_is_switched_off_everywhere_is_on_record_as_unsent(make: Examples) -> None:
    """And what must be known is told: so much of a defense nobody can switch off."""
    service = Service(make)
    chosen(service.world, make, {("milestones", channel): Frequency.OFF for channel in Channel})
    service.notebook.note(make.milestone())
    service.hear(make.event())

    service.round()

    assert service.sent() == [(1, Purpose.DEFENSE_SCHEDULED)]
    assert service.unsent() == [(1, State.NOT_SENT, Reason.SWITCHED_OFF)]


def test_a_choice_that_comes_after_a_message_was_made_is_seen_when_it_is_sent(make: Examples) -> None:
    service = Service(make)
    service.notebook.note(make.milestone())
    service.tell()
    chosen(service.world, make, {("milestones", Channel.EMAIL): Frequency.OFF})

    service.deliver()

    assert service.unsent(Channel.EMAIL) == [(1, State.NOT_SENT, Reason.SWITCHED_OFF)]
    assert service.sent(Channel.SMS) == [(1, Purpose.MILESTONE_SCHEDULED)]


def test_case_16_a_school_sees_whom_a_channel_does_not_reach_and_why(make: Examples, world: World) -> None:
    guardian = make.guardian(email="ana@example")
    stopped = Suppression(channel=Channel.SMS, reason=Reason.OPTED_OUT, since=make.now, active=True)
    world.suppressions.values[suppression_id(Channel.SMS, "+15025550101")] = stopped

    reach = reachability_of(guardian, suppressions=world.suppressions, rules=RULES)

    assert reach == {
        Channel.EMAIL: Reachability(address=None, reason=Reason.EMAIL_INVALID),
        Channel.SMS: Reachability(address="+15025550101", reason=Reason.OPTED_OUT, since=make.now),
    }


def test_who_is_reached_has_no_reason_against_it(make: Examples, world: World) -> None:
    lifted = Suppression(channel=Channel.SMS, reason=Reason.OPTED_OUT, since=make.now, active=False)
    world.suppressions.values[suppression_id(Channel.SMS, "+15025550101")] = lifted
    email_only = replace(
        RULES, channels={Channel.SMS: ChannelRule(consent=ConsentRule.GRANTED, most_parts=3)}
    )

    assert reachability_of(make.guardian(), suppressions=world.suppressions, rules=email_only) == {
        Channel.SMS: Reachability(address="+15025550101", reason=None)
    }
    refused = make.guardian(consents=())
    [found] = reachability_of(refused, suppressions=world.suppressions, rules=email_only).values()
    assert found.reason is Reason.CONSENT_MISSING


def test_all_that_a_guardian_has_said_is_told_in_order(make: Examples, world: World) -> None:
    by_phone = said(make, Source.STAFF, by="coordinator-1", why="Called.")
    chosen(world, make, {("reminders", Channel.SMS): Frequency.OFF}, by=by_phone)
    for number, text, wish in (
        ("+15025550101", "Stop texting me", Wish.STOP),
        ("+15025550101", "Who is this?", None),
        ("+15025550199", "STOP", Wish.STOP),
    ):
        name = f"SM{len(world.replies.values)}"
        world.replies.values[name] = Reply(
            reply_id=name, sender=number, text=text, wish=wish, received_at=make.after(60)
        )

    told = consents_of(make.guardian(), world.wishes.values["g-1"], replies=world.replies)

    assert [(each.source, each.given_by, each.about, each.granted, each.words) for each in told] == [
        ("", "g-1", "", True, ""),
        ("", "g-1", "", True, ""),
        ("staff", "coordinator-1", "reminders", False, "Called."),
        ("reply", "number", "", False, "Stop texting me"),
    ]


def test_who_has_no_number_has_texted_nothing(make: Examples, world: World) -> None:
    without = make.guardian(phone=None, consents=())

    assert list(consents_of(without, None, replies=world.replies)) == []
