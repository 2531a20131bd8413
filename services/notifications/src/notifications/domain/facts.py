"""The fact that messages tell: a defense with its revision."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Defense:
    """A defense as a family hears of it.

    Attributes:
        revision: rises with each change that a family must hear of; 1 when first scheduled.
        starts_at, ends_at: aware; the wall time of `time_zone` (IANA) is what families are told.
    """

    defense_id: str
    revision: int
    student_id: str
    school_id: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    room: str


def newest(known: Defense | None, told: Defense) -> Defense | None:
    """Return the fact to keep when it changes what is known, None when it is older or the same."""
    if known is not None and known.revision >= told.revision:
        return None
    return told
