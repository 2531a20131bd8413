"""The nightly process against the real store, without a service."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from pymongo import MongoClient
from tests.integration.scoring.scoring_season import SKILL, stored_seed, stored_student, stored_task

from chassis import mongo
from chassis.outbox import UnitOfWork
from scoring.clients import NightlyProcess
from scoring.domain.monitoring.asking import NightRequest
from scoring.domain.monitoring.nights import Nights, begin, fail, succeed
from scoring.domain.monitoring.rows import Kind, Measure
from scoring.entrypoints.policies import read_policies
from scoring.repository import DistrictBook, EquityRows, NightlyRuns, QualityRows

NOW = datetime.now(UTC)


@pytest.fixture
def district(mongo_url: str, database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Give a district with sixty students, of whom forty have an artifact, and a seed that ann has read."""
    for name, value in {
        "MONGO_URL": mongo_url,
        "MONGO_DATABASE": database,
        "AMQP_URL": "amqp://nobody@localhost/none",
        "HTTP_ADDRESS": "localhost:0",
        "JWT_ISSUER": "nobody",
    }.items():
        monkeypatch.setenv(name, value)
    name = f"d{uuid4().hex[:8]}"
    with MongoClient[dict[str, Any]](mongo_url, tz_aware=True) as client:
        store = client[database]
        store["tasks"].insert_many([stored_task(number, name) for number in range(40)])
        store["tasks"].insert_one({**stored_task(99, "another"), "_id": "0-another"})
        store["tasks"].insert_one(stored_seed(98, name))
        store["students"].insert_many([stored_student(number, name) for number in range(60)])
        staff = {"_id": "ann", "district": name, "source_version": 1, "posts": [], "active": True}
        store["staff"].insert_one(staff)
    mongo.connect(mongo_url, database)
    yield name
    mongo.disconnect()


def _request(district: str, report_id: str) -> NightRequest:
    policies = read_policies(SimpleNamespace(policy_dir=""))

    def current(policy: str) -> Any:
        return policies.current(policy, district=district, on=NOW.date())

    monitoring = current("monitoring")
    return NightRequest(
        report_id=report_id,
        district=district,
        night=NOW.date(),
        at=NOW,
        policy_version=monitoring.version,
        thresholds=monitoring.thresholds,
        equity=current("equity"),
        calendar=current("deadlines").calendar,
    )


def test_the_process_reads_one_district_and_writes_rows_that_are_found_by_their_report(district: str) -> None:
    work = UnitOfWork(district=district, cause="test")

    report = NightlyProcess().make(_request(district, "r-1"), limit_s=110.0)

    assert (report.reads, report.left_out) == (81, 0)
    assert report.exact.value == 0.0
    rows = {row.subject: row for row in QualityRows(work).select(report_id="r-1", kind=str(Kind.SCORER))}
    assert set(rows) == {"ann", "bob"}
    assert rows["ann"].pairs == 40
    assert rows["ann"].figures[Measure.ADJACENT].value == 1.0
    assert Measure.EXACT in rows["bob"].flags
    cells = EquityRows(work).select(report_id="r-1", skill_id=SKILL, grouping_id="home_language")
    few = next(each for each in cells if (each.school_id, each.group_id) == ("east", "other"))
    assert few.published.students is None
    assert len(few.internal.few) == few.internal.students == 6
    whole = next(each for each in cells if (each.school_id, each.group_id) == ("all", "all"))
    assert whole.published.students == 60
    assert whole.published.with_artifact is not None
    assert whole.published.turnaround_days is not None

    QualityRows(work).drop_others(["r-2"])
    EquityRows(work).drop_others(["r-1"])
    assert QualityRows(work).count(report_id="r-1", kind=str(Kind.SCORER)) == 0
    assert EquityRows(work).count(report_id="r-1", skill_id=SKILL) > 0
    assert DistrictBook().districts() == [district]

    _nights_come_back_as_they_were(district, report)


def _nights_come_back_as_they_were(district: str, report: Any) -> None:
    policies = read_policies(SimpleNamespace(policy_dir=""))
    rule = policies.current("monitoring", district=district, on=NOW.date()).night
    at = NOW.replace(microsecond=0)
    done = succeed(begin(Nights(), rule, report_id="r-1", at=at), report)
    running = begin(done, rule, report_id="r-2", at=at)
    for number, value in enumerate((done, running, fail(running, "r-2", "no memory", at=at))):
        nights = NightlyRuns(UnitOfWork(district=district, cause=f"test-{number}"))
        nights.change("n", partial(_decided, value))
        assert nights.get("n") == value


def _decided(value: Nights, _: Nights | None) -> tuple[Nights, tuple[()]]:
    return value, ()
