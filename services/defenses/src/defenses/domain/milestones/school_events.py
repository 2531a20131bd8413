"""The event at which a class or a school holds its milestones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

PLANNED = "planned"
HELD = "held"
CANCELLED = "cancelled"
STATES = (PLANNED, HELD, CANCELLED)


class NoSchoolEventError(LookupError):
    """There is no such event in this district."""


class StaleRevisionError(Exception):
    """Somebody else has changed the event since the caller read it."""

    field = "revision"

    def __init__(self, event: SchoolEvent) -> None:
        super().__init__(f"it is {event.revision} since {event.changed_by} changed the event")


class SettledEventError(Exception):
    """The event was held or cancelled, and cannot be changed any more."""

    field = "state"

    def __init__(self, event: SchoolEvent) -> None:
        super().__init__(f"the event is {event.state}")


class UnappliedEventError(Exception):
    """The last change of the event has not reached all its students yet."""

    field = "revision"

    def __init__(self) -> None:
        super().__init__("its last change is still being applied; try again in a moment")


@dataclass(frozen=True)
class Refusal:
    """A student who was left out of an event; `reason` is a sentence."""

    student_id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Slot:
    """When and where; times are aware, in UTC, and the wall time of `time_zone` is what families are told."""

    starts_at: datetime
    ends_at: datetime
    time_zone: str
    place: str


@dataclass(frozen=True, kw_only=True)
class SchoolEvent:
    """One event for many students.

    Attributes:
        form: the form of all its milestones.
        student_ids: whom it is for.
        revision: rises with each change of the event.
        changed_by: who made the last change.
        is_applied: whether every student's milestone follows this revision; a timer sees to it.
        missed: students who were not there, once it is held.
        reason: why it was moved or cancelled; empty for an event that is as it was planned.
        left_out: who was left out, and why.
    """

    event_id: str
    school_id: str
    school_year: str
    form: str
    slot: Slot
    student_ids: tuple[str, ...]
    changed_by: str
    changed_at: datetime
    state: str = PLANNED
    revision: int = 1
    is_applied: bool = False
    missed: tuple[str, ...] = ()
    reason: str = ""
    left_out: tuple[Refusal, ...] = ()

    def moved(self, slot: Slot, reason: str, *, revision: int, by: str, now: datetime) -> SchoolEvent:
        """Hold it at another time or place; the same object if it is there already.

        Raises:
            StaleRevisionError: if the caller has read another revision.
            SettledEventError: if it was held or cancelled.
        """
        if slot == self.slot:
            return self
        self._check(revision)
        return self._changed(by, now, slot=slot, reason=reason)

    def cancelled(self, reason: str, *, revision: int, by: str, now: datetime) -> SchoolEvent:
        """Hold it never; the same object if it was cancelled already.

        Raises:
            StaleRevisionError: if the caller has read another revision.
            SettledEventError: if it was held.
        """
        if self.state == CANCELLED:
            return self
        self._check(revision)
        return self._changed(by, now, state=CANCELLED, reason=reason)

    def held(self, missed: Sequence[str], *, revision: int, by: str, now: datetime) -> SchoolEvent:
        """Say that it took place, and who was not there; the same object if that is known.

        Raises:
            StaleRevisionError: if the caller has read another revision.
            SettledEventError: if it was cancelled, or held with others missing.
            UnappliedEventError: if its students' milestones do not follow this revision yet.
        """
        absent = tuple(sorted(set(missed)))
        if self.state == HELD and absent == self.missed:
            return self
        self._check(revision)
        if not self.is_applied:
            raise UnappliedEventError
        return self._changed(by, now, state=HELD, missed=absent)

    def applied(self, revision: int, left_out: Sequence[Refusal]) -> SchoolEvent:
        """Note that every student's milestone follows a revision, unless there is a newer one by now."""
        if self.is_applied or revision != self.revision:
            return self
        if self.state != PLANNED:
            return replace(self, is_applied=True)
        # Those whom the last revision left out may be able to come to this one.
        asked = frozenset(self.student_ids)
        kept = [refusal for refusal in self.left_out if refusal.student_id not in asked]
        everybody = sorted((*kept, *left_out), key=lambda refusal: refusal.student_id)
        return replace(self, is_applied=True, left_out=tuple(everybody))

    def _check(self, revision: int) -> None:
        if revision != self.revision:
            raise StaleRevisionError(self)
        if self.state != PLANNED:
            raise SettledEventError(self)

    def _changed(self, by: str, now: datetime, **changes: Any) -> SchoolEvent:
        changes |= {"changed_by": by, "changed_at": now, "is_applied": False}
        return replace(self, revision=self.revision + 1, **changes)
