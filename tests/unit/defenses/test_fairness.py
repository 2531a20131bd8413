"""The report of who bears how much."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.defenses.changing_examples import change_desk
from tests.unit.defenses.defenses_examples import defense, panelist

from defenses.domain.defenses import CANCELLED, PanelSeat
from defenses.domain.fairness import PanelistLoad, RoleSpread
from defenses.domain.roster import UnknownSchoolError
from defenses.use_cases.fairness import report_fairness

EIGHT = datetime(2027, 4, 5, 12, tzinfo=UTC)
SLOT = timedelta(minutes=30)
BOTH = (PanelSeat("t-1", "teacher"), PanelSeat("x-1", "outside"))
PEOPLE = (panelist("t-1", "teacher"), panelist("t-2", "teacher"), panelist("x-1", "outside"))


def test_load_evenings_and_journeys_are_counted_by_panelist_role_and_school() -> None:
    # In these examples the evening begins at half past nine in the morning.
    desk = change_desk(
        defense("d-1", starts_at=EIGHT, panel=BOTH),
        defense("d-2", starts_at=EIGHT + 3 * SLOT, panel=BOTH),
        defense("d-3", starts_at=EIGHT + timedelta(days=1), school_id="west", panel=BOTH[1:]),
        defense("d-4", starts_at=EIGHT + timedelta(days=1, hours=1), panel=BOTH),
        defense("d-5", state=CANCELLED, panel=BOTH),
        defense("d-6", starts_at=EIGHT, school_id="west", panel=(PanelSeat("w-9", "teacher"),)),
        panelists=PEOPLE,
    )

    report = report_fairness("east", desk)

    assert (report.school_id, report.defenses, report.evening_share) == ("east", 3, 1 / 3)
    assert report.panelists == (
        PanelistLoad(
            panelist_id="t-1",
            role="teacher",
            here=3,
            elsewhere=0,
            days=2,
            evening_share=1 / 3,
            journeys=0,
        ),
        PanelistLoad(
            panelist_id="x-1",
            role="outside",
            here=3,
            elsewhere=1,
            days=2,
            evening_share=1 / 4,
            journeys=1,
        ),
        PanelistLoad(
            panelist_id="t-2",
            role="teacher",
            here=0,
            elsewhere=0,
            days=0,
            evening_share=0.0,
            journeys=0,
        ),
    )
    assert report.roles == (
        RoleSpread(role="outside", panelists=1, least=3, most=3, mean=3.0),
        RoleSpread(role="teacher", panelists=2, least=0, most=3, mean=1.5),
    )


def test_a_school_without_availability_has_no_report() -> None:
    with pytest.raises(UnknownSchoolError, match="there is no school west") as raised:
        report_fairness("west", change_desk())

    assert raised.value.field == "school_id"
