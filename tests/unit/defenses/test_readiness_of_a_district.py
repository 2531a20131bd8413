"""Trials of rules, the daily sweep, and summaries."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from marshmallow import ValidationError
from tests.unit.defenses.defenses_examples import (
    EAST,
    NOW,
    RULE,
    Memory,
    enrollment,
    evidence,
    ready_candidate,
)
from tests.unit.defenses.readiness_examples import STRICTER, Office, Rules, Students, exception

from contracts.defenses import READINESS_CHANGED, READINESS_CHANGED_V2
from defenses.domain.candidates import Candidate
from defenses.domain.readiness import (
    INSUFFICIENT_EVIDENCE,
    MAY_DEFEND,
    NOT_YET,
    READY,
    STATUSES,
    Cohort,
)
from defenses.domain.roster import UnknownSchoolError
from defenses.domain.standings import Standing, summarize
from defenses.domain.sweeps import Sweep, swept
from defenses.domain.trials import Change
from defenses.entrypoints.schemas.readiness import ExceptionBodySchema, ReadinessQuerySchema
from defenses.use_cases import readiness

LENIENT = replace(RULE, version="3", mean_at_least=1.0, criterion_floor=1.0)


def candidate(student_id: str, *, level: float = 3.0, grade: str = "5") -> Candidate:
    found = Candidate(student_id=student_id).enrolled(enrollment(grade=grade), version=1)
    for skill in RULE.skills:
        for number in range(2):
            entry = evidence(f"{student_id}:{skill}:{number}", skill, mean_level=level, grade=grade)
            found = found.scored(replace(entry, levels=(("craft", level),)))
    return found.decided(RULE, now=NOW)


def tried(rule: Any, *found: Candidate, pauses: list[int] | None = None) -> Any:
    counted: list[int] = [] if pauses is None else pauses
    return readiness.dry_run(
        rule,
        "east",
        candidates=Students({each.student_id: each for each in found}),
        school_year="2026-27",
        pause=lambda: counted.append(1),
        now=NOW,
    )


def test_a_trial_names_who_would_change_and_how() -> None:
    empty = Candidate(student_id="s-3").enrolled(enrollment(), version=1).decided(RULE, now=NOW)

    trial = tried(LENIENT, candidate("s-2", level=1.5), candidate("s-1", level=2.0), empty, candidate("s-4"))

    assert (trial.school_id, trial.students, trial.stay_ready) == ("east", 4, 0)
    assert trial.changes == tuple(
        Change(student_id=each, transition="5", before=NOT_YET, after=READY, unmet=())
        for each in ("s-1", "s-2")
    )
    assert trial.counts == ((NOT_YET, READY, 2),)


def test_a_trial_counts_who_is_ready_and_would_not_be_and_changes_them_not() -> None:
    trial = tried(STRICTER, candidate("s-1"), candidate("s-2", level=2.0))

    assert (trial.students, trial.stay_ready, trial.changes) == (2, 1, ())


def test_a_trial_says_which_clauses_would_fail() -> None:
    more = replace(RULE, version="4", min_artifacts=3)

    [change] = tried(more, candidate("s-1", level=1.0)).changes

    assert (change.before, change.after) == (NOT_YET, INSUFFICIENT_EVIDENCE)
    assert set(change.unmet) >= {"collaborator/evidence", "innovator/mean"}


def test_a_trial_of_a_rule_for_a_cohort_leaves_the_others_out() -> None:
    narrow = replace(LENIENT, cohorts=(Cohort(transition="8", school_year="2026-27"),))

    trial = tried(narrow, candidate("s-1", level=2.0), candidate("s-8", level=2.0, grade="8"))

    assert (trial.students, [change.student_id for change in trial.changes]) == (1, ["s-8"])


def test_a_trial_decides_about_students_of_whom_nothing_was_decided() -> None:
    sixth = replace(LENIENT, transitions={"6": ("6",)})

    [change] = tried(sixth, candidate("s-1", grade="6")).changes

    assert (change.before, change.after) == (None, READY)


def test_a_long_trial_gives_way_to_others() -> None:
    pauses: list[int] = []

    tried(LENIENT, *(ready_candidate(f"s-{number}") for number in range(101)), pauses=pauses)

    assert len(pauses) == 3


def test_a_school_that_nobody_knows_has_no_trial() -> None:
    schools = Memory({"east": EAST})

    assert readiness.known_school("east", schools=schools) is EAST
    with pytest.raises(UnknownSchoolError) as caught:
        readiness.known_school("north", schools=schools)
    assert caught.value.field == "school_id"


def test_a_sweep_finds_a_rule_that_came_into_force_and_says_so_once() -> None:
    office = Office()
    office.enroll()
    office.score_all(level=2.0)
    office.rules = Rules(LENIENT, RULE)

    assert office.sweep(on=NOW + timedelta(days=1)) == 1

    assert [fact.contract for fact in office.candidates.facts[-2:]] == [
        READINESS_CHANGED,
        READINESS_CHANGED_V2,
    ]
    assert office.statuses[-1] == (NOT_YET, READY)
    assert office.sweep(on=NOW + timedelta(days=2)) == 0
    assert office.sweeps.values["sweep"] == Sweep(
        swept_on=(NOW + timedelta(days=2)).date(), rules=(office.rules.fingerprint,), decided_again=0
    )


def test_a_sweep_takes_readiness_from_nobody() -> None:
    office = Office()
    office.enroll()
    office.score_all()
    office.rules = Rules(STRICTER, RULE)

    assert office.sweep(on=NOW + timedelta(days=400)) == 0
    assert office.student.status == READY


def test_a_sweep_of_many_students_gives_way_and_holds_its_lease() -> None:
    office = Office()
    office.candidates = Students(
        {f"s-{number}": candidate(f"s-{number}", level=2.0) for number in range(101)}
    )
    office.rules = Rules(LENIENT, RULE)

    assert office.sweep(on=NOW) == 101
    assert office.pauses == 3


def test_a_sweep_whose_lease_is_lost_is_not_noted() -> None:
    office = Office()

    def lost() -> None:
        raise RuntimeError("somebody else sweeps")

    with pytest.raises(RuntimeError, match="somebody else"):
        readiness.sweep(
            "sweep",
            sweeps=office.sweeps,
            schools=office.schools,
            candidates=office.candidates,
            rules=office.rules,
            pause=office.pause,
            still_ours=lost,
            now=NOW,
        )
    assert office.sweeps.values == {}


def test_a_day_is_swept_once_unless_the_rules_are_others() -> None:
    first = swept(None, day=NOW.date(), rules="one", decided_again=0)
    today = swept(first, day=NOW.date(), rules="two", decided_again=3)
    tomorrow = swept(today, day=(NOW + timedelta(days=1)).date(), rules="two", decided_again=0)

    assert first.covers(NOW.date(), "one")
    assert not first.covers(NOW.date(), "two")
    assert tomorrow.covers(NOW.date(), "one")
    assert (today.decided_again, tomorrow.rules) == (3, ("two",))
    assert today.covers(NOW.date(), "two")
    assert today.covers(NOW.date(), "one")
    assert not today.covers((NOW + timedelta(days=1)).date(), "one")
    assert not today.covers(NOW.date(), "another")


def standing(school_id: str, grade: str, status: str, *unmet: str) -> Standing:
    failing = {each.partition("/")[0] for each in unmet}
    skills = tuple(f"{skill}:{NOT_YET if skill in failing else READY}" for skill in RULE.skills)
    return Standing(
        school_id=school_id, grade=grade, status=status, skill_standings=skills, unmet=tuple(unmet)
    )


def test_a_summary_counts_statuses_and_what_fails_most_by_school_grade_and_skill() -> None:
    found = [
        standing("west", "5", READY),
        standing("east", "8", NOT_YET, "innovator/mean"),
        standing("east", "5", NOT_YET, "innovator/mean", "innovator/criterion-floor"),
        standing("east", "5", NOT_YET, "innovator/mean"),
        standing("east", "5", READY),
    ]

    summaries = summarize(found, grade=None, skill_id=None)

    assert [(each.school_id, each.grade, each.statuses) for each in summaries] == [
        ("east", "5", {NOT_YET: 2, READY: 1}),
        ("east", "8", {NOT_YET: 1}),
        ("west", "5", {READY: 1}),
    ]
    collaborator, innovator = summaries[0].skills
    assert (collaborator.statuses, collaborator.failing) == ({READY: 3}, ())
    assert (innovator.statuses, innovator.failing) == (
        {NOT_YET: 2, READY: 1},
        (("mean", 2), ("criterion-floor", 1)),
    )


def test_a_summary_can_be_of_one_grade_and_one_skill() -> None:
    found = [standing("east", "8", READY), standing("east", "5", READY)]

    [only] = summarize(found, grade="8", skill_id="innovator")

    assert (only.grade, [skill.skill_id for skill in only.skills]) == ("8", ["innovator"])


@pytest.mark.parametrize(
    ("asked", "found_by"),
    [
        ({}, {"status": list(STATUSES)}),
        ({"status": "READY"}, {"status": list(MAY_DEFEND)}),
        ({"status": "NOT_YET"}, {"status": ["NOT_YET"]}),
        ({"skill_id": "a", "status": "NOT_YET"}, {"skill_standings": ["a:NOT_YET"]}),
        ({"skill_id": "a"}, {"skill_standings": [f"a:{status}" for status in STATUSES]}),
    ],
)
def test_decisions_are_found_by_their_status_or_by_a_skills_own(
    asked: dict[str, str], found_by: dict[str, list[str]]
) -> None:
    query = ReadinessQuerySchema().load(asked)

    assert {name: query.get(name) for name in found_by} == found_by
    assert not {"skill_id"} & query.keys()
    assert ("status" in query) != ("skill_standings" in query)


WAIVED_BODY = {"kind": "waiver", "approved_by": "p-1", "reason": "New here.", "ends_on": "2027-06-30"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "reduced_counts"}, "min_artifacts"),
        ({"min_artifacts": 1}, "min_artifacts"),
        ({"skills": ["innovator"]}, "skills"),
        ({"reason": ""}, "reason"),
        ({"kind": "favour"}, "kind"),
    ],
)
def test_an_exception_that_contradicts_itself_is_refused_by_field(
    changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        ExceptionBodySchema().load({**WAIVED_BODY, **changes})

    assert isinstance(caught.value.messages, dict)
    assert list(caught.value.messages) == [field]


def test_a_waiver_and_reduced_counts_are_taken() -> None:
    reduced = {**WAIVED_BODY, "kind": "reduced_counts", "min_artifacts": 1, "skills": ["innovator"]}

    assert ExceptionBodySchema().load(WAIVED_BODY)["min_artifacts"] is None
    assert ExceptionBodySchema().load(reduced)["skills"] == ["innovator"]
    assert exception().reduces("innovator") is False
