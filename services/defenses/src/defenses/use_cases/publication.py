"""Drafts of a run that become known to families."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from contracts.base import Fact
from defenses.domain.defenses import DRAFT, Defense, Note
from defenses.domain.repairing.timetable import Obstacle
from defenses.domain.runs import PUBLISHING, NoRunError, ScheduleRun
from defenses.use_cases.announcing import news
from defenses.use_cases.changes import past
from defenses.use_cases.stores import Decide
from defenses.use_cases.timetables import ChangeDesk, timetable_around

#: The stage of a run that publishes its drafts.
PUBLISH = "publish"


@dataclass(frozen=True)
class Withheld:
    """A draft that is not published, because it cannot take place as it is."""

    defense_id: str
    obstacles: tuple[Obstacle, ...]


@dataclass(frozen=True)
class Published:
    """What came of publishing a run."""

    run: ScheduleRun
    published: int
    withheld: tuple[Withheld, ...]


def publish_run(run_id: str, note: Note, desk: ChangeDesk, school_ids: Sequence[str] = ()) -> Published:
    """Publish a run's drafts that can still take place; doing it again publishes what was mended since.

    Args:
        run_id: the run.
        note: why, by whom and when.
        desk: the stores.
        school_ids: for which of its schools; for all if empty.

    Raises:
        NoRunError: if there is no such run.
        RunNotAppliedError: if it has not come to its end.
    """

    def decide(found: ScheduleRun | None) -> tuple[ScheduleRun, Sequence[Fact]] | None:
        if found is None:
            raise NoRunError(f"there is no run {run_id}")
        public = found.made_public(now=desk.now, in_part=bool(school_ids))
        return None if public is found else (public, ())

    run = desk.runs.change(run_id, decide)
    assert run is not None  # decide has raised if there is none
    published, withheld = 0, []
    for school_id in school_ids or run.school_ids:
        count, kept_back = publish_school(run, school_id, note, desk)
        published += count
        withheld += kept_back
    return Published(run, published, tuple(withheld))


def publish_wanted(
    run: ScheduleRun,
    *,
    still_ours: Callable[[], None],
    turn: Callable[[], AbstractContextManager[Callable[[str], ChangeDesk]]],
) -> ScheduleRun:
    """Publish the drafts that somebody wants to be published, and return the run at its end again.

    Args:
        run: one that is publishing, of a district whose lease we hold.
        still_ours: renews the lease; raises if somebody else holds it, which ends our part.
        turn: to change defenses; another one for each school, so that coordinators come in between.
    """
    wanted = run.publication
    assert wanted is not None  # a run that is publishing says whose
    for school_id in run.school_ids:
        if wanted.school_ids and school_id not in wanted.school_ids:
            continue
        still_ours()
        with turn() as desks:
            # The same cause for whoever does it, and another one when drafts are published once more.
            publish_school(run, school_id, wanted.note, desks(f"{PUBLISH}:{wanted.note.at.isoformat()}"))

    def decide(found: ScheduleRun | None) -> tuple[ScheduleRun, Sequence[Fact]] | None:
        assert found is not None  # it was read just now, and none is ever removed
        if found.state != PUBLISHING:
            return None
        return found.made_public(now=desk.now, in_part=bool(wanted.school_ids)), ()

    with turn() as desks:
        desk = desks("published")
        return desk.runs.change(run.run_id, decide) or run


def publish_school(
    run: ScheduleRun, school_id: str, note: Note, desk: ChangeDesk
) -> tuple[int, list[Withheld]]:
    """Publish a run's drafts of one school; return how many, and which cannot take place as they are."""
    drafts = _drafts(run, school_id, desk)
    timetable = timetable_around(drafts, desk) if drafts else None
    withheld = []
    changes: list[tuple[str, Decide[Defense]]] = []
    for draft in drafts:
        obstacles = (*past(draft.place, desk), *(timetable.obstacles(draft) if timetable else ()))
        if obstacles:
            withheld.append(Withheld(draft.defense_id, obstacles))
        else:
            changes.append((draft.defense_id, _published(note)))
    return desk.defenses.change_many(changes), withheld


def _drafts(run: ScheduleRun, school_id: str, desk: ChangeDesk) -> list[Defense]:
    placements = run.plan.placements if run.plan else ()
    ids = [each.defense_id for each in placements if each.school_id == school_id]
    found = desk.defenses.existing(ids) if ids else {}
    return [found[each] for each in sorted(found) if found[each].state == DRAFT]


def _published(note: Note) -> Decide[Defense]:
    def decide(found: Defense | None) -> tuple[Defense, Sequence[Fact]] | None:
        if found is None or found.state != DRAFT:
            return None
        after = found.published(note)
        return after, news(found, after)

    return decide
