"""A repair: a set of changes that belong together, shown before they are made and made as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from defenses.domain.defenses import DRAFT, SCHEDULED, UNPLACED, Defense, Note, Place
from defenses.domain.repairing.disturbances import Disturbance
from defenses.domain.runs import Unplaced

PROPOSED = "proposed"
APPLYING = "applying"
APPLIED = "applied"

FAMILY = "family"
PANELIST = "panelist"


class NoRepairError(LookupError):
    """There is no such repair."""


class StaleRepairError(Exception):
    """The schedule is not what the repair was made for; a new one is to be asked for."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """What happens to one defense.

    Attributes:
        edition: of the defense that it was made for; 0 if the defense is yet to be made.
        state: of the defense afterwards.
        published: whether the family knows of the defense as it was.
        before: where it was; None if it had no place.
        after: where it will be; None if it loses its place.
    """

    defense_id: str
    student_id: str
    school_id: str
    transition: str
    edition: int
    state: str
    time_zone: str
    published: bool
    before: Place | None
    after: Place | None
    attempt: int = 1
    interpreter: str | None = None

    def defense(self, school_year: str, run_id: str) -> Defense:
        """Return the defense that is made where there was none."""
        assert self.after is not None  # what has no place is not made
        return Defense(
            defense_id=self.defense_id,
            student_id=self.student_id,
            school_id=self.school_id,
            transition=self.transition,
            attempt=self.attempt,
            school_year=school_year,
            revision=1 if self.state == SCHEDULED else 0,
            state=self.state,
            starts_at=self.after.starts_at,
            ends_at=self.after.ends_at,
            time_zone=self.time_zone,
            room_id=self.after.room_id,
            room=self.after.room,
            panel=self.after.panel,
            run_id=run_id,
            interpreter=self.interpreter,
        )


@dataclass(frozen=True)
class Told:
    """Somebody who will be told something.

    Attributes:
        kind: FAMILY, then `who` is the student, or PANELIST.
        what: `scheduled`, `moved`, `cancelled`; for a panelist also `joins` and `leaves`.
    """

    kind: str
    who: str
    defense_id: str
    what: str


@dataclass(frozen=True, kw_only=True)
class Repair:
    """A set of changes.

    Attributes:
        note: why, by whom and when; the cause is a disturbance's kind or `swapped`.
        disturbance: None for a swap.
        school_ids: the schools whose availability the disturbance changes.
    """

    repair_id: str
    state: str
    school_year: str
    note: Note
    disturbance: Disturbance | None
    school_ids: tuple[str, ...]
    steps: tuple[Step, ...]
    unplaced: tuple[Unplaced, ...]
    applied_at: datetime | None = None

    @property
    def told(self) -> tuple[Told, ...]:
        """Who is told what."""
        return tuple(told for step in self.steps for told in _told(step))

    def begun(self) -> Repair:
        """Begin to make the changes; from here on they are made, by whichever process."""
        return replace(self, state=APPLYING) if self.state == PROPOSED else self

    def applied(self, *, now: datetime) -> Repair:
        """Note that all changes are made."""
        return replace(self, state=APPLIED, applied_at=now) if self.state == APPLYING else self


def step(before: Defense, after: Place | None, *, unmade: bool = False, state: str = SCHEDULED) -> Step:
    """Return what happens to a defense.

    Args:
        before: as it is; of one that is yet to be made the place does not count.
        after: its new place, None if it has none.
        unmade: whether there is no such defense yet.
        state: of one that had no place; one that stands stays a draft or published.
    """
    had_place = before.stands and not unmade
    kept = before.state if had_place else state
    return Step(
        defense_id=before.defense_id,
        student_id=before.student_id,
        school_id=before.school_id,
        transition=before.transition,
        edition=0 if unmade else before.edition,
        state=UNPLACED if after is None else kept,
        time_zone=before.time_zone,
        published=had_place and before.state == SCHEDULED,
        before=before.place if had_place else None,
        after=after,
        attempt=before.attempt,
        interpreter=before.interpreter,
    )


def _told(one: Step) -> Iterator[Told]:
    """Yield who hears of a step: of a draft nobody."""
    if not one.published and one.state in {DRAFT, UNPLACED}:
        return
    before, after = one.before if one.published else None, one.after
    if before is None or after is None or not after.tells_families_the_same_as(before):
        what = "cancelled" if after is None else "scheduled" if before is None else "moved"
        yield Told(FAMILY, one.student_id, one.defense_id, what)
    else:
        what = ""
    old = before.panelist_ids if before else ()
    new = after.panelist_ids if after else ()
    for panelist_id in old:
        if panelist_id not in new:
            yield Told(PANELIST, panelist_id, one.defense_id, "leaves")
        elif what:
            yield Told(PANELIST, panelist_id, one.defense_id, what)
    for panelist_id in new:
        if panelist_id not in old:
            yield Told(PANELIST, panelist_id, one.defense_id, "joins")
