"""Roster and scores in, decisions out, in whatever order they arrive."""

from __future__ import annotations

from itertools import permutations

import pytest
from tests.unit.defenses.defenses_examples import NOW, RULE, enrollment, evidence, ready_candidate
from tests.unit.defenses.readiness_examples import STRICTER, Office, Rules

from defenses.domain.candidates import Candidate
from defenses.domain.readiness import INSUFFICIENT_EVIDENCE, NOT_YET, READY


def test_a_student_becomes_ready_with_the_last_score_and_it_is_said_once() -> None:
    school = Office()
    school.enroll()

    school.score_all()

    assert school.statuses == [(None, INSUFFICIENT_EVIDENCE), (INSUFFICIENT_EVIDENCE, READY)]
    last = school.said[-1]
    assert (last.student_id, last.school_id, last.transition, last.rule_version) == ("s-1", "east", "5", "1")
    assert last.decided_at == NOW
    assert last.explanation["id"] == "readiness"


def test_scores_that_come_before_the_roster_count_once_it_names_the_student() -> None:
    school = Office()

    school.score_all()
    school.enroll()

    assert school.statuses == [(None, READY)]


def test_the_order_of_scores_and_roster_does_not_change_the_outcome() -> None:
    outcomes = []
    for order in permutations(["enroll", "low", "high", "rest"]):
        school = Office()
        for step in order:
            _take(school, step)
        found = school.candidates.values["s-1"]
        outcomes.append((found.evidence, found.decision))

    assert all(outcome == outcomes[0] for outcome in outcomes)


def _take(school: Office, step: str) -> None:
    if step == "enroll":
        school.enroll()
    elif step == "low":
        school.score("collaborator", 0, level=1.0, version=2)
    elif step == "high":
        school.score("collaborator", 0, level=4.0, version=3)
    else:
        school.score("collaborator", 1)
        school.score("innovator", 0)


def test_old_news_changes_nothing_and_is_not_written() -> None:
    school = Office()
    school.enroll(version=3)
    school.score("collaborator", 0, version=2)
    written = len(school.candidates.writes)

    school.enroll(grade="4", version=2)
    school.withdraw(version=1)
    school.score("collaborator", 0, level=1.0, version=2)

    assert len(school.candidates.writes) == written
    assert school.candidates.values["s-1"].enrollment == enrollment(
        guardian_ids=("g-1",), teacher_ids=("t-1",)
    )


def test_a_student_who_left_has_no_decision_and_gets_it_back_on_return() -> None:
    school = Office()
    school.enroll()
    school.score_all()

    school.withdraw(version=2)
    gone = school.candidates.values["s-1"]
    school.enroll(version=3)

    assert (gone.current, gone.status, gone.school_id, gone.transition) == (None, None, None, "")
    assert (gone.guardian_ids, gone.teacher_ids) == (frozenset(), frozenset())
    assert school.candidates.values["s-1"].status == READY
    assert school.statuses[-1] == (INSUFFICIENT_EVIDENCE, READY)


def test_a_withdrawal_may_come_before_anything_else() -> None:
    school = Office()

    school.withdraw(version=2)
    school.enroll(version=1)

    assert school.candidates.values["s-1"] == Candidate(student_id="s-1", roster_version=2)


def test_nothing_is_decided_outside_transition_grades() -> None:
    school = Office()

    school.enroll(grade="6")

    assert school.said == []
    assert school.candidates.values["s-1"].current is None


def test_the_next_transition_begins_without_a_previous_status() -> None:
    school = Office()
    school.enroll()

    school.enroll(grade="8", version=2)

    assert [(each.transition, each.previous_status, each.status) for each in school.said] == [
        ("5", None, INSUFFICIENT_EVIDENCE),
        ("8", None, INSUFFICIENT_EVIDENCE),
    ]


def test_a_decision_about_a_past_transition_is_not_current() -> None:
    school = Office()
    school.enroll()
    school.enroll(grade="6", version=2)

    found = school.candidates.values["s-1"]

    assert found.decision is not None
    assert found.current is None


def test_a_new_rule_does_not_take_back_that_a_student_is_ready() -> None:
    school = Office()
    school.enroll()
    school.score_all()

    school.rules = Rules(STRICTER, RULE)
    school.score("innovator", 2)

    decision = school.student.current
    assert decision is not None
    assert (decision.status, decision.rule_version) == (READY, "1")
    assert len(school.said) == 2


def test_a_new_rule_decides_about_who_is_not_ready_and_that_is_said() -> None:
    school = Office()
    school.enroll()
    school.score_all(level=2.0)

    school.rules = Rules(STRICTER, RULE)
    school.score("innovator", 2, level=2.0)

    assert [(each.rule_version, each.previous_status, each.status) for each in school.said[-2:]] == [
        ("1", INSUFFICIENT_EVIDENCE, NOT_YET),
        ("2", NOT_YET, NOT_YET),
    ]


def test_the_same_decision_leaves_the_candidate_as_it_is() -> None:
    candidate = ready_candidate("s-1")

    assert candidate.decided(RULE, now=NOW) is candidate
    assert Candidate(student_id="s-2").decided(RULE, now=NOW) == Candidate(student_id="s-2")


@pytest.mark.parametrize("version", [1, 2])
def test_an_older_score_never_replaces_a_newer_one(version: int) -> None:
    candidate = Candidate(student_id="s-1").scored(evidence("a-1", version=2))

    assert candidate.scored(evidence("a-1", version=version, mean_level=1.0)) is candidate
