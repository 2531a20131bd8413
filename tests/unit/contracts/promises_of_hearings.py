"""What the goldens of hearings and outcomes stand for."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from tests.unit.contracts.promises import (
    DEFENSE,
    OUTSIDER,
    SCHOOL,
    STUDENT,
    TEACHER,
    Promise,
)

from contracts.defenses import (
    HearingAdjourned,
    HearingAnnulled,
    HearingOpened,
    HearingRescored,
    IndicatorLevel,
    OutcomeDecided,
    OutcomeReleased,
    PlanRecorded,
    RedefenseRequested,
    RoundClosed,
    Seat,
    SheetSubmitted,
)

#: What a hearing's events say alike: the first sitting of a defense.
HEARING: dict[str, Any] = {
    "hearing_id": "4f0d6b92-17c3-5a8e-b0d4-2e6a9c1f7b30",
    "defense_id": DEFENSE,
    "student_id": STUDENT,
    "school_id": SCHOOL,
    "transition": "5",
    "attempt": 1,
    "sitting": 1,
}

PROMISES = {
    "defenses.hearing.opened.v1": Promise(
        HearingOpened(
            **HEARING,
            form="in_person",
            panel=(Seat(panelist_id=TEACHER, role="teacher"), Seat(panelist_id=OUTSIDER, role="outside")),
            indicators=("claim-and-evidence", "reflection"),
            opened_at=datetime(2027, 4, 20, 17, 31, 4, tzinfo=UTC),
        ),
        (HEARING["hearing_id"], 1),
        datetime(2027, 4, 20, 17, 31, 4, tzinfo=UTC),
    ),
    "defenses.hearing.adjourned.v1": Promise(
        HearingAdjourned(
            **HEARING,
            cause="interrupted",
            adjourned_at=datetime(2027, 4, 20, 17, 40, tzinfo=UTC),
        ),
        (HEARING["hearing_id"], 2),
        datetime(2027, 4, 20, 17, 40, tzinfo=UTC),
    ),
    "defenses.hearing.annulled.v1": Promise(
        HearingAnnulled(**HEARING, annulled_at=datetime(2027, 4, 22, 13, 0, tzinfo=UTC)),
        (HEARING["hearing_id"], 7),
        datetime(2027, 4, 22, 13, 0, tzinfo=UTC),
    ),
    "defenses.sheet.submitted.v1": Promise(
        SheetSubmitted(
            **HEARING,
            panelist_id=TEACHER,
            round=1,
            submitted_at=datetime(2027, 4, 20, 17, 58, 30, tzinfo=UTC),
        ),
        (HEARING["hearing_id"], 2),
        datetime(2027, 4, 20, 17, 58, 30, tzinfo=UTC),
    ),
    "defenses.round.closed.v1": Promise(
        RoundClosed(
            **HEARING,
            round=1,
            counted=(TEACHER, OUTSIDER),
            absent=(),
            levels=(
                IndicatorLevel(indicator_id="claim-and-evidence", level=3.0),
                IndicatorLevel(indicator_id="reflection", level=2.0),
            ),
            apart=("reflection",),
            closed_at=datetime(2027, 4, 20, 18, 1, 12, tzinfo=UTC),
        ),
        (HEARING["hearing_id"], 3),
        datetime(2027, 4, 20, 18, 1, 12, tzinfo=UTC),
    ),
    "defenses.outcome.decided.v1": Promise(
        OutcomeDecided(
            **HEARING,
            record_version=1,
            outcome="NOT_YET",
            levels=(
                IndicatorLevel(indicator_id="claim-and-evidence", level=3.0),
                IndicatorLevel(indicator_id="reflection", level=2.0),
            ),
            unmet=("reflection",),
            rule_version="2026.1",
            explanation={
                "id": "outcome",
                "met": False,
                "observed": 1,
                "required": 2,
                "artifact_ids": [],
                "clauses": [
                    {
                        "id": "reflection",
                        "met": False,
                        "observed": 2.0,
                        "required": 2.5,
                        "artifact_ids": [],
                        "clauses": [],
                    }
                ],
            },
            input_hash="fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9",
            decided_at=datetime(2027, 4, 20, 18, 9, 45, tzinfo=UTC),
        ),
        (HEARING["hearing_id"], 5),
        datetime(2027, 4, 20, 18, 9, 45, tzinfo=UTC),
    ),
    "defenses.outcome.released.v1": Promise(
        OutcomeReleased(
            **HEARING,
            record_version=1,
            outcome="NOT_YET",
            unmet=("reflection",),
            plan_due_on=date(2027, 4, 27),
            defend_by=date(2027, 5, 18),
            released_at=datetime(2027, 4, 21, 12, 0, tzinfo=UTC),
        ),
        (HEARING["hearing_id"], 6),
        datetime(2027, 4, 21, 12, 0, tzinfo=UTC),
    ),
    "defenses.redefense.requested.v1": Promise(
        RedefenseRequested(
            **HEARING,
            record_version=1,
            indicators=("reflection",),
            plan_due_on=date(2027, 4, 27),
            defend_by=date(2027, 5, 18),
            excluded_panelist_ids=(TEACHER, OUTSIDER),
            requested_at=datetime(2027, 4, 20, 18, 9, 45, tzinfo=UTC),
        ),
        (HEARING["hearing_id"], 5),
        datetime(2027, 4, 20, 18, 9, 45, tzinfo=UTC),
    ),
    "defenses.plan.recorded.v1": Promise(
        PlanRecorded(
            **HEARING,
            record_version=1,
            plan_version=1,
            indicators=("reflection",),
            recorded_at=datetime(2027, 4, 23, 14, 5, tzinfo=UTC),
        ),
        (HEARING["hearing_id"], 7),
        datetime(2027, 4, 23, 14, 5, tzinfo=UTC),
    ),
    "defenses.hearing.rescored.v1": Promise(
        HearingRescored(
            **HEARING,
            record_version=1,
            differences=(
                IndicatorLevel(indicator_id="claim-and-evidence", level=-1.0),
                IndicatorLevel(indicator_id="reflection", level=0.5),
            ),
            same_outcome=True,
            rescored_at=datetime(2027, 5, 3, 15, 20, tzinfo=UTC),
        ),
        (HEARING["hearing_id"], 7),
        datetime(2027, 5, 3, 15, 20, tzinfo=UTC),
    ),
}
