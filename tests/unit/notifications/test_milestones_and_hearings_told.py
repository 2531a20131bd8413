"""Families are invited to milestones and hear of hearings, by the rules by which they hear of defenses."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.notifications.notification_examples import RULES, STARTS, Examples
from tests.unit.notifications.notification_service import Service

from notifications.domain.facts import Fact, Standing
from notifications.domain.messages import Purpose, State
from notifications.domain.planning import NoticeRules
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel, Relation


@pytest.fixture
def service(make: Examples) -> Service:
    return Service(make)


def told(service: Service, *facts: Fact) -> list[tuple[int, Purpose]]:
    """Tell of facts one after the other, and return what arrived."""
    for each in facts:
        service.notebook.note(each)
        service.round()
    return service.sent()


def without(*purposes: Purpose) -> Service:
    """Return the service of a district that does not tell these by message."""
    notices = NoticeRules(told=frozenset(Purpose) - set(purposes), useful_for=timedelta(days=14))
    return Service(Examples(), replace(RULES, notices=notices))


def test_a_family_follows_its_milestone_as_it_follows_a_defense(make: Examples, service: Service) -> None:
    library = make.place(room="Library")

    arrived = told(
        service,
        make.milestone(),
        make.milestone(revision=2, place=library),
        make.milestone(revision=3, place=library, standing=Standing.CANCELLED),
    )

    assert arrived == [
        (1, Purpose.MILESTONE_SCHEDULED),
        (2, Purpose.MILESTONE_MOVED),
        (3, Purpose.MILESTONE_CANCELLED),
    ]
    assert service.sent(Channel.SMS) == arrived


def test_a_milestone_that_is_back_where_it_was_is_no_news(make: Examples, service: Service) -> None:
    assert told(service, make.milestone(), make.milestone(revision=3)) == [(1, Purpose.MILESTONE_SCHEDULED)]


def test_a_milestone_that_is_cancelled_before_anybody_was_told_is_never_told(
    make: Examples, service: Service
) -> None:
    assert told(service, make.milestone(revision=2, standing=Standing.CANCELLED)) == []
    assert service.unsent() == [(2, State.NOT_SENT, Reason.NEVER_TOLD)]


def test_after_a_missed_milestone_the_next_time_is_an_invitation_again(
    make: Examples, service: Service
) -> None:
    later = STARTS + timedelta(days=7)
    again = make.place(starts_at=later, ends_at=later + timedelta(hours=1))

    arrived = told(
        service,
        make.milestone(),
        make.milestone(revision=2, standing=Standing.MISSED, deadline=STARTS + timedelta(days=14)),
        make.milestone(revision=3, place=again, deadline=later),
    )

    assert arrived == [
        (1, Purpose.MILESTONE_SCHEDULED),
        (2, Purpose.MILESTONE_MISSED),
        (3, Purpose.MILESTONE_SCHEDULED),
    ]


def test_a_hearing_is_told_as_far_as_the_family_may_know(make: Examples, service: Service) -> None:
    days = {"plan_due_on": STARTS.date(), "defend_by": STARTS.date()}

    arrived = told(
        service,
        make.hearing(revision=2, standing=Standing.ADJOURNED),
        make.hearing(revision=6, **days),
        make.hearing(revision=8),
        make.hearing(revision=9, standing=Standing.ANNULLED),
    )

    assert arrived == [
        (2, Purpose.HEARING_ADJOURNED),
        (6, Purpose.REDEFENSE_REQUESTED),
        (8, Purpose.OUTCOME_RELEASED),
        (9, Purpose.HEARING_ANNULLED),
    ]


def test_of_the_end_of_a_result_nobody_hears_who_has_not_heard_of_the_result(
    make: Examples, service: Service
) -> None:
    service.notebook.note(make.hearing())
    service.tell()

    assert told(service, make.hearing(revision=9, standing=Standing.ANNULLED)) == []
    assert service.unsent() == [
        (6, State.SUPERSEDED, Reason.NEWER_REVISION),
        (9, State.NOT_SENT, Reason.NEVER_TOLD),
    ]


def test_a_notice_waits_for_the_end_of_one_that_is_being_sent(make: Examples, service: Service) -> None:
    service.notebook.note(make.hearing())
    service.tell()
    ours = service.claim()
    service.notebook.note(make.hearing(revision=9, standing=Standing.ANNULLED))
    service.round()
    service.settle(ours)
    service.round()

    assert service.sent() == [(6, Purpose.OUTCOME_RELEASED), (9, Purpose.HEARING_ANNULLED)]


def test_a_district_may_leave_the_next_steps_to_its_portal(make: Examples) -> None:
    days = {"plan_due_on": STARTS.date(), "defend_by": STARTS.date()}

    assert told(without(Purpose.REDEFENSE_REQUESTED), make.hearing(**days)) == [(6, Purpose.OUTCOME_RELEASED)]


def test_what_a_district_does_not_tell_by_message_is_on_record(make: Examples) -> None:
    silent = without(Purpose.MILESTONE_SCHEDULED)

    assert told(silent, make.milestone()) == []
    assert silent.unsent() == [(1, State.NOT_SENT, Reason.DISTRICT_SILENT)]


@pytest.mark.parametrize("kind", ["milestone", "hearing"])
def test_case_23_who_may_not_be_told_of_a_student_hears_of_no_kind_of_fact(
    make: Examples, service: Service, kind: str
) -> None:
    service.world.guardians.values["g-1"] = make.guardian(
        relations=(Relation(student_id="s-1", may_be_told=False),)
    )

    assert told(service, getattr(make, kind)()) == []
    assert {reason for _, _, reason in service.unsent()} == {Reason.MAY_NOT_BE_TOLD}


def test_a_message_to_an_address_that_was_replaced_while_it_waited_goes_to_the_new_one(
    make: Examples, service: Service
) -> None:
    service.notebook.note(make.milestone())
    service.tell()
    service.world.guardians.values["g-1"] = make.guardian(email="new@example.org", phone=None)
    service.deliver()
    service.round()

    addresses = {each.channel: (each.address, each.state) for each in service.world.messages.values.values()}
    assert addresses[Channel.EMAIL] == ("new@example.org", State.SENT)
    assert service.unsent(Channel.SMS) == [(1, State.NOT_SENT, Reason.NO_ADDRESS)]
