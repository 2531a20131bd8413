"""A digest and its items stay together: taken up together, and each item becomes what its digest became."""

from dataclasses import replace
from datetime import datetime

from tests.unit.notifications.notification_digests import UNTIL_DIGEST_S, Household
from tests.unit.notifications.notification_examples import Examples

from notifications.domain import digests
from notifications.domain.delivery import Found, Postponed, Receipt, Refused, Unclear
from notifications.domain.messages import Message, Purpose, State
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel
from notifications.use_cases.digesting import follow_digests
from notifications.use_cases.hearing import hear_receipt


def heard(household: Household, digest: Message, receipt: Receipt) -> None:
    hear_receipt(
        digest.message_id,
        receipt,
        messages=household.world.messages,
        tellings=household.world.tellings,
        suppressions=household.world.suppressions,
        reaches=household.world.reaches,
        now=household.service.now,
    )


def looks_due(household: Household) -> dict[str, datetime | None]:
    return {name: each.due_at for name, each in household.world.reaches.values.items()}


def test_a_digest_that_is_postponed_waits_with_its_items(household: Household) -> None:
    household.gathered()

    household.service.deliver(outcome=Postponed(Reason.PROVIDER_BUSY, retry_after_s=600))

    [digest] = household.to("g-1")
    assert digest.state is State.CREATED
    assert {each.state for each in household.items("g-1").values()} == {State.CREATED}
    household.service.round(after_s=120)
    assert household.to("g-1") == [digest]
    household.service.round(after_s=600)
    assert household.to("g-1")[0].state is State.SENT
    assert set(household.states().values()) == {(State.SENT, None)}


def test_a_digest_whose_answer_was_lost_is_asked_about_and_its_items_follow(household: Household) -> None:
    household.gathered()
    household.service.deliver(outcome=Unclear(Reason.ANSWER_LOST))
    [digest] = household.to("g-1")
    assert set(household.states().values()) == {(State.UNKNOWN, Reason.ANSWER_LOST)}
    household.service.gateway.answers[digest.message_id] = Found("SM-found")

    household.service.passed_s += 40
    household.service.ask()
    household.service.round(after_s=120)

    assert household.to("g-1")[0].state is State.SENT
    assert set(household.states().values()) == {(State.SENT, None)}
    assert household.service.gateway.sent.count(digest.message_id) == 1


def test_a_digest_that_is_refused_has_failed_for_all_its_items(household: Household) -> None:
    household.gathered()

    household.service.deliver(outcome=Refused(Reason.CONTENT_REFUSED))

    assert set(household.states().values()) == {(State.FAILED, Reason.CONTENT_REFUSED)}
    assert looks_due(household) == dict.fromkeys(("ms-1", "ms-2"), household.service.now)


def test_a_receipt_of_a_digest_is_a_receipt_of_its_items(household: Household) -> None:
    household.waiting()
    household.service.round(after_s=UNTIL_DIGEST_S)
    [digest] = household.to("g-1")

    heard(household, digest, Receipt(State.DELIVERED, digest.provider_id))

    assert set(household.states().values()) == {(State.DELIVERED, None)}


def test_a_digest_that_does_not_arrive_has_the_families_of_its_items_looked_at(household: Household) -> None:
    household.waiting()
    household.service.round(after_s=UNTIL_DIGEST_S)
    [digest] = household.to("g-1", Channel.EMAIL)
    household.service.arrive()
    household.service.look()
    assert looks_due(household) == {"ms-1": None, "ms-2": None}

    heard(household, digest, Receipt(State.FAILED, digest.provider_id, Reason.MAILBOX_UNAVAILABLE))

    assert looks_due(household) == dict.fromkeys(("ms-1", "ms-2"), household.service.now)


def test_who_crashes_between_items_and_digest_loses_neither(household: Household) -> None:
    """Items are taken under way first; the next claim finds them so and takes up their digest."""
    household.gathered()
    [digest] = household.to("g-1")
    for item in household.items("g-1").values():
        taken = digests.take_along(item, digest.message_id, now=household.service.now, lease_s=60)
        assert taken is not None
        household.world.messages.values[item.message_id] = taken

    household.service.deliver()

    assert household.to("g-1")[0].state is State.SENT
    assert set(household.states().values()) == {(State.SENT, None)}


