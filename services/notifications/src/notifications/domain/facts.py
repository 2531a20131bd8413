"""The fact that messages tell: a defense with its revision."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Place:
    """When and where a defense takes place, as far as a family is told.

    Attributes:
        starts_at, ends_at: aware; the wall time of `time_zone` (IANA) is what families are told.
    """

    starts_at: datetime
    ends_at: datetime
    time_zone: str
    room: str


@dataclass(frozen=True, kw_only=True)
class Defense:
    """A defense as a family hears of it.

    Attributes:
        revision: rises with each change that a family must hear of; 1 when first scheduled.
        starts_at, ends_at, time_zone, room: its place; of a cancelled one only `starts_at` and `time_zone`
            are known, so `ends_at` is the same as `starts_at`, and `room` is empty.
        to_be_rescheduled: whether a cancelled one is to get another time.
    """

    defense_id: str
    revision: int
    student_id: str
    school_id: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    room: str
    cancelled: bool = False
    to_be_rescheduled: bool = False

    @property
    def place(self) -> Place:
        """When and where it takes place, or would have."""
        return Place(starts_at=self.starts_at, ends_at=self.ends_at, time_zone=self.time_zone, room=self.room)


def newest(known: Defense | None, told: Defense) -> Defense | None:
    """Return the fact to keep when it changes what is known, None when it is older or the same."""
    if known is not None and known.revision >= told.revision:
        return None
    return told
