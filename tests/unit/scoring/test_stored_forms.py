"""Rubric versions, papers and scorers' records come out of their stored form as they went in."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import bson
from bson.codec_options import CodecOptions
from tests.unit.scoring.calibration import calibration_examples as calibration
from tests.unit.scoring.rubrics import rubric_examples as rubrics

from chassis.mongo import AggregateRepository
from chassis.mongo.documents import stored
from chassis.outbox import UnitOfWork
from scoring.domain.calibration.marks import StopReason
from scoring.domain.calibration.record import open_attempt, stop, take_paper
from scoring.domain.rubrics import draft, publish
from scoring.domain.tasks import Purpose
from scoring.repository import Papers, RubricVersions, ScorerRecords

_AS_READ: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True, tzinfo=UTC)


def _through(repository: type[AggregateRepository[Any]], value: Any, value_id: str) -> Any:
    """Return a value as it is read after it was written."""
    work = UnitOfWork(district="jcps", cause="test", now=calibration.MONDAY)
    keeping = repository(work)
    known = {"id": value_id, "district": "jcps", "version": 1, "changed_at": work.now}
    raw = bson.encode(stored(repository.document, {**keeping.to_fields(value), **known}))
    return keeping._value(bson.decode(raw, _AS_READ))


def test_a_rubric_version() -> None:
    link = rubrics.link(rubrics.MESSAGE, rubrics.CRAFT)
    framework = rubrics.framework("2027.1", rubrics.crosswalk("2026.1", link))
    drafted = draft(None, framework, at=rubrics.MONDAY, by="admin")
    published = publish(drafted, rubrics.NEXT_SUMMER, at=rubrics.TUESDAY, by="admin")

    assert _through(RubricVersions, drafted, "v") == drafted
    assert _through(RubricVersions, published, "v") == published


def test_a_paper() -> None:
    paper = calibration.paper("a-1")

    assert _through(Papers, paper, "a-1") == paper


def test_a_scorers_record() -> None:
    rules, at = calibration.RULES, calibration.MONDAY
    empty = calibration.record()
    practice = [calibration.paper(f"p-{number}", purpose=Purpose.PRACTICE) for number in range(4)]
    record = open_attempt(empty, Purpose.PRACTICE, practice, at=at, rules=rules)
    for paper in practice[:2]:
        record = take_paper(record, paper, calibration.levels(1, 3, 2, 2), at=at, rules=rules)
    record = take_paper(record, calibration.paper("s-1"), calibration.levels(3, 3, 2, 2), at=at, rules=rules)
    record = stop(record, StopReason.PERSON, by="office", at=at, rules=rules)
    record = open_attempt(record, Purpose.PRACTICE, practice, at=at, rules=rules)
    record = take_paper(record, practice[2], calibration.levels(3, 3, 2, 2), at=at, rules=rules)

    assert record.attempt is not None
    assert record.practice
    assert _through(ScorerRecords, empty, "r") == empty
    assert _through(ScorerRecords, record, "r") == record
