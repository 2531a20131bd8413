"""What is said when, what the clock does, and what the office may do."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from tests.unit.scoring.scoring_examples import NIGHTLY, NINE, NOON, STUDENT, TEN, TWICE
from tests.unit.scoring.workflow_world import UPLOADED, World

from contracts.scoring import ScorerPaused
from scoring.domain.routing import Desk
from scoring.domain.rubrics import NoRubricError
from scoring.domain.tasks import (
    IllegalTransitionError,
    LeaseExpiredError,
    NoTaskError,
    NotYourTaskError,
    State,
    Task,
)
from scoring.use_cases import deadlines, desks, queueing, reading, reviewing


@pytest.fixture
def world() -> World:
    return World()


def wake(world: World, at: datetime) -> int:
    here = world
    due = world.tasks.due(at)
    deadlines.wake_due_tasks(
        due, at=at, tasks=world.tasks, desks=world.desks, standings=here, rule=world.rule
    )
    return len(due)


def released(world: World) -> str:
    task_id = world.open()
    world.claim()
    world.read(task_id, "t-west", 2, 2, at=NOON)
    return task_id


def by(world: World, scorer_id: str = "t-west") -> dict[str, object]:
    return {"scorer_id": scorer_id, "at": NOON, "tasks": world.tasks}


def test_an_artifact_is_opened_once_and_frozen(world: World) -> None:
    task_id = world.open()
    world.open(replace(UPLOADED, title="Another title"))

    assert world.tasks.get(task_id).submission.title == "Letter to the city"
    with pytest.raises(NoRubricError):
        world.open(replace(UPLOADED, artifact_id="a-2", skill_id="sewing"))


def test_says_what_a_student_must_hear_of_an_unreadable_file(world: World) -> None:
    world.open(replace(UPLOADED, media_type="application/x-msdownload"))

    [fact] = world.tasks.facts
    assert (fact.contract.name, fact.data.reason) == ("artifact.returned", "unreadable")


def test_a_read_and_then_the_score_are_said(world: World) -> None:
    released(world)

    given, scored = world.tasks.facts
    assert (given.contract.name, given.data.stage, given.data.purpose) == ("read.given", "first", "artifact")
    assert (given.data.scorer_id, given.data.school_id, given.data.band) == ("t-west", "east", "K-5")
    assert [each.level for each in given.data.levels] == [2, 2]
    assert (scored.contract.name, scored.data.mean_level, scored.data.readers) == ("artifact.scored", 2.0, 1)
    assert [each.feedback for each in scored.data.criteria] == ["Clear.", "Clear."]


def test_a_score_says_what_its_artifact_was_made_for(world: World) -> None:
    task_id = world.open(replace(UPLOADED, assignment_id="letter-to-the-city"))
    world.claim()
    world.read(task_id, "t-west", 3, 3)

    assert world.tasks.facts[-1].data.assignment_id == "letter-to-the-city"


def test_a_nomination_of_a_released_score_is_said_with_the_score(world: World) -> None:
    task_id = world.open()
    world.claim()
    world.read(task_id, "t-west", 4, 4)

    queueing.nominate_artifact("a-1", by="s-1", at=NOON, tasks=world.tasks, rule=world.rule)

    assert [each.data.nominated for each in world.tasks.facts if each.contract.name == "artifact.scored"] == [
        False,
        True,
    ]


def test_what_a_scorer_says_besides_levels_is_said(world: World) -> None:
    for number, say in enumerate(("unscorable", "worry", "back")):
        student = f"s-{number}"
        world.students[student] = replace(STUDENT, student_id=student)
        task_id = world.open(replace(UPLOADED, artifact_id=f"a-{number}", student_id=student))
        world.claim()
        if say == "unscorable":
            reading.find_unscorable(task_id, "blank", **by(world), rule=world.rule)  # type: ignore[arg-type]
        elif say == "worry":
            reading.raise_safeguarding(task_id, "Please look.", **by(world))  # type: ignore[arg-type]
        else:
            reading.give_back(task_id, "I know her.", **by(world), rule=world.rule)  # type: ignore[arg-type]

    assert world.said() == ["artifact.unscorable", "safeguarding.raised"]
    assert "Please" not in str([each.data for each in world.tasks.facts])
    with pytest.raises(NoTaskError):
        reading.give_back("nothing", "x", **by(world), rule=world.rule)  # type: ignore[arg-type]


def test_two_expired_leases_in_two_weeks_suspend_and_the_office_reinstates(world: World) -> None:
    task_id = world.open()
    world.open(replace(UPLOADED, artifact_id="a-2"))
    world.claim()
    world.claim()

    assert wake(world, TEN + timedelta(hours=47)) == 0
    assert wake(world, TEN + timedelta(hours=48)) == 2
    assert wake(world, TEN + timedelta(hours=72)) == 2

    assert world.said() == ["lease.warned", "lease.warned"]
    assert world.tasks.get(task_id).state is State.QUEUED
    [fact] = world.desks.facts
    assert (fact.contract.name, fact.data.expiries) == ("scorer.suspended", 2)
    assert wake(world, TEN + timedelta(hours=72)) == 0
    again = desks.reinstate_scorer("t-west", desks=world.desks)
    assert (again.suspended_at, again.expiries) == (None, ())
    assert desks.reinstate_scorer("t-new", desks=world.desks) == Desk(scorer_id="t-new")


def test_an_expiry_is_noted_once_even_if_the_process_died_in_between(world: World) -> None:
    world.open()
    claimed = world.claim()
    assert claimed is not None
    at = TEN + timedelta(hours=72)
    wake(world, at)
    world.tasks.values[claimed.task_id] = claimed

    wake(world, at)

    assert len(world.desks.values["t-west"].expiries) == 1
    with pytest.raises(LeaseExpiredError):
        world.read(claimed.task_id, "t-west", 4, 4, at=at)


def test_late_reads_are_said_with_the_read_that_is_waited_for(world: World) -> None:
    world.open()
    world.claim(at=NINE + timedelta(days=16))

    assert wake(world, NINE + timedelta(days=17)) == 1
    wake(world, NINE + timedelta(days=30))

    late = [each.data for each in world.tasks.facts if each.contract.name == "deadline.passed"]
    assert [(each.step, each.stage, each.scorer_id) for each in late] == [
        ("nudge", "first", "t-west"),
        ("on_call", "first", None),
        ("incident", "first", None),
    ]


def test_held_scores_go_out_by_the_clock_unless_a_scorer_was_stopped(world: World) -> None:
    world.rule = NIGHTLY
    task_id = released(world)
    night = world.tasks.get(task_id).release_at
    assert night is not None

    world.standing = {"paused": True}
    wake(world, night)
    assert world.said() == ["read.given"]
    world.standing = {}
    wake(world, night + timedelta(days=1))

    assert world.said() == ["read.given", "artifact.scored"]


def test_a_stopped_scorers_released_score_is_doubted_and_read_again(world: World) -> None:
    task_id = released(world)
    paused = ScorerPaused(
        scorer_id="t-west",
        skill_id="effective-communicator",
        band="K-5",
        reads_since=NINE,
        reason="seeds",
        paused_at=NOON,
    )

    def stop(event: ScorerPaused) -> int:
        return reviewing.quarantine_reads(event, at=NOON, tasks=world.tasks, rule=world.rule)

    assert stop(replace(paused, band="9-12")) == 0
    assert stop(paused) == stop(paused) == 1

    assert world.said()[-1] == "score.quarantined"
    assert world.tasks.get(task_id).state is State.QUEUED
    assert world.claim("t-west") is None
    world.claim("t-north")
    world.read(task_id, "t-north", 3, 3)
    assert world.said()[-1] == "artifact.scored"


def test_a_review_is_decided_and_said_with_its_reason(world: World) -> None:
    task_id = released(world)
    reviewing.request_review("a-1", "Please.", by="g-1", at=NOON, tasks=world.tasks, rule=world.rule)
    for scorer_id in ("t-north", "t-south"):
        world.claim(scorer_id)
        world.read(task_id, scorer_id, 4, 4, at=NOON)

    assert world.claim("t-west") is None
    decided = next(each.data for each in world.tasks.facts if each.contract.name == "review.decided")
    assert (decided.replaced, decided.mean_before, decided.mean_after) == (True, 2.0, 4.0)
    assert world.said()[-1] == "artifact.scored"


def test_the_office_withdraws_returns_and_queues_again(world: World) -> None:
    task_id = world.open()

    def move(to: str) -> Task:
        return queueing.move_task(
            task_id, to, by="office", why="moved away", at=NOON, tasks=world.tasks, rule=world.rule
        )

    with pytest.raises(IllegalTransitionError):
        move("queued")
    assert move("returned").state is State.RETURNED
    assert [each.data.reason for each in world.tasks.facts] == ["office"]
    with pytest.raises(IllegalTransitionError, match="a task that is returned cannot become withdrawn"):
        move("withdrawn")
    other = world.open(replace(UPLOADED, artifact_id="a-2"))
    claimed = world.claim()
    assert claimed is not None
    reading.find_unscorable(other, "blank", **by(world), rule=world.rule)  # type: ignore[arg-type]
    task_id = other
    assert move("queued").state is State.QUEUED


def test_a_scorer_sees_what_they_have_open_or_have_read(world: World) -> None:
    task_id = world.open()

    def show(scorer_id: str | None) -> Task:
        return reading.show_task(task_id, scorer_id=scorer_id, at=TEN, tasks=world.tasks, rubrics=world)[0]

    with pytest.raises(NotYourTaskError):
        show("t-west")
    world.claim()
    assert show("t-west").task_id == show(None).task_id == task_id
    world.read(task_id, "t-west", 4, 4)
    assert show("t-west").state is State.RELEASED


def test_a_rubric_version_that_is_gone_is_no_new_one(world: World) -> None:
    world.rule = replace(TWICE, second=replace(TWICE.second, share=0.0, new_rubric_share=1.0))
    find = world.find
    world.find = lambda key: None if key == "2026.1" else find(key)  # type: ignore[method-assign]
    task_id = world.open()
    world.claim()

    assert world.read(task_id, "t-west", 4, 4).state is State.RELEASED


def test_conflicts_add_up(world: World) -> None:
    desks.declare_conflicts("t-west", students=frozenset({"s-1"}), schools=frozenset(), desks=world.desks)
    desk = desks.declare_conflicts(
        "t-west", students=frozenset({"s-2"}), schools=frozenset({"north"}), desks=world.desks
    )

    assert desk.students == frozenset({"s-1", "s-2"})
    assert desk.schools == frozenset({"north"})
    world.open()
    assert world.claim() is None
