"""Places for a few defenses together that disturb less than what is known."""

from __future__ import annotations

from datetime import time

from tests.unit.defenses.defenses_examples import (
    MONDAY,
    NOW,
    PANELS,
    availability,
    defense,
    student,
    window,
)

from defenses.domain.availability import FamilyWindows
from defenses.domain.defenses import Defense, Place
from defenses.domain.repairing.least import LEFT_OUT, least
from defenses.domain.repairing.offers import SchoolOffer
from defenses.domain.repairing.placing import Disruption, Search
from defenses.domain.repairing.timetable import Timetable
from defenses.domain.scheduling.season import SeatRights

ONE = defense("d-1")
EARLIER = ONE.starts_at.replace(month=1)
DISRUPTION = Disruption(time=100, room=20, day=5, seat=10)


def places(
    *others: Defense, best: int, most_looks: int = 1_000, siblings: frozenset[str] = frozenset()
) -> dict[str, Place] | None:
    timetable = Timetable(
        offers={ONE.school_id: SchoolOffer(ONE.school_id, availability())},
        students={ONE.student_id: student(ONE.student_id, siblings=siblings)},
        rights=SeatRights(),
        panels=PANELS,
        defenses=others,
    )
    search = Search(timetable, DISRUPTION, EARLIER)
    return least(search, [ONE], fresh=frozenset(), best=best, most_looks=most_looks)


def test_who_can_stay_stays() -> None:
    assert places(best=LEFT_OUT) == {ONE.defense_id: ONE.place}


def test_what_costs_nothing_cannot_be_bettered() -> None:
    assert places(best=0) is None


def test_a_search_that_has_cost_what_it_may_ends_with_what_is_known() -> None:
    assert places(best=LEFT_OUT, most_looks=1) is None


def test_nobody_is_placed_while_a_sibling_is_heard() -> None:
    elsewhere = defense("d-2", student_id="s-2", room_id="r-9", panel=())

    found = places(elsewhere, best=LEFT_OUT, siblings=frozenset({"s-2"}))

    assert found is not None
    assert found[ONE.defense_id].starts_at != ONE.starts_at


def test_who_has_no_place_at_all_is_left_out_for_the_other() -> None:
    other = defense("d-2", student_id="s-2")
    never = student(
        ONE.student_id,
        windows=FamilyWindows(
            student_id=ONE.student_id, windows=(window(MONDAY, time(5), time(6)),), told_at=NOW
        ),
    )
    timetable = Timetable(
        offers={ONE.school_id: SchoolOffer(ONE.school_id, availability())},
        students={never.student_id: never},
        rights=SeatRights(),
        panels=PANELS,
        defenses=(),
    )
    search = Search(timetable, DISRUPTION, EARLIER)

    found = least(search, [ONE, other], fresh=frozenset(), best=2 * LEFT_OUT, most_looks=1_000)

    assert found == {other.defense_id: other.place}
