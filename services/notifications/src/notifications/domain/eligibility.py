"""Who may be told about whom, and on which channel: rights first, then wishes."""

from enum import StrEnum

from notifications.domain.messages import CANCELLING, Purpose
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel, Guardian, Student


class ConsentRule(StrEnum):
    """What a district asks for before it uses a channel.

    GRANTED wants a recorded yes; NOT_REFUSED wants no recorded no.
    """

    GRANTED = "granted"
    NOT_REFUSED = "not_refused"


def refusal_of_right(student: Student, guardian: Guardian, purpose: Purpose) -> Reason | None:
    """Return why this guardian may not be told about this student, or None if they may.

    A guardian without a recorded relation to the student is not told: silence is the safe error. Of a
    cancellation the family of a student who has left hears too, for it may have kept the time free.
    """
    about = student.student_id
    told = [relation.may_be_told for relation in guardian.relations if relation.student_id == about]
    if not told or not all(told):
        return Reason.MAY_NOT_BE_TOLD
    if not guardian.active:
        return Reason.GUARDIAN_LEFT
    if student.active or purpose in CANCELLING:
        return None
    return Reason.STUDENT_WITHDRAWN


def refusal_of_channel(guardian: Guardian, channel: Channel, rule: ConsentRule) -> Reason | None:
    """Return why this channel may not be used for this guardian, or None if it may.

    The latest recorded word counts; a yes and a no of the same day count as a no.
    """
    said = [consent for consent in guardian.consents if consent.channel is channel]
    if not said:
        return Reason.CONSENT_MISSING if rule is ConsentRule.GRANTED else None
    latest = max(consent.recorded_on for consent in said)
    granted = all(consent.granted for consent in said if consent.recorded_on == latest)
    return None if granted else Reason.CONSENT_REFUSED
