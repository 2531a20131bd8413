"""What claiming is told, what reads lead to, and what the office does about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from tests.unit.scoring.calibration.calibration_examples import (
    BAND,
    CRITERIA,
    DAY,
    HOUR,
    MONDAY,
    NEXT_YEAR,
    RUBRIC,
    RULES,
    SKILL,
    levels,
    paper,
    record,
    submission,
)

from chassis.testing import MemoryRepository
from contracts.scoring import SCORER_PAUSED, ReadGiven, ReadLevel, ScorerPaused
from scoring.domain.calibration.papers import NoPaperError, Paper
from scoring.domain.calibration.record import NoRecordError, RecordState, ScorerRecord
from scoring.domain.calibration.rules import CalibrationRules
from scoring.domain.routing import Standing
from scoring.domain.rubrics import Rubric
from scoring.domain.tasks import Purpose, State, Submission, Task
from scoring.use_cases import calibrating
from scoring.use_cases.calibrating import Settled
from scoring.use_cases.queueing import task_id_of
from scoring.use_cases.standings import Calibration, record_id_of

KNOWN = (3, 3, 2, 2)
OFF = (1, 3, 2, 2)
RECORD_ID = record_id_of("t-1", SKILL, BAND)
AREA = ("t-1", SKILL, BAND)


class MemoryPapers(MemoryRepository[Paper]):
    """Papers in a dict."""

    def active(self, purpose: Purpose, skill_id: str, band: str) -> list[Paper]:
        there = self.select(purpose=purpose, skill_id=skill_id, band=band)
        return [each for each in there if each.active]


class Rubrics:
    """One version, whatever the day."""

    def current(self, at: datetime) -> Sequence[Rubric]:
        return [RUBRIC]

    def of_version(self, version: str) -> Sequence[Rubric]:
        return [RUBRIC] if version == RUBRIC.version else []


class Office:
    """A district's calibration in memory."""

    def __init__(self, *papers: Paper, rules: CalibrationRules = RULES) -> None:
        self.papers = MemoryPapers({each.paper_id: each for each in papers})
        self.records: MemoryRepository[ScorerRecord] = MemoryRepository()
        self.rules = rules
        self.open: list[Task] = []
        self.concerned: set[str] = set()
        self.asked: list[str] = []

    @property
    def calibration(self) -> Calibration:
        return Calibration(
            records=self.records,
            papers=self.papers,
            conflicts=self,
            rubrics=Rubrics(),
            rules=self.rules,
        )

    def concern(self, scorer_id: str, submission: Submission) -> bool:
        self.asked.append(submission.artifact_id)
        return submission.artifact_id in self.concerned

    def read(
        self,
        artifact_id: str,
        given: tuple[int, ...] = KNOWN,
        purpose: Purpose = Purpose.ARTIFACT,
        *,
        at: datetime = MONDAY,
    ) -> None:
        calibrating.take_read(
            _read(artifact_id, given, purpose, at=at),
            records=self.records,
            papers=self.papers,
            rules=self.rules,
        )

    def standing(self, at: datetime = MONDAY) -> Standing:
        return self.calibration.may_read(*AREA, at)

    def next(self, at: datetime = MONDAY) -> tuple[str, Purpose] | None:
        found = self.calibration.next_for(self.standing(at), self.open, at)
        return None if found is None else (found.paper_id, found.purpose)

    def open_set(self, purpose: Purpose, *, at: datetime = MONDAY) -> ScorerRecord:
        return calibrating.open_set(
            *AREA, purpose, at=at, records=self.records, papers=self.papers, rules=self.rules
        )

    def paused(self) -> list[ScorerPaused]:
        assert {each.contract for each in self.records.facts} <= {SCORER_PAUSED}
        return [each.data for each in self.records.facts]


FREE = replace(RULES, required_from=None)
SEEDS = [paper(f"s-{number}") for number in range(4)]
SET = [paper(f"q-{number}", purpose=Purpose.QUALIFICATION) for number in range(4)]


def _read(artifact_id: str, given: tuple[int, ...], purpose: Purpose, *, at: datetime) -> ReadGiven:
    return ReadGiven(
        task_id=f"task of {artifact_id}",
        artifact_id=artifact_id,
        purpose=str(purpose),
        stage="first",
        scorer_id="t-1",
        school_id=None,
        skill_id=SKILL,
        band=BAND,
        rubric_id=RUBRIC.rubric_id,
        rubric_version=RUBRIC.version,
        levels=tuple(
            ReadLevel(criterion_id=each, level=level)
            for each, level in zip(CRITERIA if given else (), given, strict=True)
        ),
        lease_id="lease",
        leased_at=at,
        given_at=at,
        unscorable=None if given else "blank",
    )


