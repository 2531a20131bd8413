"""Who hears whom next."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from tests.unit.defenses.defenses_examples import enrollment
from tests.unit.defenses.hearing_examples import (
    INDICATORS,
    NOW,
    OFFICE,
    PANEL,
    RULE,
    Court,
    Rules,
    marks,
    marks_of,
)

from defenses.domain.candidates import Candidate
from defenses.domain.defenses import CANCELLED
from defenses.domain.hearings.faults import (
    HearingConflictError,
    NoHearingError,
    NotOnPanelError,
    PanelRefusedError,
)
from defenses.domain.hearings.hearing import Hearing
from defenses.domain.hearings.outcomes import NOT_YET, READY
from defenses.use_cases.calibration import record_calibration
from defenses.use_cases.hearings.judging import adjourn, record_absence
from defenses.use_cases.hearings.opening import UnknownDefenseError, open_hearing, open_redefense
from defenses.use_cases.hearings.records import annul
from defenses.use_cases.hearings.stores import Actor

OTHERS = [("t-7", "teacher"), ("x-8", "outside")]


def redefense(court: Court, asking: Hearing, panel: list[tuple[str, str]] | None = None) -> Hearing:
    return open_redefense(asking.hearing_id, panel or OTHERS, "remote", OFFICE, docket=court.docket)


def test_a_hearing_is_about_all_indicators_of_the_rule_in_force() -> None:
    opened = Court().open(Actor("t-2", office=False))

    assert (opened.matter.indicators, opened.matter.rule_version) == (INDICATORS, "1")
    assert (opened.panelist_ids, opened.student_id, opened.school_id) == (PANEL, "s-9", "east")
    assert (opened.opened_by, opened.follows, opened.record, opened.released_record) == (
        "t-2",
        None,
        None,
        None,
    )


def test_an_open_hearing_is_not_opened_again() -> None:
    court = Court()
    court.open()

    with pytest.raises(HearingConflictError, match="open already"):
        court.open()


def test_only_a_defense_that_stands_is_heard_and_only_its_panel_or_the_office_opens_it() -> None:
    court = Court()
    with pytest.raises(UnknownDefenseError):
        open_hearing("d-9", "remote", OFFICE, docket=court.docket)
    with pytest.raises(NotOnPanelError):
        court.open(Actor("t-9", office=False))
    court.defenses.values["d-1"] = replace(court.defenses.values["d-1"], state=CANCELLED)
    with pytest.raises(HearingConflictError, match="the defense is cancelled"):
        court.open()


def test_who_is_through_is_not_heard_again() -> None:
    court = Court()
    found = court.judged(*[marks(3)] * 3)

    with pytest.raises(HearingConflictError, match="READY already"):
        court.open()
    with pytest.raises(HearingConflictError, match="READY already"):
        redefense(court, found)


def test_a_redefense_is_about_the_unmet_indicators_before_other_people() -> None:
    court = Court()
    asking = court.not_yet("growth", "claim")

    opened = redefense(court, asking)

    assert opened.matter.indicators == ("claim", "growth")
    assert opened.matter.carried == (("evidence", 3.0), ("reflection", 3.0), ("delivery", 3.0))
    assert (opened.matter.attempt, opened.follows, opened.sitting) == (2, asking.hearing_id, 1)
    assert (opened.defense_id, opened.form, opened.panelist_ids) == (None, "remote", ("t-7", "x-8"))


def test_a_redefense_decides_over_all_indicators_with_what_was_met_before() -> None:
    court = Court()
    opened = redefense(court, court.not_yet("growth"))

    for panelist_id, _ in OTHERS:
        court.submit(opened.hearing_id, panelist_id, marks_of(["growth"], 3))

    record = court.found(opened.hearing_id).record
    assert record is not None
    assert (record.outcome.status, record.outcome.levels) == (
        READY,
        tuple((each, 3.0) for each in INDICATORS),
    )


def test_each_redefense_excludes_everybody_who_sat_before() -> None:
    court = Court()
    second = redefense(court, court.not_yet("growth"))
    for panelist_id, _ in OTHERS:
        court.submit(second.hearing_id, panelist_id, marks_of(["growth"], 1))
    asking = court.found(second.hearing_id)

    assert (asking.status, court.last("redefense.requested").attempt) == (NOT_YET, 2)
    assert court.last("redefense.requested").excluded_panelist_ids == ("t-1", "t-2", "t-7", "x-1", "x-8")
    with pytest.raises(PanelRefusedError, match="t-1, x-8 heard this student before") as caught:
        redefense(court, asking, [("t-1", "teacher"), ("x-8", "outside"), ("t-6", "teacher")])
    assert caught.value.field == "panel"
    third = redefense(court, asking, [("t-5", "teacher"), ("t-6", "teacher")])
    assert (third.matter.attempt, third.follows) == (3, asking.hearing_id)


def test_a_defense_that_is_scheduled_again_before_others_is_the_redefense() -> None:
    court = Court()
    asking = court.not_yet("growth")
    with pytest.raises(PanelRefusedError, match="heard this student before"):
        court.open()

    court.seat_others("t-7", "x-8")
    opened = court.open()

    assert (opened.matter.attempt, opened.follows, opened.defense_id) == (2, asking.hearing_id, "d-1")
    assert opened.matter.indicators == ("growth",)


def test_a_redefense_keeps_the_rule_of_the_defense() -> None:
    court = Court()
    asking = court.not_yet("growth")
    court.rules = Rules(replace(RULE, version="2", cut=4, indicators=("other",)), RULE)

    assert redefense(court, asking).matter.rule_version == "1"


def test_an_adjourned_redefense_is_repeated_and_only_for_the_hearing_that_asks() -> None:
    court = Court()
    asking = court.not_yet("growth")
    first = redefense(court, asking)
    adjourn(first.hearing_id, "student_absent", "Nobody came.", OFFICE, docket=court.docket)

    again = redefense(court, asking)

    assert (again.matter, again.sitting) == (first.matter, 2)
    with pytest.raises(HearingConflictError, match="asks for no redefense"):
        redefense(court, first)
    with pytest.raises(NoHearingError):
        open_redefense("h-9", OTHERS, "remote", OFFICE, docket=court.docket)


def test_an_annulled_hearing_is_repeated_from_the_start() -> None:
    court = Court()
    found = court.not_yet("growth")

    annul(found.hearing_id, 1, "A panelist is the student's aunt.", "o-1", docket=court.docket)
    again = court.open()

    assert (again.matter, again.sitting) == (replace(found.matter, heard_by=PANEL), 2)


def test_a_redefense_is_before_people_of_whom_nobody_heard_the_student_in_any_sitting() -> None:
    court = Court()
    court.seat_others("t-7", "t-8")
    broken_off = court.open()
    court.submit(broken_off.hearing_id, "t-7", marks(3))
    adjourn(broken_off.hearing_id, "interrupted", "Fire alarm.", OFFICE, docket=court.docket)
    court.seat_others("t-6", "x-8")
    missed = court.open()
    adjourn(missed.hearing_id, "student_absent", "Nobody came.", OFFICE, docket=court.docket)
    court.seat_others(*PANEL, "t-9")
    opened = court.open()
    record_absence(opened.hearing_id, ["t-9"], "Ill.", OFFICE, docket=court.docket)
    for panelist_id in PANEL:
        court.submit(opened.hearing_id, panelist_id, marks(3, growth=1))

    asking = court.found(opened.hearing_id)

    assert court.last("redefense.requested").excluded_panelist_ids == ("t-1", "t-2", "t-7", "t-8", "x-1")
    with pytest.raises(PanelRefusedError, match="t-7, t-8 heard this student before"):
        redefense(court, asking, [("t-7", "teacher"), ("t-8", "teacher")])
    assert redefense(court, asking, [("t-9", "teacher"), ("x-8", "outside")]).sitting == 1


@pytest.mark.parametrize(
    ("panel", "reason"),
    [
        ([("t-7", "teacher"), ("t-7", "teacher")], "two seats"),
        ([("t-7", "teacher")], "needs 2 people"),
        ([("t-7", "teacher"), ("t-8", "teacher")], "t-8 teach this student"),
    ],
)
def test_a_panel_that_may_not_sit_is_refused(panel: list[tuple[str, str]], reason: str) -> None:
    court = Court()
    court.candidates.values["s-9"] = Candidate(student_id="s-9").enrolled(
        enrollment(teacher_ids=("t-8",)), version=1
    )

    with pytest.raises(PanelRefusedError, match=reason):
        redefense(court, court.not_yet("growth"), panel)


def test_seats_are_for_calibrated_panelists_where_the_rule_says_so() -> None:
    court = Court(replace(RULE, calibration_required=True))

    def calibrate(panelist_id: str, until: date | None) -> None:
        record_calibration(panelist_id, until, "set 4", "a-1", calibrations=court.calibrations, now=court.now)

    today = NOW.date()
    calibrate("t-1", today)
    calibrate("t-2", None)
    calibrate("x-1", today - timedelta(days=1))
    with pytest.raises(PanelRefusedError, match="t-2, x-1 are not calibrated"):
        court.open()
    calibrate("t-2", today)
    with pytest.raises(PanelRefusedError, match="x-1 are not calibrated"):
        court.open()
    calibrate("x-1", today + timedelta(days=200))

    assert court.open().panelist_ids == PANEL
    assert court.calibrations.values["t-1"].recorded_by == "a-1"


def test_who_was_never_calibrated_is_not() -> None:
    with pytest.raises(PanelRefusedError, match="t-1, t-2, x-1 are not calibrated"):
        Court(replace(RULE, calibration_required=True)).open()


def test_other_transitions_and_years_do_not_count() -> None:
    court = Court()
    court.judged(*[marks(3)] * 3)
    court.defenses.values["d-1"] = replace(court.defenses.values["d-1"], transition="8")

    assert court.open().matter.attempt == 1
