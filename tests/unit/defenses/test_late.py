"""Those who become ready late, or are to defend again, get a place without anybody's asking."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.unit.defenses.changing_examples import ChangeDesk, change_desk
from tests.unit.defenses.defenses_examples import (
    EIGHT,
    MONDAY,
    NOW,
    availability,
    defense,
    panelist,
    ready_candidate,
)
from tests.unit.defenses.test_redefenses import SECOND, heard
from tests.unit.defenses.test_redefenses import desk as heard_desk

from contracts.defenses import DEFENSE_SCHEDULED
from defenses.domain.availability import Day
from defenses.domain.defenses import DRAFT, SCHEDULED, UNPLACED
from defenses.domain.repairing.policy import LatePolicy
from defenses.domain.repairing.repairs import Repair
from defenses.use_cases import late, repairs
from defenses.use_cases.seasons import defense_id

POLICY = LatePolicy(every=timedelta(minutes=15), again=timedelta(hours=24))
LATE = defense_id("s-1", "5", "2026-27")
PEOPLE = tuple(
    panelist(f"{kind}-{n}", role) for n in (1, 2) for kind, role in (("t", "teacher"), ("x", "outside"))
)


def desk(state: str = SCHEDULED, **availability_changes: Any) -> ChangeDesk:
    """The student s-9 has a defense on Monday at half past eight, and s-1 has just become ready."""
    found = change_desk(defense(state=state), **availability_changes)
    for each in ("s-1", "s-9"):
        found.candidates.values[each] = ready_candidate(each)
    found.defenses.values = {
        (one := defense_id("s-9", "5", "2026-27")): defense(one, state=state),
    }
    return found


def place(found: ChangeDesk, *, now: datetime = NOW) -> Repair | None:
    """Place the first who waits."""
    found.now = now
    [(one, waiting), *_] = late.waiting_late("east", found)
    proposed = late.propose_place(one, waiting, POLICY, found)
    if proposed is not None:
        repairs.complete(repairs.begin(proposed.repair_id, found), found)
    return proposed


def test_who_becomes_ready_late_gets_a_place_and_nobody_else_is_moved() -> None:
    found = desk()
    standing = dict(found.defenses.values)

    place(found)

    assert found.defenses.values == {**standing, LATE: found.defenses.values[LATE]}
    assert (found.defenses.values[LATE].state, found.defenses.values[LATE].revision) == (SCHEDULED, 1)
    assert [fact.contract for fact in found.defenses.facts] == [DEFENSE_SCHEDULED]
    [made] = found.repairs.values.values()
    assert (made.note.cause, made.note.by) == ("student_ready", "timer")
    assert made.note.reason == "The student became ready, or lost a place, after the schedule was published."
    assert late.waiting_late("east", found) == []


def test_who_is_to_defend_again_gets_a_place_before_other_people() -> None:
    found = heard_desk(heard(1))

    made = place(found)

    assert made is not None
    assert made.note.reason == "The student is to defend again."
    assert found.defenses.values[SECOND].attempt == 2


def test_who_lost_a_place_gets_another_one_and_the_reason_is_kept() -> None:
    found = desk()
    found.defenses.values[LATE] = defense(LATE, student_id="s-1", state=UNPLACED, revision=2)

    place(found)

    after = found.defenses.values[LATE]
    assert (after.state, after.revision, after.history[-1].note.by) == (SCHEDULED, 3, "timer")


@pytest.mark.parametrize("state", [DRAFT, UNPLACED])
def test_where_nothing_is_published_nobody_is_placed(state: str) -> None:
    assert late.waiting_late("east", desk(state)) == []


def test_where_nothing_is_offered_nobody_waits() -> None:
    assert late.waiting_late("west", desk()) == []


def test_nobody_is_placed_after_the_freeze() -> None:
    found = desk(days=(Day(MONDAY, (EIGHT,)),))
    begins = datetime.fromisoformat("2027-04-05T12:00:00+00:00")

    assert place(found, now=begins - timedelta(hours=23)) is None
    assert next(iter(found.repairs.values.values())).unplaced[0].reason == "not_in_family_windows"
    assert place(desk(days=(Day(MONDAY, (EIGHT,)),)), now=begins - timedelta(hours=25)) is not None


def test_who_found_no_place_is_tried_again_when_the_policy_says_so() -> None:
    found = desk(panelists=(panelist("x-1", "outside"),))
    nowhere = place(found)
    found.availabilities.values["east"] = replace(
        found.availabilities.values["east"], availability=availability(panelists=PEOPLE)
    )

    too_soon = place(found, now=NOW + timedelta(minutes=15))
    made = place(found, now=NOW + timedelta(hours=25))

    assert (nowhere, too_soon) == (None, None)
    assert made is not None
    assert LATE in found.defenses.values


def test_who_is_not_ready_any_more_at_that_moment_is_left_alone() -> None:
    found = desk()
    [(one, waiting)] = late.waiting_late("east", found)
    del found.candidates.values["s-1"]

    assert late.propose_place(one, waiting, POLICY, found) is None
    assert found.repairs.values == {}
