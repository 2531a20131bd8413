"""What families choose by themselves: free times only, not too late, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.defenses.changing_examples import change_desk, note
from tests.unit.defenses.defenses_examples import NOW, TUESDAY, defense, ready_candidate, window

from contracts.defenses import DEFENSE_MOVED
from defenses.domain.availability import FamilyWindows
from defenses.domain.defenses import (
    ACCEPTED,
    CANCELLED,
    NoDefenseError,
    NotStandingError,
    ProtectedDefenseError,
    StaleEditionError,
)
from defenses.domain.repairing.timetable import UnfitPlaceError
from defenses.use_cases import choosing
from defenses.use_cases.changes import Order
from defenses.use_cases.choosing import TooLateError

EIGHT = datetime(2027, 4, 5, 12, tzinfo=UTC)
SLOT = timedelta(minutes=30)


def order(edition: int = 1) -> Order:
    return Order(defense_id="d-1", edition=edition, note=note("family_chose"))


def test_a_family_accepts_its_place_once_and_nobody_is_told() -> None:
    desk = change_desk(defense())

    accepted = choosing.accept(order(), desk)
    again = choosing.accept(order(2), desk)

    assert (accepted.accepted_at, accepted.revision, accepted.edition) == (NOW, 1, 2)
    assert accepted.history[0].kind == ACCEPTED
    assert again == accepted
    assert desk.defenses.facts == []


def test_what_does_not_take_place_is_not_accepted_or_offered() -> None:
    desk = change_desk(defense(state=CANCELLED))

    with pytest.raises(NotStandingError):
        choosing.accept(order(), desk)
    with pytest.raises(NotStandingError):
        choosing.choose(order(), EIGHT, desk)
    assert choosing.offers("d-1", desk) == []


def test_offers_are_the_nearest_free_times_in_order() -> None:
    other = defense("d-2", student_id="s-8", starts_at=EIGHT, ends_at=EIGHT + SLOT)
    desk = change_desk(defense(), other)

    found = choosing.offers("d-1", desk)

    assert [each.starts_at for each in found] == [
        EIGHT + 2 * SLOT,
        EIGHT + 3 * SLOT,
        EIGHT + timedelta(days=1),
    ]


def test_offers_keep_to_what_the_family_said() -> None:
    desk = change_desk(defense())
    desk.candidates.values["s-9"] = ready_candidate("s-9")
    desk.families.values["s-9"] = FamilyWindows(student_id="s-9", windows=(window(TUESDAY),), told_at=NOW)

    assert {each.starts_at.date() for each in choosing.offers("d-1", desk)} == {TUESDAY}


def test_nothing_is_offered_by_a_school_without_availability_or_too_late() -> None:
    silent, late = change_desk(defense()), change_desk(defense(), now=EIGHT - timedelta(hours=70))
    silent.availabilities.values.clear()

    assert choosing.offers("d-1", silent) == []
    assert choosing.offers("d-1", late) == []
    with pytest.raises(UnfitPlaceError):
        choosing.choose(order(), EIGHT, silent)
    with pytest.raises(NoDefenseError):
        choosing.offers("d-9", silent)


def test_a_chosen_time_is_taken_and_accepted_in_one_write() -> None:
    desk = change_desk(defense())

    chosen = choosing.choose(order(), EIGHT, desk)

    assert (chosen.starts_at, chosen.accepted_at, chosen.revision, chosen.edition) == (EIGHT, NOW, 2, 3)
    assert desk.defenses.writes == ["d-1"]
    [fact] = desk.defenses.facts
    assert (fact.contract, fact.data.cause) == (DEFENSE_MOVED, "family_chose")
    with pytest.raises(StaleEditionError):
        choosing.choose(order(), EIGHT, desk)
    assert choosing.choose(order(3), EIGHT, desk) == chosen


def test_a_time_that_somebody_took_meanwhile_is_a_clear_conflict() -> None:
    desk = change_desk(defense(), defense("d-2", student_id="s-8", starts_at=EIGHT, ends_at=EIGHT + SLOT))

    with pytest.raises(UnfitPlaceError, match="starts_at: this time is not free any more"):
        choosing.choose(order(), EIGHT, desk)
    with pytest.raises(UnfitPlaceError):
        choosing.choose(order(), EIGHT + timedelta(minutes=7), desk)


@pytest.mark.parametrize("hours", [70, 71.75])
def test_it_can_be_too_late_for_a_family(hours: float) -> None:
    desk = change_desk(defense(), now=EIGHT - timedelta(hours=hours))

    with pytest.raises(TooLateError, match="call the school") as raised:
        choosing.choose(order(), EIGHT, desk)

    assert raised.value.field == "starts_at"


def test_a_locked_defense_is_not_for_families_to_move() -> None:
    with pytest.raises(ProtectedDefenseError):
        choosing.choose(order(), EIGHT, change_desk(defense(locked=True)))
