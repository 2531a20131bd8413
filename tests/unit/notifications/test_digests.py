"""One message a day for what guardians want gathered, each item under its own student, checked when sent."""

from dataclasses import replace
from datetime import time

from tests.unit.notifications.notification_digests import DAY_S, UNTIL_DIGEST_S, Household
from tests.unit.notifications.notification_examples import RULES, Examples, PlainRenderer

from notifications.domain.hours import HourRules, Quiet
from notifications.domain.messages import Purpose, State
from notifications.domain.preferences import Frequency
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel, Relation
from notifications.domain.suppressions import suppress
from notifications.use_cases.gathering import gather_digests
from notifications.use_cases.identities import suppression_id


def test_case_23_siblings_news_waits_for_one_message_in_the_evening(household: Household) -> None:
    household.waiting()

    assert household.digests() == []
    waiting = household.items("g-1").values()
    assert {each.due_at for each in waiting} == {household.digest_hour()}
    assert {each.reason for each in waiting} == {Reason.NEXT_DIGEST}
    household.service.round(after_s=UNTIL_DIGEST_S)

    [digest] = household.to("g-1")
    assert (digest.state, household.text("g-1")) == (State.SENT, "Maya Omar")
    assert [each.student_id for each in digest.items] == ["s-1", "s-2"]
    assert household.states() == {"ms-1": (State.SENT, None), "ms-2": (State.SENT, None)}
    assert {each.sent_at for each in household.items("g-1").values()} == {digest.sent_at}
    assert household.service.gateway.sent.count(digest.message_id) == 1


def test_case_23_two_guardians_of_one_phone_each_hear_of_their_own_students(household: Household) -> None:
    household.waiting()

    household.service.round(after_s=UNTIL_DIGEST_S)

    assert (household.text("g-1"), household.text("g-2")) == ("Maya Omar", "Maya")


def test_case_23_an_order_that_comes_after_queueing_takes_a_student_out(household: Household) -> None:
    household.waiting()
    relations = (Relation(student_id="s-1", may_be_told=True), Relation(student_id="s-2", may_be_told=False))
    household.world.guardians.values["g-1"] = household.make.guardian(relations=relations)

    household.service.round(after_s=UNTIL_DIGEST_S)

    assert household.text("g-1") == "Maya"
    assert household.states()["ms-2"] == (State.NOT_SENT, Reason.MAY_NOT_BE_TOLD)


def test_case_23_an_order_that_comes_between_gathering_and_sending_takes_a_student_out(
    household: Household,
) -> None:
    household.gathered()
    assert household.text("g-1") == "Maya Omar"
    relations = (Relation(student_id="s-1", may_be_told=True), Relation(student_id="s-2", may_be_told=False))
    household.world.guardians.values["g-1"] = household.make.guardian(relations=relations)

    household.service.deliver()

    [changed] = household.to("g-1")
    assert (changed.state, changed.reason) == (State.SUPERSEDED, Reason.DIGEST_CHANGED)
    household.service.round()
    assert household.text("g-1") == "Maya"
    assert household.states() == {
        "ms-1": (State.SENT, None),
        "ms-2": (State.NOT_SENT, Reason.MAY_NOT_BE_TOLD),
    }


def test_case_23_a_guardian_who_was_removed_after_queueing_gets_no_digest(household: Household) -> None:
    household.waiting()
    household.world.guardians.values["g-2"] = replace(household.world.guardians.values["g-2"], active=False)

    household.service.round(after_s=UNTIL_DIGEST_S)

    assert household.to("g-2") == []
    assert household.states("g-2") == {"ms-1": (State.NOT_SENT, Reason.GUARDIAN_LEFT)}
    assert household.text("g-1") == "Maya Omar"


def test_superseded_items_fall_out_of_a_digest(household: Household) -> None:
    """A milestone that moves before the digest is told as it is then, once."""
    household.waiting()
    moved = household.make.milestone(revision=2, place=household.make.place(room="Library"))
    household.service.notebook.note(moved)

    household.service.round(after_s=60)
    household.service.round(after_s=UNTIL_DIGEST_S)

    [digest] = household.to("g-1")
    told = [household.world.messages.values[each.message_id] for each in digest.items]
    assert [(each.fact_id, each.revision, each.purpose) for each in told] == [
        ("ms-1", 2, Purpose.MILESTONE_SCHEDULED),
        ("ms-2", 1, Purpose.MILESTONE_SCHEDULED),
    ]


def test_a_revision_that_comes_between_gathering_and_sending_makes_the_digest_anew(
    household: Household,
) -> None:
    household.gathered()
    household.service.notebook.note(household.make.milestone(revision=2))

    household.service.deliver()
    household.service.round()

    [digest] = household.to("g-1")
    assert (digest.state, household.text("g-1")) == (State.SENT, "Omar")


def test_there_is_one_digest_a_day(household: Household) -> None:
    household.waiting()
    household.service.round(after_s=UNTIL_DIGEST_S)
    household.service.notebook.note(household.make.milestone(fact_id="ms-3"))
    household.service.round(after_s=60)

    assert len(household.to("g-1")) == 1
    household.service.round(after_s=DAY_S)

    assert [len(each.items) for each in household.to("g-1")] == [2, 1]


