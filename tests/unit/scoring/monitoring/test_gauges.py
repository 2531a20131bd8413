"""What Prometheus is told."""

from __future__ import annotations

from prometheus_client import REGISTRY
from tests.unit.scoring.monitoring.monitoring_examples import DAY, MONDAY, report

from scoring.domain.monitoring.nights import Failure, Nights
from scoring.entrypoints.gauges import show_nights

FAILURE = Failure(night=MONDAY.date(), at=MONDAY, reason="no memory")


def value(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, labels)


def test_gauges_tell_the_age_the_flags_and_the_agreement_of_a_report() -> None:
    show_nights({"jcps": Nights(report=report(), failure=FAILURE), "new": None}, at=MONDAY + DAY)

    assert value("scoring_report_age_seconds", district="jcps") == DAY.total_seconds()
    assert value("scoring_report_failed", district="jcps") == 1
    assert value("scoring_report_flags", district="jcps", kind="scorer", measure="exact") == 2
    assert value("scoring_report_agreement_ratio", district="jcps", within="exact") == 0.7
    assert value("scoring_report_agreement_ratio", district="jcps", within="adjacent") is None
    assert value("scoring_report_age_seconds", district="new") is None


def test_what_is_not_so_any_more_is_not_told_any_more() -> None:
    show_nights({"jcps": Nights(report=report(), failure=FAILURE)}, at=MONDAY)
    show_nights({"jcps": Nights()}, at=MONDAY)

    assert value("scoring_report_failed", district="jcps") == 0
    assert value("scoring_report_flags", district="jcps", kind="scorer", measure="exact") is None
