"""Families are watched until they are reached, and listed for the school while nothing has reached them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.notifications.notification_examples import STARTS, Examples
from tests.unit.notifications.notification_reach import WatchedService

from contracts.notifications import FAMILY_UNREACHED, FamilyUnreached, Obstacle
from notifications.domain.delivery import Refused
from notifications.domain.messages import Purpose, State
from notifications.domain.reach import NotOnListError, ReachState, ToldHow
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel, Relation
from notifications.domain.tellings import TellingState
from notifications.use_cases.reaching import Looked, tell_by_hand

EMAIL, PHONE = "ana@example.org", "+15025550101"
BOUNCED = Refused(Reason.ADDRESS_REFUSED, suppress=True)


def test_a_family_whose_mail_was_taken_is_reached(make: Examples, watched: WatchedService) -> None:
    watched.hear(make.event())
    watched.round()

    looked = watched.look()

    assert looked == Looked(messages=0, listed=0)
    assert watched.listed == (ReachState.REACHED, [])
    # Until the text's receipt is there: it may fail.
    assert watched.reach.due_at is not None
    watched.arrive()
    watched.look(after_s=3600)
    assert watched.reach.due_at is None


def test_a_family_is_not_looked_at_before_its_time(make: Examples, watched: WatchedService) -> None:
    watched.hear(make.event())
    watched.round()
    before = watched.reach

    watched.look(after_s=1)

    assert watched.reach == before


def test_case_24_without_any_contact_nothing_is_sent_and_the_school_has_the_family_on_its_list(
    make: Examples, watched: WatchedService
) -> None:
    watched.world.guardians.values["g-1"] = make.guardian(email=None, phone=None)
    watched.hear(make.event())
    watched.round()
    watched.look()

    assert watched.gateway.sent == []
    assert watched.ends(Channel.EMAIL) == [(State.NOT_SENT, Reason.NO_ADDRESS, None)]
    assert watched.listed == (
        ReachState.UNREACHED,
        [(Channel.EMAIL, Reason.NO_ADDRESS), (Channel.SMS, Reason.NO_ADDRESS)],
    )


def test_case_24_a_contact_that_comes_before_the_deadline_is_used_and_closes_the_entry(
    make: Examples, watched: WatchedService
) -> None:
    watched.world.guardians.values["g-1"] = make.guardian(email=None, phone=None)
    watched.hear(make.event())
    watched.round()
    watched.look()

    watched.world.guardians.values["g-1"] = make.guardian(phone=None)
    watched.look()
    assert watched.reach.state is ReachState.WATCHED
    watched.deliver()
    watched.look(after_s=3600)

    assert watched.ends(Channel.EMAIL) == [(State.SENT, None, EMAIL)]
    assert watched.listed == (ReachState.REACHED, [])


def test_case_24_a_contact_that_comes_after_the_deadline_is_not_used(
    make: Examples, watched: WatchedService
) -> None:
    watched.world.guardians.values["g-1"] = make.guardian(email=None, phone=None)
    watched.hear(make.event())
    watched.round()
    watched.look()
    watched.at(STARTS)
    watched.world.guardians.values["g-1"] = make.guardian()

    watched.look(after_s=0)

    assert watched.reach.state is ReachState.LAPSED
    assert watched.ends(Channel.EMAIL) == [(State.NOT_SENT, Reason.NO_ADDRESS, None)]


def test_a_family_without_anybody_on_record_is_told_once_somebody_is(
    make: Examples, watched: WatchedService
) -> None:
    watched.world.students.values["s-1"] = make.student(guardian_ids=())
    watched.hear(make.event())
    watched.round()
    watched.look()
    assert watched.listed == (ReachState.UNREACHED, [(None, Reason.NOBODY_ON_RECORD)])

    watched.world.students.values["s-1"] = make.student()
    watched.look()
    watched.round()
    watched.look(after_s=3600)

    assert watched.sent() == [(1, Purpose.DEFENSE_SCHEDULED)]
    assert watched.state() is TellingState.TOLD
    assert watched.reach.state is ReachState.REACHED


def test_a_family_of_whom_nothing_is_known_is_listed_when_patience_is_over(
    make: Examples, watched: WatchedService
) -> None:
    watched.world.students.values.clear()
    watched.hear(make.event())
    watched.round()
    watched.look()
    assert watched.reach.state is ReachState.WATCHED

    watched.round(after_s=600)
    watched.look()

    assert watched.listed == (ReachState.UNREACHED, [(None, Reason.COPY_MISSING)])


def test_a_family_that_may_not_be_told_is_for_a_person(make: Examples, watched: WatchedService) -> None:
    watched.world.guardians.values["g-1"] = make.guardian(
        relations=(Relation(student_id="s-1", may_be_told=False),)
    )
    watched.hear(make.event())
    watched.round()
    watched.look()

    assert watched.listed == (ReachState.UNREACHED, [(None, Reason.NOBODY_MAY_BE_TOLD)])


def test_a_cancellation_of_which_nobody_need_hear_is_not_on_the_list(
    make: Examples, watched: WatchedService
) -> None:
    watched.world.guardians.values["g-1"] = make.guardian(email=None, phone=None)
    watched.hear(make.event())
    watched.round()
    watched.hear_cancellation()
    watched.round()
    watched.look()

    assert watched.listed == (ReachState.MOOT, [])


def test_a_newer_revision_is_watched_anew_and_an_older_watch_waits_for_it(
    make: Examples, watched: WatchedService
) -> None:
    watched.hear(make.event())
    watched.round()
    watched.look()
    watched.hear(make.event(revision=2, room="Library"))
    watched.failed(make.message())
    watched.look(after_s=0)
    assert (watched.reach.revision, watched.reach.state) == (1, ReachState.REACHED)

    watched.round()
    watched.look(after_s=3600)

    assert (watched.reach.revision, watched.reach.state) == (2, ReachState.REACHED)


def test_a_fact_that_is_gone_is_watched_no_more(make: Examples, watched: WatchedService) -> None:
    watched.hear(make.event())
    watched.round()
    watched.world.tellings.values.clear()

    watched.look()

    assert watched.reach.state is ReachState.MOOT


def test_a_watch_that_others_changed_meanwhile_is_left_to_them(
    make: Examples, watched: WatchedService
) -> None:
    watched.world.guardians.values["g-1"] = make.guardian(email=None, phone=None)
    watched.hear(make.event())
    watched.round()
    theirs = replace(watched.reach, state=ReachState.TOLD_BY_HAND, due_at=None)

    class Contested(type(watched.reaches)):  # type: ignore[misc]  # the class of this very object
        def change_many(self, changes):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            for name, decide in changes:
                # The first decision meets a conflict; then the watch is theirs, and then it is gone.
                assert decide(self.values[name]) is not None
                self.values[name] = theirs
                assert decide(theirs) is None
                assert decide(None) is None
            return 0

    watched.reaches = Contested(watched.reaches.values)

    assert watched.look() == Looked(messages=0, listed=0)


def test_when_the_day_is_near_others_are_told_once(make: Examples, watched: WatchedService) -> None:
    watched.world.guardians.values["g-1"] = make.guardian(phone=None)
    watched.hear(make.event())
    watched.tell()
    watched.deliver(outcome=BOUNCED)
    watched.look()
    assert watched.reaches.facts == []

    watched.at(STARTS - timedelta(days=1))
    watched.look(after_s=0)
    watched.look()

    obstacle = Obstacle(guardian_id="g-1", channel="email", reason="address_refused")
    nobody = Obstacle(guardian_id="g-1", channel="sms", reason="no_address")
    said = FamilyUnreached(
        fact_id="d-1",
        revision=1,
        student_id="s-1",
        school_id="sch-1",
        deadline=STARTS,
        obstacles=(obstacle, nobody),
        unreached_at=STARTS - timedelta(days=1),
    )
    assert watched.reaches.facts == [FAMILY_UNREACHED.says(said)]


def test_where_it_is_no_guardians_fault_others_hear_so(make: Examples, watched: WatchedService) -> None:
    watched.world.students.values["s-1"] = make.student(guardian_ids=())
    watched.hear(make.event())
    watched.round()
    watched.at(STARTS - timedelta(hours=1))

    watched.look(after_s=0)

    [said] = watched.reaches.facts
    assert said.data.obstacles == (Obstacle(guardian_id=None, channel=None, reason="nobody_on_record"),)


def test_a_person_tells_a_family_and_it_leaves_the_list_for_good(
    make: Examples, watched: WatchedService
) -> None:
    watched.world.guardians.values["g-1"] = make.guardian(email=None, phone=None)
    watched.hear(make.event())
    watched.round()
    watched.look()

    told = tell_by_hand(
        watched.reach, by="c-1", how=ToldHow.CALLED, note="", reaches=watched.reaches, now=watched.now
    )
    watched.world.guardians.values["g-1"] = make.guardian()
    watched.look(after_s=3600)

    assert (told.state, told.closed_by) == (ReachState.TOLD_BY_HAND, "c-1")
    assert watched.reach == told
    assert watched.gateway.sent == []
    with pytest.raises(NotOnListError):
        tell_by_hand(told, by="c-2", how=ToldHow.CALLED, note="", reaches=watched.reaches, now=watched.now)


def test_whom_a_person_told_a_person_must_tell_of_the_cancellation(
    make: Examples, watched: WatchedService
) -> None:
    watched.world.guardians.values["g-1"] = make.guardian(email=None, phone=None)
    watched.hear(make.event())
    watched.round()
    watched.look()
    tell_by_hand(
        watched.reach, by="c-1", how=ToldHow.CALLED, note="", reaches=watched.reaches, now=watched.now
    )

    watched.hear_cancellation()
    watched.round()
    watched.look()

    assert watched.listed == (ReachState.UNREACHED, [(None, Reason.HEARD_BY_HAND)])
