"""Who may take a seat, and from when on a time may be given: in runs, repairs, moves and publication."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.unit.defenses.changing_examples import ChangeDesk, change_desk, note
from tests.unit.defenses.defenses_examples import (
    MONDAY,
    NOW,
    OUTCOMES,
    TUESDAY,
    defense,
    panelist,
    ready_candidate,
)
from tests.unit.defenses.planning_examples import BrokenSolver, GreedySolver

from defenses.domain.calibration import Calibration
from defenses.domain.defenses import DRAFT, UNPLACED
from defenses.domain.repairing.disturbances import DAY_LOST, PANELIST_LOST, STUDENT_READY, Disturbance
from defenses.domain.repairing.repairs import Repair
from defenses.domain.repairing.timetable import UnfitPlaceError
from defenses.domain.runs import (
    APPLIED,
    FAILED,
    QUEUED,
    NoRunError,
    RunNotFailedError,
    ScheduleRun,
    open_run,
)
from defenses.use_cases import planning, repairs, requesting
from defenses.use_cases.changes import Order, Wish, move
from defenses.use_cases.publication import publish_run
from defenses.use_cases.seasons import defense_id

PEOPLE = (panelist("t-1", "teacher"), panelist("t-2", "teacher"), panelist("x-1", "outside"))
#: Eight in Louisville on the first day of the season.
EIGHT = datetime(2027, 4, 5, 12, tzinfo=UTC)


def calibration(panelist_id: str, until: date | None) -> Calibration:
    return Calibration(
        panelist_id=panelist_id, valid_until=until, basis="set-1", recorded_by="a-1", recorded_at=NOW
    )


def desk(*, now: datetime = NOW, **until: date | None) -> ChangeDesk:
    """A student who is ready; the district asks for calibration, which these have until then."""
    found = change_desk(now=now, panelists=PEOPLE)
    found.outcomes = replace(OUTCOMES, calibration_required=True)
    for name, day in until.items():
        panelist_id = name.replace("_", "-")
        found.calibrations.values[panelist_id] = calibration(panelist_id, day)
    found.candidates.values["s-1"] = ready_candidate("s-1")
    found.runs.values["run-1"] = open_run("run-1", "east", now=NOW)
    return found


def run(found: ChangeDesk, solver: GreedySolver | None = None) -> ScheduleRun:
    return planning.carry_out(
        "run-1", desks=lambda _: found, solver=solver or GreedySolver(), still_ours=lambda: None
    )


def mend(found: ChangeDesk, disturbance: Disturbance) -> Repair:
    repairs.propose("rep-1", disturbance, note(), found)
    return repairs.complete(repairs.begin("rep-1", found), found)


def test_a_run_seats_only_the_calibrated_and_only_as_long_as_that_holds() -> None:
    found = desk(t_2=TUESDAY, x_1=MONDAY, t_1=None)

    run(found)

    [placed] = found.defenses.values.values()
    assert (set(placed.panelist_ids), placed.starts_at.date()) == ({"t-2", "x-1"}, MONDAY)


def test_a_district_that_asks_for_no_calibration_seats_everybody() -> None:
    found = desk()
    found.outcomes = OUTCOMES

    run(found)

    assert len(found.defenses.values) == 1


def test_who_has_no_place_for_want_of_calibrated_panelists_is_told_so() -> None:
    by_run, by_repair = desk(t_1=TUESDAY), desk(t_1=TUESDAY)

    planned = run(by_run).plan
    mended = mend(by_repair, Disturbance(kind=STUDENT_READY, student_id="s-1"))

    assert planned is not None
    for unplaced in (*planned.unplaced, *mended.unplaced):
        assert unplaced.reason == "no_calibrated_panel"
        assert unplaced.detail.startswith("A panel could meet if everybody were calibrated for the day.")
        assert "outside" in unplaced.detail


def test_a_shortage_that_calibration_does_not_explain_is_called_what_it_is() -> None:
    by_run, by_repair = desk(), desk()
    for found in (by_run, by_repair):
        found.candidates.values["s-1"] = ready_candidate("s-1", teacher_ids=("t-1", "t-2"))

    planned = run(by_run).plan
    mended = mend(by_repair, Disturbance(kind=STUDENT_READY, student_id="s-1"))

    assert planned is not None
    assert [each.reason for each in (*planned.unplaced, *mended.unplaced)] == ["no_panel", "no_panel"]


def test_a_lost_seat_is_filled_by_somebody_calibrated() -> None:
    found = desk(t_1=TUESDAY, x_1=TUESDAY)
    found.availabilities.values["east"] = change_desk(
        panelists=(*PEOPLE, panelist("t-3", "teacher"))
    ).availabilities.values["east"]
    found.calibrations.values["t-3"] = calibration("t-3", TUESDAY)
    found.defenses.values["d-1"] = defense()

    mend(found, Disturbance(kind=PANELIST_LOST, panelist_id="t-1"))

    assert set(found.defenses.values["d-1"].panelist_ids) == {"x-1", "t-3"}


def test_nobody_is_moved_before_somebody_whose_calibration_has_ended() -> None:
    found = desk(t_1=TUESDAY, x_1=MONDAY)
    found.defenses.values["d-1"] = defense()
    order = Order(defense_id="d-1", edition=1, note=note())

    with pytest.raises(UnfitPlaceError, match="they are not calibrated for that day"):
        move(order, Wish(starts_at=EIGHT + timedelta(days=1)), found)


def test_a_draft_before_somebody_whose_calibration_was_taken_back_is_withheld() -> None:
    found = desk(t_1=TUESDAY, t_2=TUESDAY, x_1=TUESDAY)
    found.runs.values["run-1"] = open_run("run-1", "east", now=NOW, publish=False)
    run(found)
    found.calibrations.values["x-1"] = calibration("x-1", None)

    done = publish_run("run-1", note(), found)

    [withheld] = done.withheld
    assert [each.reason for each in withheld.obstacles] == ["they are not calibrated for that day"]


def late_desk() -> ChangeDesk:
    """The season's first day has come: half past eight is less than a day away from Tuesday's times."""
    found = change_desk(now=EIGHT + timedelta(minutes=20), panelists=PEOPLE)
    found.candidates.values["s-1"] = ready_candidate("s-1")
    found.runs.values["run-1"] = open_run("run-1", "east", now=NOW)
    return found


def test_a_run_in_the_middle_of_the_season_gives_no_time_that_is_past_or_too_near_to_tell() -> None:
    found = late_desk()

    run(found)

    [placed] = found.defenses.values.values()
    assert placed.starts_at == EIGHT + timedelta(days=1, minutes=30)


def test_a_run_after_the_season_lists_everybody_without_a_search() -> None:
    found, solver = late_desk(), GreedySolver()
    found.now = EIGHT + timedelta(days=1)

    done = run(found, solver)

    assert done.plan is not None
    assert (done.state, solver.asked) == (APPLIED, [])
    assert [(each.student_id, each.reason) for each in done.plan.unplaced] == [("s-1", "no_time_left")]


def test_a_repair_gives_no_new_time_that_is_past_or_too_near_to_tell() -> None:
    found = late_desk()
    found.defenses.values["d-1"] = defense()

    mend(found, Disturbance(kind=STUDENT_READY, student_id="s-1"))
    repairs.propose("rep-2", Disturbance(kind=DAY_LOST, school_id="east", day=MONDAY), note(), found)
    repairs.complete(repairs.begin("rep-2", found), found)

    times = {each.starts_at for each in found.defenses.values.values()}
    assert times == {EIGHT + timedelta(days=1, minutes=30), EIGHT + timedelta(days=1, minutes=60)}


def test_a_lost_seat_of_a_defense_that_is_near_is_filled_at_its_own_time() -> None:
    found = late_desk()
    found.defenses.values["d-1"] = defense()

    mend(found, Disturbance(kind=PANELIST_LOST, panelist_id="t-1"))

    after = found.defenses.values["d-1"]
    assert (after.starts_at, set(after.panelist_ids)) == (defense().starts_at, {"t-2", "x-1"})


def test_nobody_moves_a_defense_into_the_past() -> None:
    found = late_desk()
    found.defenses.values["d-1"] = defense()
    order = Order(defense_id="d-1", edition=1, note=note(), override=True)

    with pytest.raises(UnfitPlaceError, match="starts_at: this time is past"):
        move(order, Wish(starts_at=EIGHT), found)


def test_who_has_lost_their_place_may_be_given_the_same_time_only_if_it_is_not_too_near() -> None:
    found = late_desk()
    one = defense_id("s-1", "5", "2026-27")
    found.defenses.values[one] = defense(one, student_id="s-1", state=UNPLACED, revision=2)

    mend(found, Disturbance(kind=STUDENT_READY, student_id="s-1"))

    assert found.defenses.values[one].starts_at == EIGHT + timedelta(days=1, minutes=30)


def test_a_run_that_was_given_up_can_begin_again_and_what_stands_is_left_alone() -> None:
    found = late_desk()
    found.defenses.values["d-9"] = defense("d-9", state=DRAFT, revision=0)
    failed = run(found, BrokenSolver())
    standing = dict(found.defenses.values)

    resumed = requesting.resume_run("run-1", runs=found.runs)
    done = run(found)

    assert (failed.state, failed.failure) == (FAILED, "the solver ended with -9")
    assert (resumed.state, resumed.attempts, resumed.failure, resumed.finished_at) == (QUEUED, 0, "", None)
    assert (done.state, done.attempts, done.failure) == (APPLIED, 1, "")
    assert {**found.defenses.values, **standing} == found.defenses.values
    assert len(found.defenses.values) == len(standing) + 1


def test_a_run_that_was_not_given_up_is_not_begun_again() -> None:
    found = late_desk()

    with pytest.raises(RunNotFailedError, match="the run is queued"):
        requesting.resume_run("run-1", runs=found.runs)
    with pytest.raises(NoRunError, match="there is no run run-2"):
        requesting.resume_run("run-2", runs=found.runs)