def _open_task(artifact_id: str, purpose: Purpose, *, band: str = BAND) -> Task:
    return Task(
        task_id=f"task of {artifact_id}",
        submission=submission(artifact_id),
        rubric_id=RUBRIC.rubric_id,
        rubric_version=RUBRIC.version,
        band=band,
        state=State.LEASED,
        opened_at=MONDAY,
        purpose=purpose,
    )


def _due(office: Office) -> None:
    """Let so many artifacts be read that a seed is due."""
    for number in range(10):
        office.read(f"a-{number}")


def test_nobody_reads_before_they_have_qualified_once_that_is_required() -> None:
    assert Office().standing() == Standing(
        scorer_id="t-1",
        skill_id=SKILL,
        band=BAND,
        qualified=False,
        paused=False,
        capacity=None,
        reads=0,
    )
    assert Office(rules=FREE).standing().qualified
    later = replace(RULES, required_from=date(2027, 1, 1))
    assert Office(rules=later).standing().qualified
    assert not Office(rules=later).standing(NEXT_YEAR).qualified


def test_a_set_comes_paper_by_paper_and_qualifies() -> None:
    office = Office(*SET)
    assert office.next() is None
    office.open_set(Purpose.QUALIFICATION)
    came = []

    while (paper_due := office.next()) is not None:
        assert paper_due[1] is Purpose.QUALIFICATION
        came.append(paper_due[0])
        office.read(came[-1], KNOWN, Purpose.QUALIFICATION)

    assert len(came) == len(set(came)) == 3
    assert office.standing().qualified
    assert office.records.values[RECORD_ID].state is RecordState.QUALIFIED
    assert office.paused() == []


def test_no_more_papers_are_open_than_the_set_has() -> None:
    office = Office(*SET)
    office.open_set(Purpose.QUALIFICATION)
    for number in range(2):
        office.open.append(_open_task(f"q-{number}", Purpose.QUALIFICATION))

    assert office.next() in {("q-2", Purpose.QUALIFICATION), ("q-3", Purpose.QUALIFICATION)}
    office.open.append(_open_task("q-2", Purpose.QUALIFICATION))
    assert office.next() is None


def test_what_is_open_in_another_band_is_of_no_account() -> None:
    office = Office(*SEEDS, rules=FREE)
    office.open = [_open_task(f"x-{number}", Purpose.ARTIFACT, band="6-8") for number in range(10)]
    expected = Office(*SEEDS, rules=FREE).next()

    assert office.next() == expected


def test_a_seed_comes_in_its_turn_and_never_twice_to_one_scorer() -> None:
    office = Office(*SEEDS, rules=FREE)
    came = []
    for number in range(60):
        due = office.next()
        if due is None:
            office.read(f"a-{number}", at=MONDAY + number * HOUR)
        else:
            came.append(due[0])
            office.read(*due[:1], KNOWN, Purpose.SEED, at=MONDAY + number * HOUR)

    assert sorted(came) == ["s-0", "s-1", "s-2", "s-3"]
    assert office.standing().reads == 60


def test_a_seed_that_is_open_is_not_given_again() -> None:
    office = Office(*SEEDS, rules=FREE)
    _due(office)
    assert office.next() is not None

    office.open.append(_open_task("s-1", Purpose.SEED))

    assert office.next() is None


def test_a_seed_is_of_nobody_whom_the_scorer_knows_and_of_the_rubric_in_force() -> None:
    old = paper("s-old", version="2025.1")
    office = Office(*SEEDS, old, paper("s-gone", active=False), rules=FREE)
    _due(office)
    office.concerned = {"s-0", "s-1", "s-2"}

    assert office.next() == ("s-3", Purpose.SEED)
    assert set(office.asked) <= {"s-0", "s-1", "s-2", "s-3"}
    office.concerned.add("s-3")
    assert office.next() is None


def test_the_workflow_is_not_told_whose_artifact_a_paper_was() -> None:
    office = Office(*SEEDS, rules=FREE)
    _due(office)

    found = office.calibration.next_for(office.standing(), office.open, MONDAY)

    assert found is not None
    assert (found.submission.student_id, found.submission.school_id) == (None, None)
    assert (found.submission.title, found.rubric_id) == ("Letter to the city", RUBRIC.rubric_id)


def test_who_may_not_read_gets_no_seed() -> None:
    office = Office(*SEEDS)
    _due(office)
    assert office.next() is None

    free = Office(*SEEDS, rules=FREE)
    _due(free)
    assert free.next() is not None
    calibrating.stop_scorer(RECORD_ID, by="office", at=MONDAY, records=free.records, rules=FREE)
    assert free.next() is None
    assert (free.standing().qualified, free.standing().paused) == (False, True)


