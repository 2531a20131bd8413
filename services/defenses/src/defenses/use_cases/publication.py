"""Drafts of a run that become known to families."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.base import Fact
from defenses.domain.defenses import DRAFT, Defense, Note
from defenses.domain.repairing.timetable import Obstacle
from defenses.domain.runs import NoRunError, ScheduleRun
from defenses.use_cases.announcing import news
from defenses.use_cases.changes import past
from defenses.use_cases.stores import Decide
from defenses.use_cases.timetables import ChangeDesk, timetable_around


@dataclass(frozen=True)
class Withheld:
    """A draft that is not published, because it cannot take place as it is."""

    defense_id: str
    obstacles: tuple[Obstacle, ...]


@dataclass(frozen=True)
class Publication:
    """What came of publishing a run."""

    run: ScheduleRun
    published: int
    withheld: tuple[Withheld, ...]


def publish_run(run_id: str, note: Note, desk: ChangeDesk) -> Publication:
    """Publish a run's drafts that can still take place; doing it again publishes what was mended since.

    Raises:
        NoRunError: if there is no such run.
        RunNotAppliedError: if it has not come to its end.
    """

    def decide(found: ScheduleRun | None) -> tuple[ScheduleRun, Sequence[Fact]] | None:
        if found is None:
            raise NoRunError(f"there is no run {run_id}")
        public = found.made_public(now=desk.now)
        return None if public is found else (public, ())

    run = desk.runs.change(run_id, decide)
    assert run is not None  # decide has raised if there is none
    drafts = _drafts(run, desk)
    timetable = timetable_around(drafts, desk) if drafts else None
    withheld = []
    changes: list[tuple[str, Decide[Defense]]] = []
    for draft in drafts:
        obstacles = (*past(draft.place, desk), *(timetable.obstacles(draft) if timetable else ()))
        if obstacles:
            withheld.append(Withheld(draft.defense_id, obstacles))
        else:
            changes.append((draft.defense_id, _published(note)))
    return Publication(run, desk.defenses.change_many(changes), tuple(withheld))


def _drafts(run: ScheduleRun, desk: ChangeDesk) -> list[Defense]:
    placements = run.plan.placements if run.plan else ()
    found = desk.defenses.existing([each.defense_id for each in placements])
    return [found[each] for each in sorted(found) if found[each].state == DRAFT]


def _published(note: Note) -> Decide[Defense]:
    def decide(found: Defense | None) -> tuple[Defense, Sequence[Fact]] | None:
        if found is None or found.state != DRAFT:
            return None
        after = found.published(note)
        return after, news(found, after)

    return decide
