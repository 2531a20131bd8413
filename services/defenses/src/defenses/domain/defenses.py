"""A defense: one student before one panel, at one time in one room, and everything that happened to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

#: Planned, and shown to staff only.
DRAFT = "draft"
#: Published: the family knows of it.
SCHEDULED = "scheduled"
#: Lost its place; the next run or repair finds another one.
UNPLACED = "unplaced"
#: Does not take place; only a coordinator brings it back.
CANCELLED = "cancelled"
#: States in which a defense takes a time, a room and people.
STANDING = (DRAFT, SCHEDULED)
#: States that families see.
TOLD_STATES = (SCHEDULED, UNPLACED, CANCELLED)

#: What can happen to a defense.
PUBLISHED, MOVED, RESEATED = "published", "moved", "reseated"
LOCKED, UNLOCKED, ACCEPTED, TRANSFERRED = "locked", "unlocked", "accepted", "transferred"

#: Causes that lie with the roster.
STUDENT_LEFT, STUDENT_MOVED = "student_left", "student_moved"


class NoDefenseError(LookupError):
    """There is no such defense that the caller may see."""


class StaleEditionError(Exception):
    """The defense is not what the caller has seen; the text says who changed it and when."""

    field = "edition"


class ProtectedDefenseError(Exception):
    """The defense is locked or about to begin, and the caller does not override that."""

    field = "override"


class NotStandingError(Exception):
    """The defense is cancelled or without a place, so that there is nothing to move."""


@dataclass(frozen=True)
class PanelSeat:
    """One panelist with the panel role that they fill."""

    panelist_id: str
    role: str


@dataclass(frozen=True, kw_only=True)
class Place:
    """When, where and before whom; the attributes are those of Defense."""

    starts_at: datetime
    ends_at: datetime
    room_id: str
    room: str
    panel: tuple[PanelSeat, ...]

    @property
    def panelist_ids(self) -> tuple[str, ...]:
        """Who sits on the panel."""
        return tuple(seat.panelist_id for seat in self.panel)

    def tells_families_the_same_as(self, other: Place) -> bool:
        """Whether a family that knows the other place need not hear of this one."""
        return (self.starts_at, self.ends_at, self.room) == (other.starts_at, other.ends_at, other.room)


@dataclass(frozen=True, kw_only=True)
class Note:
    """Why something is done to a defense, by whom and when.

    Attributes:
        cause: a stable word, such as `panelist_lost` or `coordinator`.
        reason: what was given as the reason.
        by: id of a staff member, a guardian, or a run.
    """

    cause: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing that happened to a defense.

    Attributes:
        revision: of the defense afterwards.
        before: where it was.
    """

    kind: str
    note: Note
    revision: int
    before: Place


