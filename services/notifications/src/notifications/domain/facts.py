"""The facts that messages tell: how a defense, a milestone or a hearing stands, each with its revision."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Kind(StrEnum):
    """What a fact is about."""

    DEFENSE = "defense"
    MILESTONE = "milestone"
    HEARING = "hearing"


class Standing(StrEnum):
    """How it stands.

    SET is an appointment with a time and a place, CANCELLED one that does not take place, and MISSED one that
    took place without the student. The others are a hearing's: broken off and to be continued, with a result
    that the family may read, and with one that does not count any more.
    """

    SET = "set"
    CANCELLED = "cancelled"
    MISSED = "missed"
    ADJOURNED = "adjourned"
    RELEASED = "released"
    ANNULLED = "annulled"


@dataclass(frozen=True, kw_only=True)
class Place:
    """When and where an appointment is, as far as a family is told.

    Attributes:
        starts_at, ends_at: aware; the wall time of `time_zone` (IANA) is what families are told.
    """

    starts_at: datetime
    ends_at: datetime
    time_zone: str
    room: str


@dataclass(frozen=True)
class NamedForm:
    """What a district calls a milestone's form in one language, a BCP 47 tag."""

    language: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One revision of what a family hears of.

    Attributes:
        fact_id: of the defense, the milestone or the hearing; no two kinds share one.
        revision: from 1; a higher one says what holds now.
        deadline: when telling it has no use any more.
        place: an appointment's, also when it does not take place; of a cancelled defense only `starts_at` and
            `time_zone` are known, so `ends_at` is the same as `starts_at`, and `room` is empty.
        to_be_rescheduled: whether a cancelled one is to get another time.
        forms: what a milestone's form is called.
        plan_due_on, defend_by: the last days of the steps after a hearing that is to be repeated in part.
    """

    kind: Kind
    fact_id: str
    revision: int
    student_id: str
    school_id: str
    standing: Standing
    deadline: datetime
    place: Place | None = None
    to_be_rescheduled: bool = False
    forms: tuple[NamedForm, ...] = ()
    plan_due_on: date | None = None
    defend_by: date | None = None


def newest(known: Fact | None, told: Fact) -> Fact | None:
    """Return the fact to keep when it changes what is known, None when it is older or the same."""
    if known is not None and known.revision >= told.revision:
        return None
    return told