def test_missed_seeds_say_that_the_scorer_is_paused_and_since_when_reads_are_in_doubt() -> None:
    office = Office(*SEEDS, rules=FREE)
    office.read("s-0", KNOWN, Purpose.SEED)
    office.read("a-1", at=MONDAY + HOUR)
    office.read("s-1", OFF, Purpose.SEED, at=MONDAY + 2 * HOUR)
    assert office.paused() == []

    office.read("s-2", OFF, Purpose.SEED, at=MONDAY + 3 * HOUR)

    told = ScorerPaused(
        scorer_id="t-1",
        skill_id=SKILL,
        band=BAND,
        reads_since=MONDAY,
        reason="seeds_out_of_tolerance",
        paused_at=MONDAY + 3 * HOUR,
    )
    assert office.paused() == [told]
    # What they had open and read all the same is in doubt as well.
    office.read("a-2", at=MONDAY + 4 * HOUR)
    assert office.paused() == [told, told]
    office.read("s-3", KNOWN, Purpose.SEED, at=MONDAY + 5 * HOUR)
    assert office.paused() == [told, told]


def test_a_paper_that_is_found_unscorable_is_missed_and_does_not_come_again() -> None:
    office = Office(*SEEDS, rules=FREE)
    office.read("s-0", (), Purpose.SEED)
    assert office.records.values[RECORD_ID].seen == ("s-0",)
    assert office.paused() == []

    office.read("s-1", (), Purpose.SEED, at=MONDAY + HOUR)

    assert [each.reason for each in office.paused()] == ["seeds_out_of_tolerance"]


def test_a_set_does_not_qualify_by_what_is_found_unscorable() -> None:
    office = Office(*SET)
    office.open_set(Purpose.QUALIFICATION)

    while (paper_due := office.next()) is not None:
        office.read(paper_due[0], (), Purpose.QUALIFICATION)

    assert (office.standing().qualified, office.records.values[RECORD_ID].failed) == (False, 1)


def test_a_read_of_a_paper_that_nobody_knows_changes_nothing() -> None:
    office = Office(rules=FREE)

    office.read("s-9", OFF, Purpose.SEED)

    assert office.records.values == {}


def test_a_paper_that_was_marked_before_changes_nothing() -> None:
    office = Office(*SEEDS, rules=FREE)
    office.read("s-0", KNOWN, Purpose.SEED)
    before = office.records.values[RECORD_ID]

    office.read("s-0", OFF, Purpose.SEED)

    assert office.records.values[RECORD_ID] is before


def test_the_office_stops_a_scorer_once() -> None:
    office = Office(rules=FREE)
    office.read("a-1")

    calibrating.stop_scorer(RECORD_ID, by="office", at=MONDAY + DAY, records=office.records, rules=FREE)
    stopped = calibrating.stop_scorer(
        RECORD_ID, by="office", at=MONDAY + 2 * DAY, records=office.records, rules=FREE
    )

    assert stopped.state is RecordState.PAUSED
    [told] = office.paused()
    assert (told.reason, told.reads_since) == ("stopped_by_coordinator", MONDAY)
    with pytest.raises(NoRecordError, match="no calibration x"):
        calibrating.stop_scorer("x", by="office", at=MONDAY, records=office.records, rules=FREE)


def test_the_office_confirms_a_training() -> None:
    failed: Mapping[str, ScorerRecord] = {RECORD_ID: replace(record(), failed=2)}
    office = Office()
    office.records.values.update(failed)

    trained = calibrating.confirm_training(
        RECORD_ID, by="office", at=MONDAY, records=office.records, rules=RULES
    )

    assert trained.failed == 0
    with pytest.raises(NoRecordError):
        calibrating.confirm_training("x", by="office", at=MONDAY, records=office.records, rules=RULES)


def test_an_artifact_becomes_a_paper_and_may_be_retired() -> None:
    office = Office()
    artifacts: MemoryRepository[Task] = MemoryRepository(
        {task_id_of("a-1"): _open_task("a-1", Purpose.ARTIFACT)}
    )
    settled = Settled(levels=levels(*KNOWN), purpose=Purpose.SEED, rationale="clear")
    setting: dict[str, Any] = {
        "by": "office",
        "at": MONDAY,
        "artifacts": artifacts,
        "rubrics": Rubrics(),
        "papers": office.papers,
    }

    made = calibrating.make_paper("a-1", settled, **setting)

    assert made == office.papers.values["a-1"] == replace(paper("a-1"), rationale="clear")
    assert not calibrating.retire_paper("a-1", papers=office.papers).active
    with pytest.raises(NoPaperError, match="no artifact a-2 here"):
        calibrating.make_paper("a-2", settled, **setting)
    with pytest.raises(NoPaperError, match="no paper a-2"):
        calibrating.retire_paper("a-2", papers=office.papers)
