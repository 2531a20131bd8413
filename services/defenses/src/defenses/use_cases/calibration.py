"""Record who is calibrated."""

from __future__ import annotations

from datetime import date, datetime

from defenses.domain.calibration import Calibration
from defenses.use_cases.stores import Aggregates


def record_calibration(
    panelist_id: str,
    valid_until: date | None,
    basis: str,
    by: str,
    *,
    calibrations: Aggregates[Calibration],
    now: datetime,
) -> Calibration:
    """Record until when a panelist may take a seat; None takes it back."""
    calibration = Calibration(
        panelist_id=panelist_id, valid_until=valid_until, basis=basis, recorded_by=by, recorded_at=now
    )
    calibrations.change(panelist_id, lambda _: (calibration, []))
    return calibration
