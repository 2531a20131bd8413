"""Places for a few defenses together that disturb less than what is known."""

from __future__ import annotations

from tests.unit.defenses.defenses_examples import PANELS, availability, defense

from defenses.domain.repairing.least import LEFT_OUT, least
from defenses.domain.repairing.offers import SchoolOffer
from defenses.domain.repairing.placing import Disruption, Search
from defenses.domain.repairing.timetable import Timetable
from defenses.domain.scheduling.season import SeatRights

ONE = defense("d-1")


def places(*, best: int, most_looks: int = 1_000) -> dict[str, object] | None:
    timetable = Timetable(
        offers={ONE.school_id: SchoolOffer(ONE.school_id, availability())},
        students={},
        rights=SeatRights(),
        panels=PANELS,
        defenses=(),
    )
    search = Search(timetable, Disruption(time=100, room=20, day=5, seat=10), ONE.starts_at.replace(month=1))
    found = least(search, [ONE], fresh=frozenset(), best=best, most_looks=most_looks)
    return None if found is None else dict(found)


def test_who_can_stay_stays() -> None:
    assert places(best=LEFT_OUT) == {ONE.defense_id: ONE.place}


def test_what_costs_nothing_cannot_be_bettered() -> None:
    assert places(best=0) is None


def test_a_search_that_has_cost_what_it_may_ends_with_what_is_known() -> None:
    assert places(best=LEFT_OUT, most_looks=1) is None
