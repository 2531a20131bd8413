"""Runs for many schools by one request: how they are made, ended early and published."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.defenses.changing_examples import ChangeDesk
from tests.unit.defenses.defenses_examples import (
    EAST,
    NOW,
    Memory,
    availability,
    panelist,
    ready_candidate,
)
from tests.unit.defenses.planning_examples import BrokenSolver, GreedySolver

from defenses.domain.availability import PublishedAvailability
from defenses.domain.defenses import DRAFT, SCHEDULED, Note
from defenses.domain.roster import School, UnknownSchoolError
from defenses.domain.runs import (
    APPLIED,
    APPLYING,
    CANCELLED,
    DISCARD,
    FAILED,
    KEEP,
    PUBLISHING,
    QUEUED,
    SOLVING,
    Progress,
    Publication,
    RunNotAppliedError,
    RunOverError,
    ScheduleRun,
    open_run,
    plan_of_nothing,
)
from defenses.domain.scheduling.instance import Instance, Solution
from defenses.domain.scheduling.season import SeasonPolicy
from defenses.domain.season_runs import RUNNING, NoSchoolsError, NoSeasonRunError, SeasonRun
from defenses.use_cases import planning, publication, requesting
from defenses.use_cases.searching import Beat, SearchFailedError

NOTE = Note(cause="published", reason="It is ready.", by="office", at=NOW)
EMPTY = plan_of_nothing(())
HALFWAY = Progress(students=3, unscheduled=1, cost=1010, seconds=2.0)


def offered(school_id: str, *shared: str, teacher: str) -> PublishedAvailability:
    people = (panelist(teacher, "teacher"), *(panelist(each, "outside") for each in shared))
    return PublishedAvailability(
        school_id=school_id, availability=availability(panelists=people), published_at=NOW
    )


def district() -> tuple[ChangeDesk, Memory[School]]:
    """East and west share an outsider, north has its own, and south has published nothing."""
    desk = ChangeDesk()
    for each in (
        offered("east", "x-1", teacher="t-1"),
        offered("west", "x-1", teacher="t-2"),
        offered("north", "x-2", teacher="t-3"),
    ):
        desk.availabilities.values[each.school_id] = each
    names = ("east", "north", "south", "west")
    for name in names:
        desk.candidates.values[f"s-{name}"] = ready_candidate(f"s-{name}", school_id=name)
    schools = Memory({each: replace(EAST, school_id=each) for each in names})
    schools.values["closed"] = replace(EAST, school_id="closed", active=False)
    return desk, schools


def request(desk: ChangeDesk, schools: Memory[School], *school_ids: str, publish: bool = True) -> SeasonRun:
    return requesting.request_season(
        "season-1",
        school_ids,
        schools=schools,
        availabilities=desk.availabilities,
        runs=desk.runs,
        now=NOW,
        publish=publish,
    )


def carry_out_all(desk: ChangeDesk) -> SeasonRun:
    for run_id in list(desk.runs.values):
        planning.carry_out(run_id, desks=lambda _: desk, solver=GreedySolver(), still_ours=lambda: None)
    return requesting.season_run("season-1", runs=desk.runs)


def test_a_district_is_a_run_for_each_area_and_one_for_those_who_offer_nothing() -> None:
    desk, schools = district()

    asked = request(desk, schools)
    again = request(desk, schools, "east")

    assert [each.school_ids for each in asked.runs] == [("east", "west"), ("north",), ("south",)]
    assert (asked.state, asked.requested_at, asked.finished_at, asked.ended) == (QUEUED, NOW, None, 0)
    assert again == asked


def test_named_schools_only_are_planned_for() -> None:
    desk, schools = district()

    asked = request(desk, schools, "west", "closed")

    assert [each.school_ids for each in asked.runs] == [("closed",), ("west",)]


def test_unknown_schools_and_an_empty_district_are_refused() -> None:
    desk, schools = district()

    with pytest.raises(UnknownSchoolError) as raised:
        request(desk, schools, "west", "nowhere")
    with pytest.raises(NoSchoolsError):
        request(desk, Memory())
    with pytest.raises(NoSeasonRunError, match="there is no season run season-1"):
        requesting.season_run("season-1", runs=desk.runs)

    assert raised.value.field == "school_ids.1"


def test_a_district_is_scheduled_area_by_area() -> None:
    desk, schools = district()
    request(desk, schools)

    done = carry_out_all(desk)

    assert (done.state, done.placed, done.unplaced, done.ended) == (APPLIED, 3, 1, 3)
    assert done.finished_at == NOW
    placed = {each.student_id: each for each in desk.defenses.values.values()}
    assert {one: each.school_id for one, each in placed.items()} == {
        "s-east": "east",
        "s-north": "north",
        "s-west": "west",
    }
    # The outsider of both schools is at one of them at a time, and has half an hour on the way.
    apart = placed["s-east"].starts_at - placed["s-west"].starts_at
    assert abs(apart) >= timedelta(hours=1)


@pytest.mark.parametrize(
    ("states", "state"),
    [
        ((QUEUED, APPLIED), RUNNING),
        ((SOLVING,), RUNNING),
        ((FAILED, CANCELLED), FAILED),
        ((CANCELLED, APPLIED), CANCELLED),
    ],
)
def test_a_request_is_where_its_runs_are(states: tuple[str, ...], state: str) -> None:
    runs = tuple(
        replace(open_run(str(number), "east", now=NOW), state=each) for number, each in enumerate(states)
    )

    assert SeasonRun(season_run_id="season-1", runs=runs).state == state


class StoppedSolver(GreedySolver):
    """Tells how far it is, and hears that it is not to go on."""

    def __init__(self, stop: Callable[[], object]) -> None:
        super().__init__()
        self.stop = stop
        self.went_on: list[bool] = []

    def solve(self, instance: Instance, policy: SeasonPolicy, beat: Beat) -> Solution:
        self.went_on.append(beat(HALFWAY))
        self.stop()
        self.went_on.append(beat(HALFWAY))
        return super().solve(instance, policy, beat)


@pytest.mark.parametrize(("stop", "state", "count"), [(KEEP, APPLIED, 1), (DISCARD, CANCELLED, 0)])
def test_a_search_that_is_ended_applies_its_best_schedule_or_only_shows_it(
    stop: str, state: str, count: int
) -> None:
    desk, schools = district()
    [run] = request(desk, schools, "north").runs
    solver = StoppedSolver(lambda: requesting.stop_run(run.run_id, stop, runs=desk.runs, now=NOW))

    ended = planning.carry_out(run.run_id, desks=lambda _: desk, solver=solver, still_ours=lambda: None)

    assert solver.went_on == [True, False]
    assert (ended.state, ended.progress, ended.placed, ended.finished_at) == (state, HALFWAY, 1, NOW)
    assert len(desk.defenses.values) == count


def test_a_search_that_is_discarded_without_an_answer_is_cancelled_and_may_begin_again() -> None:
    desk, schools = district()
    [run] = request(desk, schools, "north").runs

    class NoAnswer(StoppedSolver):
        def solve(self, instance: Instance, policy: SeasonPolicy, beat: Beat) -> Solution:
            super().solve(instance, policy, beat)
            raise SearchFailedError("the solver ended with -15")

    solver = NoAnswer(lambda: requesting.stop_run(run.run_id, DISCARD, runs=desk.runs, now=NOW))
    ended = planning.carry_out(run.run_id, desks=lambda _: desk, solver=solver, still_ours=lambda: None)
    requesting.resume_run(run.run_id, runs=desk.runs)

    done = carry_out_all(desk)

    assert (ended.state, ended.failure, ended.plan) == (CANCELLED, "", None)
    assert (done.state, done.placed) == (APPLIED, 1)


def test_a_search_that_was_discarded_before_its_process_died_is_not_begun_again() -> None:
    desk, schools = district()
    [run] = request(desk, schools, "north").runs
    desk.runs.values[run.run_id] = replace(run, state=SOLVING, attempts=1, stop=DISCARD)

    ended = planning.carry_out(
        run.run_id, desks=lambda _: desk, solver=BrokenSolver(), still_ours=lambda: None
    )

    assert (ended.state, ended.finished_at) == (CANCELLED, NOW)


def test_what_was_only_shown_is_searched_for_again_and_what_has_places_keeps_them() -> None:
    shown = replace(open_run("run-1", "east", now=NOW), state=CANCELLED, rounds=0, plan=EMPTY)
    applied = replace(shown, rounds=1)

    assert shown.resumed().plan is None
    assert applied.resumed().plan == EMPTY


def test_all_searches_of_a_request_are_ended_at_once_and_no_more_than_once() -> None:
    desk, schools = district()
    asked = request(desk, schools)
    first = asked.runs[0]
    desk.runs.values[first.run_id] = replace(first, state=SOLVING, attempts=1)

    requesting.stop_season("season-1", KEEP, runs=desk.runs, now=NOW)
    done = carry_out_all(desk)

    assert [each.state for each in done.runs] == [APPLIED, CANCELLED, CANCELLED]
    with pytest.raises(RunOverError, match="the season run is cancelled"):
        requesting.stop_season("season-1", KEEP, runs=desk.runs, now=NOW)
    with pytest.raises(RunOverError, match="the run is applied"):
        requesting.stop_run(first.run_id, KEEP, runs=desk.runs, now=NOW)


def test_a_run_that_came_past_searching_while_the_request_was_stopped_goes_on() -> None:
    desk, schools = district()
    [run] = request(desk, schools, "north").runs

    class Racing(Memory[ScheduleRun]):
        def select(self, *, limit: int = 0, order_by: str = "", **equals: object) -> list[ScheduleRun]:
            found = super().select(limit=limit, order_by=order_by, **equals)
            self.values[run.run_id] = replace(run, state=APPLYING, plan=EMPTY)
            return found

    desk.runs = Racing(desk.runs.values)

    stopped = requesting.stop_season("season-1", DISCARD, runs=desk.runs, now=NOW)

    assert stopped.state == RUNNING


def publish(desk: ChangeDesk, *school_ids: str) -> SeasonRun:
    wanted = Publication(NOTE, school_ids)
    return requesting.publish_season("season-1", wanted, runs=desk.runs)


def carry_publication_out(desk: ChangeDesk) -> None:
    @contextmanager
    def turn() -> Iterator[Callable[[str], ChangeDesk]]:
        yield lambda _: desk

    for run in list(desk.runs.values.values()):
        if run.state == PUBLISHING:
            publication.publish_wanted(run, still_ours=lambda: None, turn=turn)


def states(desk: ChangeDesk) -> dict[str, str]:
    return {each.school_id: each.state for each in desk.defenses.values.values()}


def test_drafts_of_one_school_are_published_and_then_those_of_all() -> None:
    desk, schools = district()
    request(desk, schools, publish=False)
    carry_out_all(desk)

    before = states(desk)
    first = publish(desk, "west")
    carry_publication_out(desk)
    between, in_part = states(desk), requesting.season_run("season-1", runs=desk.runs)
    publish(desk)
    carry_publication_out(desk)
    after = requesting.season_run("season-1", runs=desk.runs)

    assert set(before.values()) == {DRAFT}
    assert [each.state for each in first.runs] == [PUBLISHING, APPLIED, APPLIED]
    assert between == {"east": DRAFT, "west": SCHEDULED, "north": DRAFT}
    assert [each.published_at for each in in_part.runs] == [None, None, None]
    assert set(states(desk).values()) == {SCHEDULED}
    assert [each.published_at for each in after.runs] == [NOW, NOW, NOW]


def test_nothing_is_published_while_a_run_is_open_nor_of_one_that_came_to_nothing() -> None:
    desk, schools = district()
    asked = request(desk, schools, "north", publish=False)

    with pytest.raises(RunNotAppliedError, match="1 runs are not at their end"):
        publish(desk)
    desk.runs.values[asked.runs[0].run_id] = replace(asked.runs[0], state=FAILED)
    with pytest.raises(RunNotAppliedError, match="none of the runs has come to anything"):
        publish(desk)
    with pytest.raises(RunNotAppliedError, match="the run is failed"):
        desk.runs.values[asked.runs[0].run_id].to_be_public(Publication(NOTE))


def test_a_publication_that_another_process_brought_to_its_end_is_over() -> None:
    desk, schools = district()
    request(desk, schools, "north", publish=False)
    carry_out_all(desk)
    [run] = publish(desk).runs
    carry_publication_out(desk)

    @contextmanager
    def turn() -> Iterator[Callable[[str], ChangeDesk]]:
        yield lambda _: desk

    again = publication.publish_wanted(run, still_ours=lambda: None, turn=turn)

    assert (again.state, again.published_at) == (APPLIED, NOW)
    assert len(desk.defenses.facts) == 1


def test_a_run_that_is_publishing_is_left_alone_by_a_second_wish() -> None:
    desk, schools = district()
    request(desk, schools, "north", publish=False)
    carry_out_all(desk)

    class Racing(Memory[ScheduleRun]):
        def select(self, *, limit: int = 0, order_by: str = "", **equals: object) -> list[ScheduleRun]:
            found = super().select(limit=limit, order_by=order_by, **equals)
            for one, each in self.values.items():
                self.values[one] = replace(each, state=PUBLISHING, publication=Publication(NOTE))
            return found

    desk.runs = Racing(desk.runs.values)

    [run] = publish(desk, "north").runs

    assert run.publication == Publication(NOTE)


def test_a_school_whose_times_were_changed_since_it_was_asked_for_waits_for_another_run() -> None:
    desk, schools = district()
    request(desk, schools, "east", "west")
    changed = offered("west", "x-1", teacher="t-2")
    desk.availabilities.values["west"] = replace(
        changed, availability=replace(changed.availability, slot_minutes=20)
    )

    [done] = carry_out_all(desk).runs

    assert done.state == APPLIED
    assert [(each.student_id, each.reason) for each in done.unplaced] == [("s-west", "times_changed")]
    assert {each.school_id for each in desk.defenses.values.values()} == {"east"}
