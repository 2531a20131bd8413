"""A hearing from its opening to its outcome, as use cases."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest
from tests.unit.defenses.hearing_examples import OFFICE, PANEL, RULE, Court, hearing, marks

from defenses.domain.hearings.faults import (
    HearingConflictError,
    NoHearingError,
    NotOnPanelError,
    PanelRefusedError,
)
from defenses.domain.hearings.hearing import ADJOURNED, DECIDED, OPEN
from defenses.domain.hearings.outcomes import NOT_YET, READY, Rescoring
from defenses.domain.hearings.rescoring import SAMPLE, SPLIT
from defenses.use_cases.hearings.judging import adjourn, record_absence
from defenses.use_cases.hearings.stores import Actor

ON_PANEL, STRANGER = Actor("t-2", office=False), Actor("t-9", office=False)


def test_the_last_sheet_decides_by_the_medians_and_each_step_is_said() -> None:
    court = Court()

    found = court.judged(marks(3), marks(3), marks(4, growth=2))

    assert (found.state, found.status, found.round, found.split) == (DECIDED, READY, 1, False)
    assert court.said == [
        "hearing.opened",
        *["sheet.submitted"] * 3,
        "round.closed",
        "outcome.decided",
    ]
    opened, closed, decided = map(court.last, ("hearing.opened", "round.closed", "outcome.decided"))
    assert (opened.attempt, opened.sitting, opened.defense_id) == (1, 1, "d-1")
    assert (closed.counted, closed.absent, closed.apart) == (PANEL, (), ())
    assert {each.indicator_id: each.level for each in decided.levels}["growth"] == 3.0
    assert (decided.outcome, decided.record_version, decided.rule_version) == (READY, 1, "1")


def test_what_is_said_of_a_sheet_does_not_tell_its_levels() -> None:
    court = Court()
    court.submit(court.open().hearing_id, "t-1", marks(4))

    assert vars(court.last("sheet.submitted")).keys() == {
        *("hearing_id", "defense_id", "student_id", "school_id", "transition", "attempt", "sitting"),
        *("panelist_id", "round", "submitted_at"),
    }


def test_two_levels_apart_lead_to_a_second_round_and_its_median_counts() -> None:
    court = Court()
    found = court.judged(marks(3, claim=1), marks(3, claim=2), marks(3, claim=3))

    assert (found.state, found.round, found.rounds[0].apart) == (OPEN, 2, ("claim",))
    for panelist_id in PANEL:
        court.submit(found.hearing_id, panelist_id, marks(3), 2)

    decided = court.found(found.hearing_id)
    assert (decided.status, decided.split) == (READY, False)
    assert [dict(each.medians)["claim"] for each in decided.rounds] == [2.0, 3.0]
    assert [(sheet.round, sheet.marks[0].level) for sheet in decided.sheets] == [
        (1, 1),
        (1, 2),
        (1, 3),
        *[(2, 3)] * 3,
    ]
    assert court.said.count("round.closed") == 2
    assert court.said.count("outcome.decided") == 1


def test_a_panel_that_is_still_apart_decides_and_may_be_scored_again() -> None:
    court = Court(replace(RULE, rescoring=Rescoring(rate=0, split=True)))
    found = court.judged(marks(1), marks(2), marks(3))
    for panelist_id, level in zip(PANEL, (1, 2, 4), strict=True):
        court.submit(found.hearing_id, panelist_id, marks(level), 2)

    decided = court.found(found.hearing_id)

    assert (decided.status, decided.split, decided.to_rescore) == (NOT_YET, True, True)
    assert decided.central is not None
    assert decided.central.why == SPLIT


def test_the_order_of_sheets_does_not_change_the_outcome() -> None:
    given = dict(zip(PANEL, (marks(2), marks(3), marks(3, growth=2)), strict=True))
    outcomes = []
    for order in permutations(PANEL):
        court = Court()
        opened = court.open()
        for panelist_id in order:
            court.submit(opened.hearing_id, panelist_id, given[panelist_id])
        record = court.found(opened.hearing_id).record
        assert record is not None
        outcomes.append(record.outcome)

    assert all(outcome == outcomes[0] for outcome in outcomes)


def test_the_same_sheet_again_is_not_written() -> None:
    court = Court()
    opened = court.open()
    court.submit(opened.hearing_id, "t-1", marks())
    written = len(court.hearings.writes)

    court.submit(opened.hearing_id, "t-1", marks())

    assert len(court.hearings.writes) == written


def test_not_yet_asks_for_a_plan_and_a_redefense_by_school_days() -> None:
    court = Court()

    found = court.not_yet("growth", "claim")

    due = court.last("redefense.requested")
    assert found.record is not None
    assert found.record.redefense is not None
    assert found.status == NOT_YET
    assert due.indicators == ("claim", "growth")
    assert (due.plan_due_on.isoformat(), due.defend_by.isoformat()) == ("2027-04-15", "2027-05-06")
    assert due.excluded_panelist_ids == tuple(sorted(PANEL))


def test_a_rule_may_release_the_outcome_at_once() -> None:
    court = Court(replace(RULE, release_at_once=True))

    ready = court.judged(*[marks(3)] * 3)

    assert ready.released_record == ready.record
    released = court.last("outcome.released")
    assert (released.outcome, released.plan_due_on, released.defend_by) == (READY, None, None)


def test_the_sample_is_chosen_with_the_outcome() -> None:
    found = Court(replace(RULE, rescoring=Rescoring(rate=1, split=False))).judged(*[marks(3)] * 3)

    assert found.central is not None
    assert (found.central.why, found.to_rescore) == (SAMPLE, True)


def test_a_panel_goes_on_without_somebody_as_long_as_the_quorum_stays() -> None:
    court = Court()
    opened = court.open()
    for panelist_id in PANEL[:2]:
        court.submit(opened.hearing_id, panelist_id, marks(3))

    found = record_absence(opened.hearing_id, ["x-1"], "They are ill.", ON_PANEL, docket=court.docket)

    assert found.status == READY
    assert found.rounds[0].counted == PANEL[:2]
    assert (found.seats[2].absent_from, found.seats[2].absence) == (1, "They are ill.")
    assert court.last("round.closed").absent == ("x-1",)


def test_an_absence_before_the_sheets_leaves_the_round_open_and_can_be_said_twice() -> None:
    court = Court()
    opened = court.open()

    first = record_absence(opened.hearing_id, ["x-1"], "Stuck in traffic.", OFFICE, docket=court.docket)
    again = record_absence(opened.hearing_id, ["x-1"], "Stuck in traffic.", OFFICE, docket=court.docket)

    assert (first.state, first.sitting_ids) == (OPEN, PANEL[:2])
    assert again == first
    assert len(court.hearings.writes) == 2
    with pytest.raises(HearingConflictError, match="recorded as absent"):
        court.submit(opened.hearing_id, "x-1", marks())


def test_somebody_may_leave_between_the_rounds() -> None:
    court = Court()
    found = court.judged(marks(1), marks(3), marks(3))
    court.submit(found.hearing_id, "t-1", marks(3), 2)
    court.submit(found.hearing_id, "t-2", marks(3), 2)

    left = record_absence(found.hearing_id, ["x-1"], "Called away.", OFFICE, docket=court.docket)

    assert left.status == READY
    assert [each.counted for each in left.rounds] == [PANEL, PANEL[:2]]


def test_who_is_absent_from_the_first_round_stays_recorded_so_in_the_second() -> None:
    court = Court()
    opened = court.open()
    court.submit(opened.hearing_id, "t-1", marks(1))
    court.submit(opened.hearing_id, "t-2", marks(3))
    record_absence(opened.hearing_id, ["x-1"], "Ill.", OFFICE, docket=court.docket)

    again = record_absence(opened.hearing_id, ["x-1"], "Still ill.", OFFICE, docket=court.docket)

    assert again.round == 2
    assert (again.seats[2].absent_from, again.seats[2].absence) == (1, "Ill.")


@pytest.mark.parametrize(
    ("panelist_ids", "reason"),
    [(["t-2", "x-1"], "fewer than the quorum of 2 stay"), (["t-9"], "has no seat on this panel")],
)
def test_an_absence_that_cannot_be_is_refused(panelist_ids: list[str], reason: str) -> None:
    court = Court()
    opened = court.open()

    with pytest.raises(PanelRefusedError, match=reason) as caught:
        record_absence(opened.hearing_id, panelist_ids, "So.", OFFICE, docket=court.docket)

    assert caught.value.field == "panelist_ids"


def test_who_has_judged_is_not_absent() -> None:
    court = Court()
    opened = court.open()
    court.submit(opened.hearing_id, "t-1", marks())

    with pytest.raises(HearingConflictError, match="has submitted"):
        record_absence(opened.hearing_id, ["t-1"], "So.", OFFICE, docket=court.docket)


@pytest.mark.parametrize("cause", ["student_absent", "panel_short", "interrupted"])
def test_an_adjourned_hearing_has_no_outcome_keeps_its_sheets_and_is_followed_by_another(cause: str) -> None:
    court = Court()
    opened = court.open()
    court.submit(opened.hearing_id, "t-1", marks())

    ended = adjourn(opened.hearing_id, cause, "The fire alarm rang.", ON_PANEL, docket=court.docket)
    repeated = court.open()

    assert (ended.state, ended.status, len(ended.sheets)) == (ADJOURNED, None, 1)
    assert ended.ending is not None
    assert (ended.ending.cause, ended.ending.reason, ended.ending.by) == (
        cause,
        "The fire alarm rang.",
        "t-2",
    )
    assert court.last("hearing.adjourned").cause == cause
    assert repeated.matter == replace(ended.matter, heard_by=PANEL)
    assert (repeated.sitting, repeated.sheets) == (2, ())
    with pytest.raises(HearingConflictError, match="the hearing is adjourned"):
        adjourn(opened.hearing_id, cause, "Again.", OFFICE, docket=court.docket)


def test_only_the_office_and_the_panel_run_a_hearing() -> None:
    court = Court()
    opened = court.open()

    with pytest.raises(NotOnPanelError):
        adjourn(opened.hearing_id, "interrupted", "So.", STRANGER, docket=court.docket)
    with pytest.raises(NotOnPanelError):
        record_absence(opened.hearing_id, ["t-1"], "So.", STRANGER, docket=court.docket)
    with pytest.raises(NoHearingError):
        adjourn("h-9", "interrupted", "So.", OFFICE, docket=court.docket)


def test_a_hearing_knows_its_day_at_the_school() -> None:
    late = hearing().opened_at.replace(hour=3)

    assert hearing().local_day(late).isoformat() == "2027-04-07"
