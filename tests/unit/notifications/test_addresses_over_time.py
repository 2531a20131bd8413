"""Case 25: what happens to one address is of no concern to the next one of the same guardian."""

from dataclasses import replace

import pytest
from tests.unit.notifications.notification_examples import Examples
from tests.unit.notifications.notification_service import Service

from notifications.domain.delivery import Receipt, Refused
from notifications.domain.messages import Purpose, State
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel
from notifications.use_cases.hearing import hear_receipt

BOUNCE = Refused(Reason.ADDRESS_REFUSED, suppress=True)


def with_email(service: Service, email: str) -> None:
    known = service.world.guardians.values["g-1"]
    service.world.guardians.values["g-1"] = replace(known, email=email)


def move(service: Service, revision: int) -> None:
    service.hear(service.make.event(revision=revision, room=f"Room {revision}"))
    service.round(after_s=60)


def test_case_25_after_a_hard_bounce_a_new_address_works_and_the_old_one_stays_suppressed(
    make: Examples,
) -> None:
    service = Service(make)
    service.hear(make.event())
    service.tell()
    service.deliver(Channel.EMAIL, outcome=BOUNCE)

    move(service, 2)
    with_email(service, "ana.new@example.org")
    move(service, 3)
    with_email(service, "ana@example.org")
    move(service, 4)

    assert service.sent(Channel.EMAIL) == [(3, Purpose.DEFENSE_MOVED)]
    assert service.unsent(Channel.EMAIL) == [
        (1, State.FAILED, Reason.ADDRESS_REFUSED),
        (2, State.NOT_SENT, Reason.ADDRESS_REFUSED),
        (4, State.NOT_SENT, Reason.ADDRESS_REFUSED),
    ]


@pytest.mark.parametrize("why", [Reason.ADDRESS_REFUSED, Reason.OPTED_OUT])
def test_case_25_after_a_complaint_or_a_late_bounce_a_new_address_works(make: Examples, why: Reason) -> None:
    service = Service(make)
    service.hear(make.event())
    service.round()
    [mail] = [each for each in service.world.messages.values.values() if each.channel is Channel.EMAIL]
    hear_receipt(
        mail.message_id,
        Receipt(State.FAILED, mail.provider_id, why, suppress=True),
        messages=service.world.messages,
        tellings=service.world.tellings,
        suppressions=service.world.suppressions,
        reaches=service.world.reaches,
        now=service.now,
    )

    move(service, 2)
    with_email(service, "ana.new@example.org")
    move(service, 3)

    assert [(revision, reason) for revision, _, reason in service.unsent(Channel.EMAIL)] == [
        (1, why),
        (2, why),
    ]
    assert [revision for revision, _ in service.sent(Channel.EMAIL)] == [3]


def joined_by(service: Service, **addresses: str) -> None:
    """Give the student a second guardian."""
    make = service.make
    service.world.students.values["s-1"] = make.student(guardian_ids=("g-1", "g-2"))
    service.world.guardians.values["g-2"] = make.guardian(guardian_id="g-2", **addresses)


def test_case_25_another_guardian_of_the_same_address_is_suppressed_with_it(make: Examples) -> None:
    """A suppression is of the address, also when it is written in capitals."""
    service = Service(make)
    service.hear(make.event())
    service.tell()
    service.deliver(Channel.EMAIL, outcome=BOUNCE)
    joined_by(service, email="ANA@example.org")

    move(service, 2)

    assert service.unsent(Channel.EMAIL)[1:] == [(2, State.NOT_SENT, Reason.ADDRESS_REFUSED)] * 2


def test_case_15_a_stop_holds_for_both_guardians_of_a_number(make: Examples) -> None:
    """And only for the number: their emails go on."""
    service = Service(make)
    service.hear(make.event())
    service.tell()
    service.deliver(Channel.SMS, outcome=Refused(Reason.OPTED_OUT, suppress=True))
    joined_by(service, email="ben@example.org", phone="(502) 555-0101")

    move(service, 2)

    assert service.unsent(Channel.SMS)[1:] == [(2, State.NOT_SENT, Reason.OPTED_OUT)] * 2
    assert [revision for revision, _ in service.sent(Channel.EMAIL)] == [2, 2]
