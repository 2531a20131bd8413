"""Whatever people do in whatever order: what was recorded stays, and nobody sees what they must not."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.defenses.hearing_examples import INDICATORS, OFFICE, PANEL, RULE, Court, marks

from defenses.domain.hearings.faults import HearingConflictError, InvalidEntryError, NotOnPanelError
from defenses.domain.hearings.hearing import ADJOURNED, ANNULLED, DECIDED, OPEN, Hearing
from defenses.domain.hearings.outcomes import Compensation, Rescoring, decide
from defenses.domain.hearings.records import Correction, counted_sheets
from defenses.domain.hearings.redefenses import PlanStep
from defenses.domain.hearings.sheets import medians
from defenses.use_cases.hearings.judging import adjourn, record_absence
from defenses.use_cases.hearings.records import annul, correct, plan, release, rescore

Act = Callable[[Court, str], object]

RULES = st.builds(
    lambda rate, once, most: replace(
        RULE,
        rescoring=Rescoring(rate=rate, split=True),
        release_at_once=once,
        compensation=Compensation(max_indicators=most, mean_at_least=2.5) if most else None,
    ),
    st.sampled_from([0, 1]),
    st.booleans(),
    st.integers(0, 2),
)
people = st.sampled_from([*PANEL, "t-9"])
versions = st.integers(1, 3)
given_marks = st.builds(
    lambda level, indicator, other: marks(level, **{indicator: other}),
    st.sampled_from([2, 3, 3, 4]),
    st.sampled_from(INDICATORS),
    st.integers(0, 4),
)


def _submit(who: str, what: tuple[object, ...], number: int) -> Act:
    return lambda court, hearing_id: court.submit(hearing_id, who, what, number)  # type: ignore[arg-type]  # marks


submissions = st.builds(_submit, people, given_marks, st.sampled_from([1, 1, 2]))
others = st.one_of(
    st.builds(
        lambda who: (
            lambda court, hearing_id: record_absence(hearing_id, [who], "Ill.", OFFICE, docket=court.docket)
        ),
        people,
    ),
    st.just(
        lambda court, hearing_id: adjourn(hearing_id, "interrupted", "Fire.", OFFICE, docket=court.docket)
    ),
    st.builds(
        lambda version: lambda court, hearing_id: release(hearing_id, version, docket=court.docket), versions
    ),
    st.builds(
        lambda version, who, what: (
            lambda court, hearing_id: correct(
                hearing_id,
                Correction(version=version, marks=((who, what),), reason="A slip.", by="o-1"),
                docket=court.docket,
            )
        ),
        versions,
        people,
        given_marks,
    ),
    st.builds(
        lambda version: (
            lambda court, hearing_id: annul(hearing_id, version, "So.", "a-1", docket=court.docket)
        ),
        versions,
    ),
    st.builds(
        lambda what: lambda court, hearing_id: rescore(hearing_id, what, "c-1", docket=court.docket),
        given_marks,
    ),
    st.builds(
        lambda version, indicator: (
            lambda court, hearing_id: plan(
                hearing_id,
                version,
                [PlanStep(indicator_id=indicator, step="Practise.")],
                "o-1",
                docket=court.docket,
            )
        ),
        versions,
        st.sampled_from(INDICATORS),
    ),
)
sequences = st.lists(st.one_of(submissions, submissions, submissions, others), max_size=25)


@settings(max_examples=200, deadline=None)
@given(RULES, sequences)
def test_any_sequence_keeps_what_was_recorded(rule: object, acts: list[Act]) -> None:
    court = Court(rule)  # type: ignore[arg-type]  # Hypothesis does not say what it builds
    hearing = court.open()
    for act in acts:
        before = court.found(hearing.hearing_id)
        with suppress(HearingConflictError, InvalidEntryError, NotOnPanelError):
            act(court, hearing.hearing_id)
        after = court.found(hearing.hearing_id)
        _nothing_is_lost(before, after)
        _only_legal_changes(before, after)
        _nobody_peeks(after)
        _the_outcome_can_be_replayed(court, after)
    decided = [fact.data.record_version for fact in court.facts if fact.contract.name == "outcome.decided"]
    assert decided == [record.version for record in court.found(hearing.hearing_id).records]


def _nothing_is_lost(before: Hearing, after: Hearing) -> None:
    for name in ("sheets", "rounds", "records", "plans"):
        kept = getattr(before, name)
        assert getattr(after, name)[: len(kept)] == kept


def _only_legal_changes(before: Hearing, after: Hearing) -> None:
    assert (before.state, after.state) in {
        (OPEN, OPEN),
        (OPEN, DECIDED),
        (OPEN, ADJOURNED),
        (DECIDED, DECIDED),
        (DECIDED, ANNULLED),
        (ADJOURNED, ADJOURNED),
        (ANNULLED, ANNULLED),
    }
    assert len(after.rounds) <= 2
    assert all(len(closed.counted) >= 2 for closed in after.rounds)
    if before.central is not None and before.state == after.state == DECIDED:
        assert before.records == after.records or before.central == after.central


def _nobody_peeks(hearing: Hearing) -> None:
    closed = {each.number for each in hearing.rounds}
    for viewer in (*PANEL, "o-1"):
        for sheet in hearing.seen_by(viewer).sheets:
            assert not sheet.marks or sheet.round in closed or sheet.panelist_id == viewer


def _the_outcome_can_be_replayed(court: Court, hearing: Hearing) -> None:
    for record in hearing.records:
        levels = dict(medians(counted_sheets(hearing, record), hearing.matter.indicators))
        rule = court.rules.of_version(record.outcome.rule_version)
        assert decide(levels, rule) == record.outcome
        assert (record.redefense is None) == (not record.outcome.unmet)