@dataclass(frozen=True, kw_only=True)
class Defense:
    """One student's defense.

    Attributes:
        attempt: 1 for the defense; above that for redefenses, each of which is a defense of its own.
        school_year: such as `2026-27`.
        revision: rises with each change that a family must hear of; 1 when first published, 0 in a draft.
        starts_at, ends_at: aware, in UTC; the wall time of `time_zone` is what families are told.
        room_id, room: the room and what people at the school call it.
        run_id: the run or repair that placed it.
        locked: whether it changes only for a reason given.
        accepted_at: when the family accepted the place that it now has.
        history: everything that happened to it since it was made, oldest first.
        interpreter: language in which somebody interprets; None if nobody needs to.
    """

    defense_id: str
    student_id: str
    school_id: str
    transition: str
    school_year: str
    revision: int
    state: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    room_id: str
    room: str
    panel: tuple[PanelSeat, ...]
    run_id: str
    locked: bool = False
    accepted_at: datetime | None = None
    history: tuple[Change, ...] = ()
    interpreter: str | None = None
    attempt: int = 1

    @property
    def panelist_ids(self) -> tuple[str, ...]:
        """Who sits on the panel."""
        return tuple(seat.panelist_id for seat in self.panel)

    @property
    def stands(self) -> bool:
        """Whether it takes a time, a room and people."""
        return self.state in STANDING

    @property
    def is_waiting(self) -> bool:
        """Whether it has no place and is to get one, as soon as the student may defend."""
        # Who left has nothing to wait for, until they are back.
        return self.state == UNPLACED or (
            self.state == CANCELLED and bool(self.history) and self.history[-1].note.cause == STUDENT_LEFT
        )

    @property
    def edition(self) -> int:
        """How often it was written; whoever changes it says which one they have seen."""
        return 1 + len(self.history)

    @property
    def place(self) -> Place:
        """When, where and before whom."""
        return Place(
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            room_id=self.room_id,
            room=self.room,
            panel=self.panel,
        )

    def at(self, place: Place) -> Defense:
        """Return the defense at another place, with nothing noted: for asking whether it would fit."""
        return replace(
            self,
            starts_at=place.starts_at,
            ends_at=place.ends_at,
            room_id=place.room_id,
            room=place.room,
            panel=place.panel,
        )

    def published(self, note: Note) -> Defense:
        """Make a draft known to the family."""
        return _noted(replace(self, state=SCHEDULED), PUBLISHED, note, self, told=True)

    def moved(self, place: Place, note: Note) -> Defense:
        """Give a standing defense another place; the family is told if it was told of the old one."""
        same = place.tells_families_the_same_as(self.place)
        after = replace(self.at(place), accepted_at=self.accepted_at if same else None)
        told = self.state == SCHEDULED and not same
        return _noted(after, RESEATED if same else MOVED, note, self, told=told)

    def placed_again(
        self,
        place: Place,
        note: Note,
        *,
        state: str,
        school_id: str,
        time_zone: str,
        interpreter: str | None = None,
    ) -> Defense:
        """Give a defense that has no place one at a school, as a draft or published."""
        there = replace(self.at(place), school_id=school_id, time_zone=time_zone, interpreter=interpreter)
        after = replace(there, state=state, accepted_at=None)
        return _noted(after, MOVED, note, self, told=state == SCHEDULED)

    def called_off(self, note: Note, *, state: str) -> Defense:
        """Take the defense's place away; `state` is UNPLACED or CANCELLED."""
        after = replace(self, state=state, accepted_at=None)
        return _noted(after, state, note, self, told=self.state == SCHEDULED)

    def transferred(self, school_id: str, note: Note) -> Defense:
        """Take the defense along to the student's new school, where it is yet to get a place."""
        after = replace(self, school_id=school_id, state=UNPLACED, accepted_at=None, locked=False)
        return _noted(after, TRANSFERRED, note, self, told=self.state == SCHEDULED)

    def guarded(self, note: Note, *, locked: bool) -> Defense:
        """Lock or unlock it."""
        return _noted(replace(self, locked=locked), LOCKED if locked else UNLOCKED, note, self, told=False)

    def accepted(self, note: Note) -> Defense:
        """Note that the family accepts where it is."""
        return _noted(replace(self, accepted_at=note.at), ACCEPTED, note, self, told=False)

    def check_edition(self, seen: int) -> None:
        """Raise StaleEditionError unless this is what the caller has seen."""
        if seen == self.edition:
            return
        last = self.history[-1] if self.history else None
        who = f"; {last.note.by} {last.kind} it at {last.note.at:%Y-%m-%d %H:%M} UTC" if last else ""
        raise StaleEditionError(f"the defense is at edition {self.edition}, not {seen}{who}")

    def check_open(self, *, now: datetime, frozen: timedelta, override: bool) -> None:
        """Make sure that the defense may be changed.

        Args:
            now: the time.
            frozen: how long before its start a published defense is left alone.
            override: whether the reason given is one to change it all the same.

        Raises:
            NotStandingError: if it has no place.
            ProtectedDefenseError: if it is locked or frozen, and that is not overridden.
        """
        if not self.stands:
            raise NotStandingError(f"the defense is {self.state}")
        if override:
            return
        if self.locked:
            raise ProtectedDefenseError("the defense is locked; override it with a reason")
        if self.is_frozen(now=now, frozen=frozen):
            raise ProtectedDefenseError("the defense is about to begin; override it with a reason")

    def is_frozen(self, *, now: datetime, frozen: timedelta) -> bool:
        """Whether it is published and begins so soon that people are on their way."""
        return self.state == SCHEDULED and self.starts_at - now < frozen


def school_year(day: date, *, starts: tuple[int, int]) -> str:
    """Return the school year of a day, such as `2026-27`.

    Args:
        day: any day.
        starts: month and day on which a school year begins.
    """
    first = day.year if (day.month, day.day) >= starts else day.year - 1
    return f"{first}-{(first + 1) % 100:02}"


def _noted(after: Defense, kind: str, note: Note, before: Defense, *, told: bool) -> Defense:
    revision = before.revision + 1 if told else before.revision
    change = Change(kind=kind, note=note, revision=revision, before=before.place)
    return replace(after, revision=revision, history=(*before.history, change))
