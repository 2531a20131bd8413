"""What Prometheus is told of the last good reports; a district is the only one who is named."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from prometheus_client import Gauge

from scoring.domain.monitoring.nights import Nights

_AGE = Gauge("scoring_report_age_seconds", "Age of the last good report.", ("district",))
_FAILED = Gauge("scoring_report_failed", "1 if no run has ended well since one failed.", ("district",))
_FLAGS = Gauge("scoring_report_flags", "Rows outside a threshold.", ("district", "kind", "measure"))
_AGREEMENT = Gauge(
    "scoring_report_agreement_ratio", "Share of pairs that agree: exact, adjacent.", ("district", "within")
)


def show_nights(nights: Mapping[str, Nights | None], *, at: datetime) -> None:
    """Set all gauges anew, so that what is not flagged any more is gone."""
    for gauge in (_AGE, _FAILED, _FLAGS, _AGREEMENT):
        gauge.clear()
    for district, each in nights.items():
        if each is not None:
            _show(district, each, at)


def _show(district: str, nights: Nights, at: datetime) -> None:
    _FAILED.labels(district).set(nights.failure is not None)
    report = nights.report
    if report is None:
        return
    _AGE.labels(district).set((at - report.made_at).total_seconds())
    for name, count in report.flags.items():
        kind, _, measure = name.partition(".")
        _FLAGS.labels(district, kind, measure).set(count)
    for within, figure in (("exact", report.exact), ("adjacent", report.adjacent)):
        if figure.value is not None:
            _AGREEMENT.labels(district, within).set(figure.value)
