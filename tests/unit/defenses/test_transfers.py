"""Defenses follow their students as soon as the roster speaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from tests.unit.defenses.changing_examples import ChangeDesk, change_desk
from tests.unit.defenses.defenses_examples import (
    LOUISVILLE,
    NOW,
    availability,
    defense,
    enrollment,
    panelist,
    ready_candidate,
)
from tests.unit.defenses.planning_examples import GreedySolver

from contracts.defenses import DEFENSE_CANCELLED, DEFENSE_SCHEDULED
from defenses.domain.availability import PublishedAvailability
from defenses.domain.candidates import Candidate
from defenses.domain.defenses import (
    CANCELLED,
    DRAFT,
    SCHEDULED,
    STUDENT_LEFT,
    STUDENT_MOVED,
    UNPLACED,
    Defense,
)
from defenses.domain.repairing.repairs import APPLIED, StaleRepairError
from defenses.domain.runs import ScheduleRun, open_run
from defenses.domain.scheduling.instance import Instance, Solution
from defenses.domain.scheduling.season import SeasonPolicy
from defenses.use_cases import planning, repairs, transfers
from defenses.use_cases.searching import Beat
from defenses.use_cases.seasons import defense_id

ONE = defense_id("s-1", "5", "2026-27")
WEST_PEOPLE = (panelist("w-1", "teacher"), panelist("w-2", "outside"))


def desk(now: datetime = NOW, **changes: object) -> ChangeDesk:
    """The student s-1 of the school east has a defense there; the school west has free times."""
    found = change_desk(defense(ONE, student_id="s-1", **changes), now=now)
    found.candidates.values["s-1"] = ready_candidate("s-1")
    found.availabilities.values["west"] = PublishedAvailability(
        school_id="west", availability=availability(panelists=WEST_PEOPLE), published_at=NOW
    )
    return found


def withdrawn(candidate: Candidate) -> Candidate:
    return candidate.withdrawn(version=9)


def moved(candidate: Candidate) -> Candidate:
    return candidate.enrolled(enrollment(school_id="west"), version=9)


def told(found: ChangeDesk, news: Callable[[Candidate], Candidate]) -> Defense:
    """Let the roster say something about the student, and return the defense after that."""
    found.candidates.values["s-1"] = news(found.candidates.values["s-1"])
    transfers.follow(["s-1"], found)
    return found.defenses.values[ONE]


def placed(found: ChangeDesk) -> list[str]:
    """Place what was taken along; return the states of the repairs."""
    proposed = [transfers.place(each, found) for each in transfers.taken_along("s-1", found)]
    return [
        repairs.complete(repairs.begin(each.repair_id, found), found).state
        for each in proposed
        if each is not None
    ]


def test_the_defense_of_a_student_who_left_is_cancelled_and_the_family_told() -> None:
    found = desk()

    after = told(found, withdrawn)

    assert (after.state, after.revision, after.history[-1].note.cause) == (CANCELLED, 2, STUDENT_LEFT)
    [fact] = found.defenses.facts
    assert (fact.contract, fact.data.to_be_rescheduled, fact.data.cause) == (
        DEFENSE_CANCELLED,
        False,
        STUDENT_LEFT,
    )
    assert transfers.strays(["s-1"], found) == []


def test_a_draft_of_a_student_who_left_goes_without_a_word() -> None:
    found = desk(state=DRAFT, revision=0)

    assert told(found, withdrawn).state == CANCELLED
    assert found.defenses.facts == []


def test_who_comes_back_is_placed_again_by_the_next_run() -> None:
    found = desk()
    told(found, withdrawn)
    found.candidates.values["s-1"] = replace(ready_candidate("s-1"), roster_version=10)
    found.runs.values["run-1"] = open_run("run-1", "east", now=NOW)

    planning.carry_out("run-1", desks=lambda _: found, solver=GreedySolver(), still_ours=lambda: None)

    after = found.defenses.values[ONE]
    assert (after.state, after.revision) == (SCHEDULED, 3)


def test_the_defense_of_a_student_who_moves_goes_along_and_gets_a_place_at_the_new_school() -> None:
    found = desk(locked=True)

    between = told(found, moved)
    states = placed(found)

    assert (between.state, between.school_id, between.locked) == (UNPLACED, "west", False)
    assert (between.history[-1].note.cause, between.history[-1].note.by) == (STUDENT_MOVED, "roster")
    after = found.defenses.values[ONE]
    assert states == [APPLIED]
    assert (after.state, after.school_id, after.time_zone) == (SCHEDULED, "west", LOUISVILLE)
    assert set(after.panelist_ids) == {"w-1", "w-2"}
    assert [(each.contract, each.data.school_id, each.data.revision) for each in found.defenses.facts] == [
        (DEFENSE_CANCELLED, "east", 2),
        (DEFENSE_SCHEDULED, "west", 3),
    ]
    assert found.defenses.facts[0].data.to_be_rescheduled
    assert placed(found) == []


def test_a_draft_stays_a_draft_at_the_new_school() -> None:
    found = desk(state=DRAFT, revision=0)

    told(found, moved)
    placed(found)

    after = found.defenses.values[ONE]
    assert (after.state, after.school_id, found.defenses.facts) == (DRAFT, "west", [])


def test_a_school_that_offers_nothing_yet_finds_the_student_in_its_first_run() -> None:
    found = desk()
    west = found.availabilities.values.pop("west")
    told(found, moved)

    assert placed(found) == []
    found.availabilities.values["west"] = west
    found.runs.values["run-1"] = open_run("run-1", "west", now=NOW)
    planning.carry_out("run-1", desks=lambda _: found, solver=GreedySolver(), still_ours=lambda: None)
    assert found.defenses.values[ONE].state == SCHEDULED


def test_who_is_not_ready_at_the_new_school_waits_without_a_place() -> None:
    found = desk()
    told(found, lambda each: moved(replace(each, decision=None)))

    assert placed(found) == []
    assert found.defenses.values[ONE].state == UNPLACED


def test_placing_again_after_a_death_on_the_way_is_the_same_repair() -> None:
    found = desk()
    told(found, moved)
    [waiting] = transfers.taken_along("s-1", found)

    first, again = transfers.place(waiting, found), transfers.place(waiting, found)

    assert first is not None
    assert again is not None
    assert first.repair_id == again.repair_id
    assert len(found.repairs.values) == 1


def test_a_transfer_whose_student_left_before_it_was_made_is_stale() -> None:
    found = desk()
    told(found, moved)
    [waiting] = transfers.taken_along("s-1", found)
    proposed = transfers.place(waiting, found)
    found.candidates.values["s-1"] = withdrawn(replace(found.candidates.values["s-1"], roster_version=1))

    assert proposed is not None
    with pytest.raises(StaleRepairError):
        repairs.begin(proposed.repair_id, found)


def test_what_was_held_stays_where_it_was() -> None:
    for news in (withdrawn, moved):
        found = desk(now=defense().starts_at + timedelta(hours=1))
        assert told(found, news).history == ()


def test_a_defense_without_a_place_follows_only_in_its_own_school_year() -> None:
    this_year, last_year = desk(state=UNPLACED), desk(state=UNPLACED, school_year="2025-26")

    assert (told(this_year, moved).school_id, told(last_year, moved).school_id) == ("west", "east")
    assert this_year.defenses.facts == []


def test_nothing_follows_a_student_of_whom_the_roster_has_said_nothing_new() -> None:
    found = desk()

    assert told(found, lambda each: each).history == ()
    del found.candidates.values["s-1"]
    transfers.follow(["s-1"], found)
    assert found.defenses.writes == []


class _LosingSolver(GreedySolver):
    """Finds a schedule while the roster speaks about its student."""

    def __init__(self, found: ChangeDesk, news: Callable[[Candidate], Candidate]) -> None:
        super().__init__()
        self._found = found
        self._news = news

    def solve(self, instance: Instance, policy: SeasonPolicy, beat: Beat) -> Solution:
        solution = super().solve(instance, policy, beat)
        self._found.candidates.values["s-2"] = self._news(self._found.candidates.values["s-2"])
        return solution


@pytest.mark.parametrize("news", [withdrawn, moved])
def test_a_run_makes_no_defense_for_a_student_who_was_lost_while_it_searched(
    news: Callable[[Candidate], Candidate],
) -> None:
    found = desk()
    found.candidates.values["s-2"] = ready_candidate("s-2")

    done = _run(found, _LosingSolver(found, news))

    assert done.plan is not None
    assert [(each.student_id, each.reason) for each in done.plan.unplaced] == [("s-2", "gone_meanwhile")]
    assert list(found.defenses.values) == [ONE]


def test_a_run_makes_no_defense_for_a_student_of_whom_nothing_is_known_any_more() -> None:
    found = desk()
    found.candidates.values["s-2"] = ready_candidate("s-2")

    class Forgetful(GreedySolver):
        def solve(self, instance: Instance, policy: SeasonPolicy, beat: Beat) -> Solution:
            del found.candidates.values["s-2"]
            return super().solve(instance, policy, beat)

    done = _run(found, Forgetful())

    assert done.plan is not None
    assert [each.reason for each in done.plan.unplaced] == ["gone_meanwhile"]


def test_a_run_that_the_roster_overtakes_while_it_writes_takes_its_defense_back() -> None:
    found = desk()
    found.candidates.values["s-2"] = ready_candidate("s-2")
    writes = found.defenses.change_many

    def overtaken(changes: list[object]) -> int:
        count = writes(changes)  # type: ignore[arg-type]  # as it came
        found.candidates.values["s-2"] = withdrawn(found.candidates.values["s-2"])
        return count

    found.defenses.change_many = overtaken  # type: ignore[assignment,method-assign]  # the moment that counts
    done = _run(found, GreedySolver())

    assert done.plan is not None
    assert [each.reason for each in done.plan.unplaced] == ["gone_meanwhile"]
    assert found.defenses.values[defense_id("s-2", "5", "2026-27")].state == CANCELLED


def _run(found: ChangeDesk, solver: GreedySolver) -> ScheduleRun:
    found.runs.values["run-1"] = open_run("run-1", "east", now=NOW)
    return planning.carry_out("run-1", desks=lambda _: found, solver=solver, still_ours=lambda: None)
