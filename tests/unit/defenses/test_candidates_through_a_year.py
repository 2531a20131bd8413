"""Exceptions, gaps, new rules and months that pass, for one student."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.defenses.defenses_examples import NOW, RULE, Memory, evidence
from tests.unit.defenses.readiness_examples import STRICTER, Office, Rules, exception

from contracts.defenses import (
    OPPORTUNITY_MISSED,
    OPPORTUNITY_SETTLED,
    READINESS_CHANGED,
    READINESS_CHANGED_V2,
)
from defenses.domain.candidates import Candidate, NoDecisionError
from defenses.domain.readiness import (
    INSUFFICIENT_EVIDENCE,
    NOT_YET,
    READY,
    REDUCED_COUNTS,
    WAIVED,
    OpportunitySeason,
    Recency,
)
from defenses.domain.roster import UnknownStudentError
from defenses.entrypoints.schemas.readiness import ReplayBodySchema
from defenses.use_cases.readiness import (
    ExceptionRefusedError,
    UnknownDecisionError,
    UnknownRuleError,
    decide_by_version,
    replay,
    replay_past,
)

DAY = timedelta(days=1)
SEASONAL = replace(RULE, opportunity=OpportunitySeason(first=(2, 1), last=(6, 30)))
RECENT = replace(SEASONAL, recency=Recency(artifacts=1, months=12))


def test_a_waiver_is_said_as_waived_and_in_version_1_as_ready() -> None:
    office = Office()
    office.enroll()

    after = office.grant(exception())

    assert after.status == WAIVED
    [_, _, first, second] = office.candidates.facts
    assert (first.contract, first.data.status, first.data.previous_status) == (
        READINESS_CHANGED,
        "READY",
        INSUFFICIENT_EVIDENCE,
    )
    assert (second.contract, second.data.status, second.data.previous_status) == (
        READINESS_CHANGED_V2,
        WAIVED,
        INSUFFICIENT_EVIDENCE,
    )
    assert second.data.snapshot["exceptions"][0]["exception_id"] == "transfer"


def test_evidence_that_comes_in_spite_of_a_waiver_makes_a_student_ready() -> None:
    office = Office()
    office.enroll()
    office.grant(exception())

    office.score_all()

    assert office.student.status == READY
    assert office.statuses[-1] == (WAIVED, READY)


def test_an_exception_that_is_over_already_or_has_an_endless_id_is_refused() -> None:
    office = Office()
    office.enroll()

    with pytest.raises(ExceptionRefusedError, match="past") as past:
        office.grant(exception(ends_on=NOW.date() - DAY))
    with pytest.raises(ExceptionRefusedError, match="at most 200") as endless:
        office.grant(exception("x" * 201))

    assert (past.value.field, endless.value.field) == ("ends_on", "exception_id")


def test_a_student_whom_nobody_has_named_gets_no_exception() -> None:
    with pytest.raises(UnknownStudentError):
        Office().grant(exception())


def test_the_same_exception_again_and_revoking_none_write_nothing() -> None:
    office = Office()
    office.enroll()
    office.grant(exception())
    written = len(office.candidates.writes)

    office.grant(exception())
    office.revoke("another")

    assert len(office.candidates.writes) == written


def test_an_exception_replaces_one_of_its_id_and_can_be_revoked() -> None:
    office = Office()
    office.enroll()
    office.grant(exception("b"))
    office.grant(exception("a"))
    office.grant(exception("b", reason="Another one."))

    assert [(each.exception_id, each.reason) for each in office.student.exceptions] == [
        ("a", "Came in February."),
        ("b", "Another one."),
    ]
    office.revoke("a")
    after = office.revoke("b")

    assert (after.exceptions, after.status) == ((), INSUFFICIENT_EVIDENCE)


def test_when_a_waiver_ends_the_evidence_decides_again() -> None:
    office = Office()
    office.enroll()
    office.grant(exception())

    assert office.sweep(on=NOW + DAY) == 1

    assert office.statuses[-1] == (WAIVED, INSUFFICIENT_EVIDENCE)


def test_who_became_ready_by_reduced_counts_stays_so_when_they_end_but_not_when_they_are_revoked() -> None:
    office = Office()
    office.enroll()
    for skill in RULE.skills:
        office.score(skill, 0)
    office.grant(exception(kind=REDUCED_COUNTS, min_artifacts=1))

    assert office.student.status == READY
    assert office.sweep(on=NOW + DAY) == 0
    office.revoke("transfer", now=NOW + DAY)

    assert office.student.status == INSUFFICIENT_EVIDENCE


def test_months_that_pass_take_readiness_from_nobody_but_age_the_evidence_of_the_others() -> None:
    ready, waiting = Office(Rules(RECENT)), Office(Rules(RECENT))
    for office in (ready, waiting):
        office.enroll()
    ready.score_all()
    waiting.score_all(level=1.0)

    assert (waiting.student.status, waiting.sweep(on=NOW + 300 * DAY)) == (NOT_YET, 0)
    assert waiting.sweep(on=NOW + 370 * DAY) == 1
    assert waiting.student.status == INSUFFICIENT_EVIDENCE
    assert ready.sweep(on=NOW + 370 * DAY) == 0
    assert ready.student.status == READY


def test_a_score_that_is_lowered_takes_readiness_back_under_the_rule_in_force() -> None:
    office = Office()
    office.enroll()
    office.score_all()
    office.rules = Rules(STRICTER, RULE)

    for number in range(2):
        office.score("innovator", number, level=1.0, version=3)

    assert (office.student.status, office.said[-1].rule_version) == (NOT_YET, "2")


def test_who_is_ready_stays_so_when_the_district_drops_the_rule_of_that_decision() -> None:
    office = Office()
    office.enroll()
    office.score_all()

    office.rules = Rules(STRICTER)
    office.score("innovator", 2)

    assert office.student.status == READY
    with pytest.raises(UnknownRuleError, match="rule version 1"):
        replay(office.student, rules=office.rules)


def test_a_decision_that_stands_is_made_again_from_its_snapshot() -> None:
    office = Office(Rules(RECENT))
    office.enroll()
    office.score_all()

    found = replay(office.student, rules=office.rules)

    assert found.same
    assert found.decision == office.student.decision
    edited = Rules(replace(RECENT, mean_at_least=3.5))
    again = replay(office.student, rules=edited)
    assert (again.same, again.decision.status) == (False, NOT_YET)


def test_any_decision_of_the_past_is_made_again_from_what_its_event_told() -> None:
    office = Office(Rules(RECENT))
    office.enroll()
    office.grant(exception("b", kind=REDUCED_COUNTS, min_artifacts=1, skills=("innovator",)))
    office.grant(exception())
    office.score_all()

    assert len({event.input_hash for event in office.said}) == len(office.said) == 3
    for event in office.said:
        told = json.loads(json.dumps(READINESS_CHANGED_V2.dump(event)))
        body = ReplayBodySchema().load({name: told[name] for name in ("rule_version", "snapshot")})
        again = decide_by_version(body["snapshot"], body["rule_version"], rules=office.rules)
        assert (again.status, again.input_hash) == (event.status, event.input_hash)
        assert again.explanation.to_tree() == event.explanation


def test_every_decision_that_was_said_can_be_made_again_after_its_evidence_has_changed() -> None:
    office = Office()
    office.enroll()
    office.score_all(level=2.0)
    office.grant(exception())
    office.score_all(level=4.0, version=3)
    office.revoke("transfer")
    office.score_all(level=1.0, version=4)

    student = office.student

    assert [(past.status, past.input_hash) for past in student.history] == [
        (each.status, each.input_hash) for each in office.said
    ]
    assert [past.status for past in student.history] == [
        INSUFFICIENT_EVIDENCE,
        NOT_YET,
        WAIVED,
        READY,
        NOT_YET,
    ]
    for past in student.history:
        made = replay_past(student, past.input_hash, rules=office.rules)
        assert (made.same, made.decision.status) == (True, past.status)


def test_a_decision_by_a_rule_that_was_edited_under_its_name_is_not_the_same() -> None:
    office = Office()
    office.enroll()
    [past] = office.student.history

    edited = Rules(replace(RULE, min_artifacts=9))

    assert not replay_past(office.student, past.input_hash, rules=edited).same
    with pytest.raises(UnknownDecisionError):
        replay_past(office.student, "0" * 64, rules=office.rules)
    with pytest.raises(UnknownRuleError):
        replay_past(office.student, past.input_hash, rules=Rules(STRICTER))


def test_a_score_that_is_restored_restores_readiness_also_under_a_new_rule() -> None:
    office = Office()
    office.enroll()
    office.score_all()
    office.rules = Rules(STRICTER, RULE)

    office.score("innovator", 0, level=1.0, version=3)
    office.score("innovator", 0, level=3.0, version=4)

    assert [(each.rule_version, each.status) for each in office.said[-3:]] == [
        ("1", READY),
        ("2", NOT_YET),
        ("1", READY),
    ]


def test_where_nothing_is_decided_nothing_can_be_made_again() -> None:
    office = Office()
    office.enroll(grade="6")

    with pytest.raises(NoDecisionError):
        replay(office.student, rules=office.rules)


def test_too_little_evidence_is_raised_against_the_school_when_its_time_has_come() -> None:
    autumn = datetime(2027, 1, 31, 12, tzinfo=UTC)
    office = Office(Rules(SEASONAL))
    office.enroll(now=autumn)
    office.score("collaborator", 0, now=autumn)
    assert not office.student.has_gaps

    office.sweep(on=autumn + DAY)

    [missed] = office.of(OPPORTUNITY_MISSED)
    assert (missed.student_id, missed.school_id, missed.transition) == ("s-1", "east", "5")
    assert [(gap.skill_id, gap.clause, gap.observed, gap.required, gap.since) for gap in missed.gaps] == [
        ("collaborator", "evidence", 1, 2, date(2027, 2, 1)),
        ("innovator", "evidence", 0, 2, date(2027, 2, 1)),
    ]
    assert office.student.gap_skills == ("collaborator", "innovator")


def test_a_gap_is_raised_once_keeps_its_first_day_and_is_closed_by_evidence() -> None:
    office = Office(Rules(SEASONAL))
    office.enroll()

    office.score("collaborator", 0, now=NOW + DAY)
    office.score("collaborator", 1, now=NOW + DAY)

    assert len(office.of(OPPORTUNITY_MISSED)) == 1
    [settled] = office.of(OPPORTUNITY_SETTLED)
    assert (settled.school_id, settled.skill_ids) == ("east", ("collaborator",))
    assert [(gap.skill_id, gap.since) for gap in settled.gaps] == [("innovator", NOW.date())]


@pytest.mark.parametrize(
    "close",
    [
        lambda office: office.grant(exception()),
        lambda office: office.withdraw(version=2),
        lambda office: office.enroll(grade="6", version=2),
        lambda office: office.sweep(on=datetime(2027, 7, 1, tzinfo=UTC)),
    ],
    ids=["waived", "left", "in another grade", "the season is over"],
)
def test_a_gap_is_closed_when_it_is_not_the_schools_any_more(close: Callable[[Office], Any]) -> None:
    office = Office(Rules(SEASONAL))
    office.enroll()

    close(office)

    assert not office.student.gaps
    [settled] = office.of(OPPORTUNITY_SETTLED)
    assert (settled.skill_ids, settled.gaps) == (("collaborator", "innovator"), ())


def test_a_student_who_changes_schools_takes_the_gap_from_one_to_the_other() -> None:
    office = Office(Rules(SEASONAL))
    office.enroll()

    office.enroll(school_id="west", version=2, now=NOW + DAY)

    assert [each.school_id for each in office.of(OPPORTUNITY_MISSED)] == ["east", "west"]
    [settled] = office.of(OPPORTUNITY_SETTLED)
    assert (settled.school_id, settled.gaps) == ("east", ())
    assert {gap.since for gap in office.student.gaps} == {(NOW + DAY).date()}


def test_each_skill_has_a_status_of_its_own() -> None:
    office = Office()
    office.enroll()
    for number in range(2):
        office.score("collaborator", number)
        office.score("innovator", number, level=1.0)

    assert office.student.skill_standings == (f"collaborator:{READY}", f"innovator:{NOT_YET}")


def test_without_a_rule_for_the_grade_nothing_is_decided_and_nobody_owes_anything() -> None:
    candidate = Candidate(student_id="s-1")

    assert candidate.decided(None, now=NOW) is candidate
    assert candidate.snapshot(NOW.date()) is None
    assert (candidate.grade, candidate.skill_standings, candidate.gap_skills) == (None, (), ())


STEPS: list[Callable[[Office], Any]] = [
    lambda office: office.enroll(version=1),
    lambda office: office.enroll(version=3, school_id="west"),
    lambda office: office.withdraw(version=2),
    lambda office: office.score("collaborator", 0, level=1.0, version=2),
    lambda office: office.score("collaborator", 0, level=4.0, version=3),
    lambda office: office.score("collaborator", 1, level=2.0, version=2),
    lambda office: office.score("innovator", 0, version=2),
    lambda office: office.score("innovator", 1, version=2),
    lambda office: office.score("innovator", 1, level=2.5, version=5),
    lambda office: office.score("cooking", 0, version=2),
]


def _outcome(order: list[int]) -> tuple[Any, ...]:
    office = Office(Rules(RECENT))
    for step in order:
        STEPS[step](office)
    found = office.student
    return found.enrollment, found.evidence, found.decision, found.gaps


@given(doubles=st.lists(st.integers(0, len(STEPS) - 1), max_size=6), chance=st.randoms())
def test_whatever_the_order_and_however_often_events_come_the_outcome_is_the_same(
    doubles: list[int], chance: random.Random
) -> None:
    order = [*range(len(STEPS)), *doubles]
    chance.shuffle(order)

    enrollment, known, decision, gaps = _outcome(order)

    assert (enrollment, known, decision, gaps) == _outcome(list(range(len(STEPS))))
    assert decision.status == READY


@given(missing=st.sets(st.integers(3, len(STEPS) - 1)), chance=st.randoms())
def test_the_order_does_not_matter_either_while_evidence_is_missing(
    missing: set[int], chance: random.Random
) -> None:
    told = [step for step in range(len(STEPS)) if step not in missing]
    shuffled = [*told, *told]
    chance.shuffle(shuffled)

    assert _outcome(shuffled) == _outcome(told)


def test_old_evidence_does_not_become_new_by_being_scored_twice() -> None:
    candidate = Candidate(student_id="s-1").scored(evidence("a-1", version=2))

    assert candidate.scored(evidence("a-1", version=2, scored_at=NOW + DAY)) is candidate
    assert Memory({"s-1": candidate}).select(gap_skills=["innovator"]) == []