def test_items_whose_taker_has_vanished_wait_again(household: Household) -> None:
    household.gathered()
    [digest] = household.to("g-1")
    [first, _] = household.items("g-1").values()
    taken = digests.take_along(first, digest.message_id, now=household.service.now, lease_s=60)
    assert taken is not None
    household.world.messages.values[first.message_id] = taken

    household.service.passed_s += 130
    household.service.gather()

    assert set(household.states().values()) == {(State.CREATED, None), (State.CREATED, Reason.NEXT_DIGEST)}


def test_an_item_that_others_end_while_it_is_taken_holds_its_digest_back(household: Household) -> None:
    household.gathered()
    [digest] = household.to("g-1")
    world = household.world
    [first, _] = household.items("g-1").values()
    messages = type(world.messages)

    class Racing(messages):  # type: ignore[misc, valid-type]  # the class of this very object
        raced = False

        def change_many(self, changes):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            if not self.raced:
                self.raced = True
                self.values[first.message_id] = first.ended(State.SUPERSEDED, Reason.NEWER_REVISION)
            return super().change_many(changes)

    world.messages = Racing(*world.messages.values.values())

    ours = household.service.claim()

    assert digest.message_id not in [each.message_id for each in ours]
    assert household.to("g-1")[0].reason is Reason.DIGEST_CHANGED
    household.service.round()
    assert household.text("g-1") == "Omar"


def test_an_item_follows_its_digest_and_no_other(make: Examples) -> None:
    sent = make.message(message_id="dg-1", purpose=Purpose.DIGEST, state=State.SENT, due_at=None)
    item = make.message(digest_id="dg-1")

    def followed(**changes: object) -> Message | None:
        return digests.follow(item, replace(sent, **changes), now=make.now)  # type: ignore[arg-type]

    after = followed()
    assert after is not None
    assert after.state is State.SENT
    # What only waits for it is not under way with it.
    assert followed(state=State.SENDING) is None
    assert followed(state=State.EXPIRED) is None
    under_way = digests.take_along(item, "dg-1", now=make.now, lease_s=60)
    assert under_way is not None
    expired = digests.follow(under_way, replace(sent, state=State.EXPIRED), now=make.now)
    assert expired is not None
    assert expired.state is State.EXPIRED
    assert digests.follow(replace(under_way, state=State.DELIVERED), sent, now=make.now) is None
    assert digests.take_along(item, "dg-2", now=make.now, lease_s=60) is None
    assert digests.release(expired, "dg-1", due_at=make.now) is None


def test_items_that_have_vanished_or_ended_meanwhile_change_nothing(household: Household) -> None:
    """Decisions are made again after a conflict, on whatever is there then."""
    household.gathered()
    world = household.world

    class Vanishing(type(world.messages)):  # type: ignore[misc]  # the class of this very object
        def change_many(self, changes):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            asked = [decide(None) for name, decide in changes if name in self.items]
            assert asked == [None] * len(asked)
            return 0

    def vanish() -> None:
        items = {each.message_id for each in world.messages.values.values() if each.digest_id}
        world.messages = Vanishing(*world.messages.values.values())
        world.messages.items = items

    vanish()
    assert not [each for each in household.service.claim() if each.items]
    [digest] = household.to("g-1")
    world.messages.values[digest.message_id] = digest.ended(State.SENT, None)
    follow_digests([digest.message_id], messages=world.messages, now=household.service.now)
    late = household.items("g-1")["ms-1"]
    world.messages.values[late.message_id] = replace(late, due_at=household.service.now)
    household.service.gather()
    ended = household.items("g-2")["ms-1"]
    world.messages.values[ended.message_id] = replace(ended, due_at=household.service.now)
    household.service.gather()

    assert household.items("g-1")["ms-1"].state is State.CREATED
    assert household.items("g-2")["ms-1"].state is State.CREATED


def test_who_has_read_a_digest_that_seemed_not_taken_hears_of_the_newer_revision(
    household: Household,
) -> None:
    household.gathered()
    household.service.deliver(Channel.SMS, outcome=Postponed(Reason.PROVIDER_BUSY, retry_after_s=600))
    moved = household.make.milestone(revision=2, place=household.make.place(room="Library"))
    household.service.notebook.note(moved)
    household.service.tell()
    [digest] = household.to("g-1")

    heard(household, digest, Receipt(State.DELIVERED, "SM-late"))

    told = household.world.messages.values[digest.items[0].message_id]
    assert (told.fact_id, told.revision, told.state) == ("ms-1", 1, State.DELIVERED)
    assert household.world.tellings.values["ms-1"].due_at == household.service.now