def test_what_the_next_digest_would_tell_too_late_goes_out_alone(household: Household) -> None:
    soon = household.make.after(UNTIL_DIGEST_S)
    place = household.make.place(starts_at=soon, ends_at=soon)
    household.service.notebook.note(household.make.milestone(deadline=soon, place=place))

    household.service.round()

    assert household.states() == {"ms-1": (State.SENT, None)}
    assert household.digests() == []


def test_what_must_be_known_waits_for_no_digest(household: Household) -> None:
    household.service.hear(household.make.event())

    household.service.round()

    assert household.states() == {"d-1": (State.SENT, None)}


def test_what_is_switched_off_before_the_evening_is_in_no_digest(household: Household) -> None:
    household.waiting()
    household.world.wishes.values["g-1"] = household.wishing("g-1", Frequency.OFF)

    household.service.round(after_s=UNTIL_DIGEST_S)

    assert household.to("g-1") == []
    assert set(household.states().values()) == {(State.NOT_SENT, Reason.SWITCHED_OFF)}


def test_a_stop_before_the_evening_ends_the_digest_by_text_and_not_by_email(household: Household) -> None:
    household.waiting()
    stopped = suppress(None, Channel.SMS, Reason.OPTED_OUT, now=household.make.now)
    household.world.suppressions.values[suppression_id(Channel.SMS, "+15025550101")] = stopped

    household.service.round(after_s=UNTIL_DIGEST_S)

    assert household.digests(Channel.SMS) == []
    assert len(household.digests(Channel.EMAIL)) == 2


def test_a_text_that_is_refused_is_on_record_for_each_item(household: Household) -> None:
    household.waiting()
    refusing = PlainRenderer()
    refusing.refuses = Reason.TEXT_TOO_LONG
    due = [each.message_id for each in household.items("g-1").values()]

    made = gather_digests(due, household.world.desk(household.digest_hour(), RULES, refusing))

    assert made == 0
    assert set(household.states().values()) == {(State.NOT_SENT, Reason.TEXT_TOO_LONG)}


def test_what_misses_its_digest_has_the_next_one(household: Household) -> None:
    household.waiting()
    household.service.round(after_s=UNTIL_DIGEST_S)
    [digest] = household.to("g-1")
    late = replace(
        household.make.message(message_id="m-late", purpose=Purpose.MILESTONE_MISSED, fact_id="ms-9"),
        digest_id=digest.message_id,
        due_at=household.service.now,
    )
    hopeless = replace(late, message_id="m-hopeless", deadline=household.make.after(UNTIL_DIGEST_S + 60))
    household.world.messages.values |= {"m-late": late, "m-hopeless": hopeless}

    household.service.gather()

    put_off = household.world.messages.values["m-late"]
    assert put_off.digest_id != digest.message_id
    assert put_off.due_at == household.make.after(UNTIL_DIGEST_S + DAY_S)
    ended = household.world.messages.values["m-hopeless"]
    assert (ended.state, ended.reason) == (State.EXPIRED, Reason.NEXT_DIGEST)


def test_an_address_that_changes_before_the_evening_gets_the_same_evenings_digest(
    household: Household,
) -> None:
    household.waiting()
    known = household.world.guardians.values["g-1"]
    household.world.guardians.values["g-1"] = replace(known, phone="+15025550102")

    household.service.round(after_s=UNTIL_DIGEST_S)
    household.service.round()
    household.service.round(after_s=6)

    [digest] = household.to("g-1")
    assert (digest.address, digest.state) == ("+15025550102", State.SENT)
    assert len(digest.items) == 2


def test_a_digest_is_held_in_quiet_hours_like_any_message(make: Examples) -> None:
    hours = HourRules(
        quiet={Channel.SMS: Quiet(time(17), time(18))},
        same_day=frozenset(),
        time_zone="America/Kentucky/Louisville",
    )
    household = Household(make, replace(RULES, hours=hours))
    household.waiting()

    household.service.round(after_s=UNTIL_DIGEST_S)
    assert household.digests() == []
    household.service.round(after_s=3600)

    assert household.text("g-1") == "Maya Omar"


def quiet_after_the_digest(make: Examples) -> Household:
    """Return a household that must not be texted from a minute after the digest's hour on."""
    hours = HourRules(
        quiet={Channel.SMS: Quiet(time(17, 1), time(18))},
        same_day=frozenset(),
        time_zone="America/Kentucky/Louisville",
    )
    return Household(make, replace(RULES, hours=hours))


def test_case_22_a_digest_that_is_made_just_before_the_quiet_hours_waits_whole(make: Examples) -> None:
    household = quiet_after_the_digest(make)
    household.waiting()
    household.service.passed_s = UNTIL_DIGEST_S
    household.service.gather()

    household.service.round(after_s=60)

    [digest] = household.to("g-1")
    assert (digest.state, digest.reason) == (State.CREATED, Reason.QUIET_HOURS)
    assert digest.due_at == make.after(UNTIL_DIGEST_S + 3600)
    household.service.round(after_s=3600)
    assert (household.to("g-1")[0].state, household.text("g-1")) == (State.SENT, "Maya Omar")


def test_case_22_what_a_digest_is_gathered_of_in_quiet_hours_waits_for_their_end(make: Examples) -> None:
    household = quiet_after_the_digest(make)
    household.waiting()
    household.service.passed_s = UNTIL_DIGEST_S + 120

    household.service.gather()

    assert household.digests() == []
    assert set(household.states().values()) == {(State.CREATED, Reason.QUIET_HOURS)}
    household.service.round(after_s=3600)
    assert household.text("g-1") == "Maya Omar"
