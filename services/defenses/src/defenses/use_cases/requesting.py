"""Runs as people ask for them: for a school, for many, for the district; resumed, and ended early."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from contracts.base import Fact
from contracts.envelope import derived_id
from defenses.domain.availability import PublishedAvailability
from defenses.domain.roster import School, UnknownSchoolError
from defenses.domain.runs import APPLIED, NoRunError, Publication, RunOverError, ScheduleRun, open_run
from defenses.domain.scheduling.joint import areas
from defenses.domain.season_runs import NoSchoolsError, NoSeasonRunError, SeasonRun
from defenses.use_cases.stores import Aggregates, Decide, Finder


def request_run(
    school_id: str,
    run_id: str,
    *,
    schools: Finder[School],
    runs: Aggregates[ScheduleRun],
    now: datetime,
    publish: bool = True,
) -> ScheduleRun:
    """Queue a run for a school; the same run id is the same run.

    Args:
        school_id: the school.
        run_id: of the new run.
        schools: our copies.
        runs: where it is kept.
        now: the time.
        publish: whether families hear of the defenses at once; otherwise they are drafts.

    Raises:
        UnknownSchoolError: if the roster has named no such school yet.
    """
    if schools.find(school_id) is None:
        raise UnknownSchoolError(school_id, "school_id")
    fresh = open_run(run_id, school_id, now=now, publish=publish)
    return runs.change(run_id, _opening(fresh)) or fresh


def request_season(
    season_run_id: str,
    school_ids: Sequence[str],
    *,
    schools: Finder[School],
    availabilities: Finder[PublishedAvailability],
    runs: Aggregates[ScheduleRun],
    now: datetime,
    publish: bool = True,
) -> SeasonRun:
    """Queue a run for each area of schools that share panelists; the same id is the same request.

    Args:
        season_run_id: of the request.
        school_ids: the schools; the whole district if empty.
        schools: our copies.
        availabilities: what schools offer; those that offer nothing share a run, which says so.
        runs: where the runs are kept.
        now: the time.
        publish: whether families hear of the defenses at once; otherwise they are drafts.

    Raises:
        UnknownSchoolError: if the roster has not named one of them, or none at all.
    """
    known = {each.school_id: each for each in schools.select()}
    wanted = sorted(school_ids or (one for one, each in known.items() if each.active))
    for number, one in enumerate(school_ids):
        if one not in known:
            raise UnknownSchoolError(one, f"school_ids.{number}")
    if not wanted:
        raise NoSchoolsError("the roster has named no school that is active")
    # Asked for again, its runs are those that it had, whatever schools offer by now. They are asked for as a
    # change all the same, because the store refuses that to another request with the same idempotency key.
    again = [(each.run_id, _keep) for each in runs.select(season_run_id=season_run_id)]
    runs.change_many(again or _parts(season_run_id, wanted, availabilities, now=now, publish=publish))
    return season_run(season_run_id, runs=runs)


def _parts(
    season_run_id: str,
    school_ids: Sequence[str],
    availabilities: Finder[PublishedAvailability],
    *,
    now: datetime,
    publish: bool,
) -> list[tuple[str, Decide[ScheduleRun]]]:
    offers = {one: each.availability for one, each in availabilities.existing(school_ids).items()}
    silent = tuple(each for each in school_ids if each not in offers)
    return [
        (run_id, _opening(open_run(run_id, *area, now=now, publish=publish, season_run_id=season_run_id)))
        for area in [*areas(offers), *([silent] if silent else [])]
        for run_id in [derived_id("schedule-run", season_run_id, area[0])]
    ]


def season_run(season_run_id: str, *, runs: Finder[ScheduleRun]) -> SeasonRun:
    """Return what a request has come to.

    Raises:
        NoSeasonRunError: if there is no such request.
    """
    found = runs.select(season_run_id=season_run_id)
    if not found:
        raise NoSeasonRunError(f"there is no season run {season_run_id}")
    return SeasonRun(
        season_run_id=season_run_id, runs=tuple(sorted(found, key=lambda each: each.school_ids[0]))
    )


def stop_season(season_run_id: str, stop: str, *, runs: Aggregates[ScheduleRun], now: datetime) -> SeasonRun:
    """End the searches of a request; what has places already keeps them.

    Raises:
        NoSeasonRunError: if there is no such request.
        RunOverError: if none of its runs is waiting or searching.
    """
    asked = season_run(season_run_id, runs=runs)
    open_runs = [each for each in asked.runs if each.may_solve]
    if not open_runs:
        raise RunOverError(f"the season run is {asked.state}, so there is no search to end")
    runs.change_many([(each.run_id, _stopping(stop, now)) for each in open_runs])
    return season_run(season_run_id, runs=runs)


def publish_season(
    season_run_id: str, publication: Publication, *, runs: Aggregates[ScheduleRun]
) -> SeasonRun:
    """Let the drafts of a request be published by whoever carries out runs.

    Raises:
        NoSeasonRunError: if there is no such request.
        RunNotAppliedError: if a run that is asked about is not at its end, or none has come to anything.
    """
    asked = season_run(season_run_id, runs=runs)
    ready = asked.to_publish(publication.school_ids)
    runs.change_many([(each.run_id, _publishing(publication)) for each in ready])
    return season_run(season_run_id, runs=runs)


def stop_run(run_id: str, stop: str, *, runs: Aggregates[ScheduleRun], now: datetime) -> ScheduleRun:
    """End a run's search: KEEP applies its best schedule so far, DISCARD creates nothing more.

    Raises:
        NoRunError: if there is no such run.
        RunOverError: if it is past searching.
    """
    return _change(run_id, lambda found: found.stopped(stop, now=now), runs)


def resume_run(run_id: str, *, runs: Aggregates[ScheduleRun]) -> ScheduleRun:
    """Let a run that was given up or cancelled begin again.

    Raises:
        NoRunError: if there is no such run.
        RunNotFailedError: if it was neither given up nor cancelled.
    """
    return _change(run_id, lambda found: found.resumed(), runs)


def _change(
    run_id: str, change: Callable[[ScheduleRun], ScheduleRun], runs: Aggregates[ScheduleRun]
) -> ScheduleRun:
    def decide(found: ScheduleRun | None) -> tuple[ScheduleRun, Sequence[Fact]]:
        if found is None:
            raise NoRunError(f"there is no run {run_id}")
        return change(found), ()

    changed = runs.change(run_id, decide)
    assert changed is not None  # decide has raised if there is none
    return changed


def _opening(fresh: ScheduleRun) -> Decide[ScheduleRun]:
    return lambda found: (fresh, ()) if found is None else None


def _keep(_: ScheduleRun | None) -> None:
    return None


def _stopping(stop: str, now: datetime) -> Decide[ScheduleRun]:
    # A run that came past searching meanwhile goes on.
    return lambda found: (found.stopped(stop, now=now), ()) if found and found.may_solve else None


def _publishing(publication: Publication) -> Decide[ScheduleRun]:
    return lambda found: (found.to_be_public(publication), ()) if found and found.state == APPLIED else None
