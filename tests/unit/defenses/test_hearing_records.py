"""Records are released, superseded, annulled and scored again; they are never changed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.defenses.hearing_examples import INDICATORS, OFFICE, PANEL, RULE, Court, marks, marks_of

from defenses.domain.hearings.faults import (
    HearingConflictError,
    InvalidEntryError,
    NoHearingError,
    NotOnPanelError,
)
from defenses.domain.hearings.hearing import ANNULLED, Hearing
from defenses.domain.hearings.outcomes import NOT_YET, READY, Rescoring
from defenses.domain.hearings.records import Correction, counted_sheets
from defenses.domain.hearings.redefenses import PlanStep
from defenses.use_cases.hearings.opening import open_redefense
from defenses.use_cases.hearings.reading import answered, read, show_hearing, show_outcome
from defenses.use_cases.hearings.records import annul, correct, plan, release, rescore
from defenses.use_cases.hearings.stores import Actor

SAMPLED = replace(RULE, rescoring=Rescoring(rate=1, split=False))


def correction(version: int = 1, **levels: int) -> Correction:
    """t-1 meant these levels."""
    return Correction(
        version=version, marks=(("t-1", marks(3, **levels)),), reason="A slip of the pen.", by="o-1"
    )


def split_decision(rule: object = RULE) -> tuple[Court, Hearing]:
    """Whether the claim is met hangs on t-1."""
    court = Court(replace(RULE, release_at_once=rule is not RULE))
    return court, court.judged(marks(3, claim=2), marks(3, claim=2), marks(3, claim=3))


def test_a_family_reads_an_outcome_once_it_is_released() -> None:
    court = Court()
    found = court.not_yet("growth")
    with pytest.raises(NoHearingError):
        show_outcome(found.hearing_id, of_family=True, hearings=court.hearings)

    released = release(found.hearing_id, 1, docket=court.docket)
    again = release(found.hearing_id, 1, docket=court.docket)

    reading = show_outcome(found.hearing_id, of_family=True, hearings=court.hearings)
    assert (reading.record, again) == (found.record, released)
    assert court.said.count("outcome.released") == 1
    said = court.last("outcome.released")
    assert (said.outcome, said.unmet, said.record_version) == (NOT_YET, ("growth",), 1)
    assert (said.plan_due_on.isoformat(), said.defend_by.isoformat()) == ("2027-04-15", "2027-05-06")


def test_the_office_reads_what_holds_and_nobody_reads_what_is_not_there() -> None:
    court = Court()
    opened = court.open()

    assert read(opened, of_family=False) is None
    with pytest.raises(NoHearingError):
        show_outcome("h-9", of_family=False, hearings=court.hearings)
    found = Court().not_yet("growth")
    reading = read(found, of_family=False)
    assert reading is not None
    assert reading.record is found.record


def test_nothing_is_released_before_it_is_decided() -> None:
    court = Court()

    with pytest.raises(HearingConflictError, match="has no outcome"):
        release(court.open().hearing_id, 1, docket=court.docket)


def test_a_correction_supersedes_the_record_and_the_old_one_stays() -> None:
    court, found = split_decision()

    after = correct(found.hearing_id, correction(claim=3), docket=court.docket)

    assert [record.outcome.status for record in after.records] == [NOT_YET, READY]
    assert after.records[0] == found.records[0]
    assert (after.status, after.sheets, after.rounds) == (READY, found.sheets, found.rounds)
    assert after.record is not None
    assert (after.record.version, after.record.by, after.record.reason) == (2, "o-1", "A slip of the pen.")
    assert [sheet.panelist_id for sheet in after.record.corrected] == ["t-1"]
    assert court.last("outcome.decided").record_version == 2
    assert court.said.count("redefense.requested") == 1


def test_a_family_that_read_a_superseded_outcome_reads_it_until_the_new_one_is_released() -> None:
    court, found = split_decision()
    release(found.hearing_id, 1, docket=court.docket)

    after = correct(found.hearing_id, correction(claim=3), docket=court.docket)
    with pytest.raises(HearingConflictError, match="version 2 of the record holds now") as caught:
        release(found.hearing_id, 1, docket=court.docket)
    released = release(found.hearing_id, 2, docket=court.docket)

    assert caught.value.field == "version"
    assert after.released_record == found.records[0]
    assert released.released_record == released.record


def test_a_rule_may_release_corrections_at_once() -> None:
    court, found = split_decision(rule=None)

    after = correct(found.hearing_id, correction(claim=3), docket=court.docket)

    assert after.released == 2
    assert court.last("outcome.released").record_version == 2


def test_corrections_add_up() -> None:
    court, found = split_decision()
    correct(found.hearing_id, correction(claim=3), docket=court.docket)
    second = replace(correction(version=2), marks=(("t-2", marks(3, claim=1)),))

    after = correct(found.hearing_id, second, docket=court.docket)

    assert after.record is not None
    assert {s.panelist_id: s.marks[0].level for s in counted_sheets(after, after.record)} == {
        "t-1": 3,
        "t-2": 1,
        "x-1": 3,
    }
    assert {s.panelist_id for s in after.record.corrected} == {"t-1", "t-2"}
    assert after.status == READY


def test_a_correction_of_a_record_that_is_superseded_is_refused() -> None:
    court, found = split_decision()
    correct(found.hearing_id, correction(claim=3), docket=court.docket)

    with pytest.raises(HearingConflictError, match="version 2"):
        correct(found.hearing_id, correction(claim=4), docket=court.docket)


def test_a_correction_is_about_sheets_that_count_and_can() -> None:
    court, found = split_decision()
    stranger = replace(correction(), marks=(("t-9", marks()),))
    short = replace(correction(), marks=(("t-2", marks()), ("t-1", marks()[1:])))

    with pytest.raises(NotOnPanelError):
        correct(found.hearing_id, stranger, docket=court.docket)
    with pytest.raises(InvalidEntryError) as caught:
        correct(found.hearing_id, short, docket=court.docket)

    assert [(fault.field, fault.reason) for fault in caught.value.faults] == [
        ("sheets.1.marks", "claim is missing")
    ]


def test_an_annulled_record_stays_and_does_not_count() -> None:
    court, found = split_decision()
    release(found.hearing_id, 1, docket=court.docket)

    after = annul(found.hearing_id, 1, "The panel was not neutral.", "a-1", docket=court.docket)

    assert (after.state, after.status, after.record, after.released_record) == (ANNULLED, None, None, None)
    assert after.records == found.records
    assert after.ending is not None
    assert (after.ending.by, after.ending.reason) == ("a-1", "The panel was not neutral.")
    assert court.said[-1] == "hearing.annulled"
    with pytest.raises(HearingConflictError, match="has no outcome"):
        annul(found.hearing_id, 1, "Again.", "a-1", docket=court.docket)


def test_a_central_score_is_compared_and_changes_no_outcome() -> None:
    court = Court(SAMPLED)
    found = court.not_yet("growth")

    after = rescore(found.hearing_id, marks(3, claim=2), "c-1", docket=court.docket)

    assert after.central is not None
    assert after.central.comparison is not None
    assert {each.indicator_id: each.levels for each in after.central.comparison.differences} == {
        "claim": -1.0,
        "evidence": 0.0,
        "reflection": 0.0,
        "growth": 1.0,
        "delivery": 0.0,
    }
    assert (after.central.comparison.status, after.central.comparison.same_status) == (NOT_YET, True)
    assert (after.records, after.state) == (found.records, found.state)
    assert (found.to_rescore, found.rescored, after.to_rescore, after.rescored) == (True, False, False, True)
    assert court.last("hearing.rescored").same_outcome


def test_a_central_score_may_come_to_another_outcome() -> None:
    court = Court(SAMPLED)
    found = court.not_yet("growth")

    after = rescore(found.hearing_id, marks(3), "c-1", docket=court.docket)

    assert after.status == NOT_YET
    assert not court.last("hearing.rescored").same_outcome


def test_the_same_central_score_again_is_not_written_and_another_is_refused() -> None:
    court = Court(SAMPLED)
    found = court.not_yet("growth")
    first = rescore(found.hearing_id, marks(3), "c-1", docket=court.docket)

    assert rescore(found.hearing_id, marks(3), "c-1", docket=court.docket) == first
    assert court.said.count("hearing.rescored") == 1
    for again, by in ((marks(4), "c-1"), (marks(3), "c-2")):
        with pytest.raises(HearingConflictError, match="has been scored again"):
            rescore(found.hearing_id, again, by, docket=court.docket)


def test_only_hearings_of_the_sample_are_scored_again_and_not_by_their_panel() -> None:
    court = Court(SAMPLED)
    opened = court.open()
    with pytest.raises(HearingConflictError, match="not to be scored"):
        rescore(opened.hearing_id, marks(), "c-1", docket=court.docket)
    for panelist_id in PANEL:
        court.submit(opened.hearing_id, panelist_id, marks())
    with pytest.raises(HearingConflictError, match="you have heard this student"):
        rescore(opened.hearing_id, marks(), "t-1", docket=court.docket)
    assert not annul(opened.hearing_id, 1, "So.", "a-1", docket=court.docket).to_rescore
    with pytest.raises(HearingConflictError, match="not to be scored"):
        rescore(opened.hearing_id, marks(), "c-1", docket=court.docket)


def test_who_heard_the_defense_does_not_score_the_redefense() -> None:
    court = Court(SAMPLED)
    panel = [("t-7", "teacher"), ("x-8", "outside")]
    asking = court.not_yet("growth")
    second = open_redefense(asking.hearing_id, panel, "remote", OFFICE, docket=court.docket)
    for panelist_id, _ in panel:
        court.submit(second.hearing_id, panelist_id, marks_of(["growth"], 3))

    with pytest.raises(HearingConflictError, match="you have heard this student"):
        rescore(second.hearing_id, marks_of(["growth"], 3), "t-1", docket=court.docket)


def steps(*indicators: str) -> list[PlanStep]:
    return [PlanStep(indicator_id=each, step="Practise with a teacher.") for each in indicators]


def test_a_plan_has_a_step_for_each_unmet_indicator_and_its_versions_stay() -> None:
    court = Court()
    found = court.not_yet("growth", "claim")
    reading = read(found, of_family=False)
    assert reading is not None
    assert reading.plan is None

    first = plan(found.hearing_id, 1, steps("growth", "claim", "growth"), "o-1", docket=court.docket)
    again = plan(found.hearing_id, 1, steps("growth", "claim", "growth"), "o-2", docket=court.docket)
    second = plan(found.hearing_id, 1, steps("claim", "growth"), "o-2", docket=court.docket)

    assert (again, [each.by for each in second.plans]) == (first, ["o-1", "o-2"])
    reading = read(second, of_family=False)
    assert reading is not None
    assert reading.plan == second.plans[-1]
    assert court.said.count("plan.recorded") == 2
    said = court.last("plan.recorded")
    assert (said.plan_version, said.record_version, said.indicators) == (2, 1, ("claim", "growth"))


def test_a_plan_for_something_else_is_refused() -> None:
    court = Court()
    found = court.not_yet("growth")
    ready = Court()
    through = ready.judged(*[marks(3)] * 3)

    with pytest.raises(InvalidEntryError) as caught:
        plan(found.hearing_id, 1, steps("claim"), "o-1", docket=court.docket)
    with pytest.raises(HearingConflictError, match="asks for no redefense"):
        plan(through.hearing_id, 1, steps("claim"), "o-1", docket=ready.docket)
    with pytest.raises(HearingConflictError, match="version 1"):
        plan(found.hearing_id, 2, steps("growth"), "o-1", docket=court.docket)

    assert [(fault.field, fault.reason) for fault in caught.value.faults] == [
        ("steps.0.indicator_id", "it is not to be defended again"),
        ("steps", "growth is missing"),
    ]


def test_a_hearing_is_shown_to_the_office_and_to_its_panel() -> None:
    court = Court()
    opened = court.open()
    court.submit(opened.hearing_id, "t-1", marks())

    def seen(actor: Actor) -> int:
        found = show_hearing(opened.hearing_id, actor, hearings=court.hearings)
        return sum(len(each.marks) for each in found.sheets)

    assert (seen(OFFICE), seen(Actor("t-1", office=False)), seen(Actor("t-2", office=False))) == (0, 5, 0)
    for actor, hearing_id in ((Actor("t-9", office=False), opened.hearing_id), (OFFICE, "h-9")):
        with pytest.raises(NoHearingError):
            show_hearing(hearing_id, actor, hearings=court.hearings)


def test_a_redefense_is_listed_with_the_last_hearing_that_answers_it() -> None:
    court = Court()
    asking = court.not_yet("growth")
    assert answered([asking], hearings=court.hearings)[0].answer is None
    panel = [("t-7", "teacher"), ("x-8", "outside")]
    first = open_redefense(asking.hearing_id, panel, "remote", OFFICE, docket=court.docket)
    court.hearings.values[first.hearing_id] = replace(first, state="adjourned")
    second = open_redefense(asking.hearing_id, panel, "remote", OFFICE, docket=court.docket)

    [due] = answered([asking], hearings=court.hearings)
    court.hearings.values = dict(reversed(court.hearings.values.items()))
    [same] = answered([asking], hearings=court.hearings)

    assert (due.answer, same.answer) == (second, second)
    assert due.asking.record is not None
    assert due.asking.matter.indicators == INDICATORS
