"""Drafts that become known to families."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import pytest
from tests.unit.defenses.changing_examples import ChangeDesk, change_desk, note
from tests.unit.defenses.defenses_examples import NOW, Memory, ready_candidate
from tests.unit.defenses.planning_examples import GreedySolver

from contracts.defenses import DEFENSE_SCHEDULED
from defenses.domain.defenses import CANCELLED, DRAFT, PUBLISHED, SCHEDULED, Defense
from defenses.domain.runs import NoRunError, RunNotAppliedError, open_run
from defenses.use_cases import planning
from defenses.use_cases.publication import publish_run


def drafted(*students: str) -> ChangeDesk:
    desk = change_desk()
    desk.candidates.values.update({each: ready_candidate(each) for each in students})
    desk.runs.values["run-1"] = open_run("run-1", "east", now=NOW, publish=False)
    planning.carry_out("run-1", desks=lambda _: desk, solver=GreedySolver(), still_ours=lambda: None)
    return desk


def test_a_run_that_is_not_to_publish_makes_drafts_that_nobody_hears_of() -> None:
    desk = drafted("s-1", "s-2")

    assert {(each.state, each.revision) for each in desk.defenses.values.values()} == {(DRAFT, 0)}
    assert desk.defenses.facts == []


def test_publishing_a_run_tells_of_each_draft_once() -> None:
    desk = drafted("s-1", "s-2")

    first = publish_run("run-1", note("published"), desk)
    again = publish_run("run-1", note("published"), desk)

    assert (first.published, first.withheld, first.run.published_at) == (2, (), NOW)
    assert (again.published, again.run) == (0, first.run)
    published = list(desk.defenses.values.values())
    assert {(each.state, each.revision, each.edition) for each in published} == {(SCHEDULED, 1, 2)}
    assert [each.kind for each in published[0].history] == [PUBLISHED]
    assert [fact.contract for fact in desk.defenses.facts] == [DEFENSE_SCHEDULED] * 2


def test_a_draft_that_cannot_take_place_any_more_is_withheld_with_the_reason() -> None:
    desk = drafted("s-1", "s-2")
    kept, broken = sorted(desk.defenses.values)
    desk.defenses.values[broken] = replace(desk.defenses.values[broken], room_id="r-gone")

    done = publish_run("run-1", note("published"), desk)

    assert (done.published, [each.defense_id for each in done.withheld]) == (1, [broken])
    assert [(each.field, each.reason) for each in done.withheld[0].obstacles] == [
        ("room_id", "the school has no such room")
    ]
    assert desk.defenses.values[kept].state == SCHEDULED
    assert desk.defenses.values[broken].state == DRAFT


def test_a_draft_whose_time_is_past_is_withheld() -> None:
    desk = drafted("s-1")
    [draft] = desk.defenses.values.values()
    desk.now = draft.starts_at

    done = publish_run("run-1", note("published"), desk)

    assert [each.reason for each in done.withheld[0].obstacles] == ["this time is past"]


def test_nothing_is_published_from_a_run_that_has_not_come_to_its_end() -> None:
    desk = change_desk()
    desk.runs.values["run-1"] = open_run("run-1", "east", now=NOW, publish=False)

    with pytest.raises(RunNotAppliedError, match="the run is queued"):
        publish_run("run-1", note(), desk)
    with pytest.raises(NoRunError, match="there is no run run-2"):
        publish_run("run-2", note(), desk)


class _Overtaken(Memory[Defense]):
    """Shows drafts that somebody else calls off right after they are read."""

    def existing(self, ids: Iterable[str]) -> Mapping[str, Defense]:
        shown = dict(super().existing(ids))
        self.values.update({one: replace(each, state=CANCELLED) for one, each in shown.items()})
        return shown


def test_a_draft_that_was_called_off_meanwhile_is_not_published() -> None:
    desk = drafted("s-1")
    desk.defenses = _Overtaken(desk.defenses.values)

    assert publish_run("run-1", note("published"), desk).published == 0
    assert desk.defenses.facts == []
