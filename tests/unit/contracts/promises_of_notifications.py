"""What the goldens of notifications stand for."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.unit.contracts.promises import DEFENSE, GUARDIAN, SCHOOL, STUDENT, Promise

from contracts.envelope import derived_id
from contracts.notifications import FamilyUnreached, MessageDelivered, MessageFailed, Obstacle

MESSAGE = derived_id("message", "jcps", "defense", DEFENSE, 1, GUARDIAN, "sms")

PROMISES = {
    "notifications.message.delivered.v1": Promise(
        MessageDelivered(
            message_id=MESSAGE,
            guardian_id=GUARDIAN,
            student_id=STUDENT,
            school_id=SCHOOL,
            fact_id=DEFENSE,
            revision=1,
            purpose="defense_scheduled",
            channel="sms",
            delivered_at=datetime(2026, 11, 23, 14, 0, 9, tzinfo=UTC),
        ),
        (MESSAGE, 4),
        datetime(2026, 11, 23, 14, 0, 9, tzinfo=UTC),
    ),
    "notifications.message.failed.v1": Promise(
        MessageFailed(
            message_id=MESSAGE,
            guardian_id=GUARDIAN,
            student_id=STUDENT,
            school_id=SCHOOL,
            fact_id=DEFENSE,
            revision=1,
            purpose="defense_scheduled",
            channel="sms",
            reason="opted_out",
            failed_at=datetime(2026, 11, 23, 14, 0, 3, tzinfo=UTC),
        ),
        (MESSAGE, 3),
        datetime(2026, 11, 23, 14, 0, 3, tzinfo=UTC),
    ),
    "notifications.family.unreached.v1": Promise(
        FamilyUnreached(
            fact_id=DEFENSE,
            revision=1,
            student_id=STUDENT,
            school_id=SCHOOL,
            deadline=datetime(2026, 12, 4, 15, 30, tzinfo=UTC),
            obstacles=(
                Obstacle(guardian_id=GUARDIAN, channel="email", reason="address_refused"),
                Obstacle(guardian_id=GUARDIAN, channel="sms", reason="opted_out"),
            ),
            unreached_at=datetime(2026, 12, 3, 15, 30, 2, tzinfo=UTC),
        ),
        (DEFENSE, 3),
        datetime(2026, 12, 3, 15, 30, 2, tzinfo=UTC),
    ),
}
