"""The ways of a task from a submission to a score, and all that may come in between."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.scoring.scoring_examples import (
    FACTS,
    NIGHTLY,
    NINE,
    NOON,
    RUBRIC,
    RULE,
    SUBMISSION,
    TEN,
    TWICE,
    leased,
    levels,
    queued,
    read,
)

from scoring.domain.rubrics import LevelsDoNotFitError
from scoring.domain.tasks import (
    AlreadyReadError,
    IllegalTransitionError,
    LeaseExpiredError,
    NotYourTaskError,
    Pool,
    Purpose,
    ReaderFacts,
    ReviewRefusedError,
    SecondReadRule,
    Stage,
    State,
    Step,
    Task,
    UnknownCodeError,
    Workflow,
    find_unscorable,
    give_back,
    give_read,
    make_lease,
    nominate,
    open_paper,
    quarantine,
    raise_safeguarding,
    request_review,
    requeue,
    set_aside,
    wake,
)
from scoring.domain.tasks.leasing import end_lease

LATER = datetime(2026, 11, 24, 12, tzinfo=UTC)


def woken(task: Task, at: datetime, *, rule: Workflow = RULE, good: bool = True) -> Task:
    return wake(task, at=at, rule=rule, in_good_standing=lambda _: good)


def states(task: Task) -> list[str]:
    return [str(each.state) for each in task.history]


def test_one_read_that_is_enough_goes_out_at_once() -> None:
    task = read(queued(), "t-west", 4, 3)

    assert states(task) == [
        "submitted", "screened", "queued", "leased", "read1", "agreed", "held", "released",
    ]  # fmt: skip
    assert task.score is not None
    assert (task.score.mean_level, task.score.readers, task.score.released_at) == (3.5, 1, NOON)
    assert (task.lease, task.wake_at, task.pool) == (None, None, None)


def test_what_nobody_can_open_goes_back_and_never_gets_a_score() -> None:
    task = queued(submission=replace(SUBMISSION, media_type="application/x-msdownload"))

    assert (task.state, task.history[-1].why, task.pool) == (State.RETURNED, "unreadable", None)
    assert queued(submission=replace(SUBMISSION, media_type="image/webp")).state is State.QUEUED


def test_two_reads_that_agree_are_averaged() -> None:
    task = read(read(queued(), "t-west", 4, 3, rule=TWICE), "t-north", 3, 3, rule=TWICE)

    assert "queued2" in states(task)
    assert task.second_because == ("random",)
    assert task.score is not None
    assert [each.level for each in task.score.criteria] == [3.5, 3.0]
    assert task.score.readers == 2


def test_two_reads_two_levels_apart_go_to_a_lead_whose_levels_replace_theirs() -> None:
    apart = read(read(queued(), "t-west", 4, 3, rule=TWICE), "t-north", 2, 3, rule=TWICE)
    assert (apart.state, apart.pool) == (State.ADJUDICATION, Pool.LEADS)

    task = read(apart, "lead", 3, 4, rule=TWICE)

    assert task.state is State.RELEASED
    assert task.score is not None
    assert [each.level for each in task.score.criteria] == [3.0, 4.0]
    assert task.score.readers == 3


def test_a_lead_who_agrees_with_neither_is_followed_by_another_and_the_median_counts() -> None:
    apart = read(read(queued(), "t-west", 4, 4, rule=TWICE), "t-north", 1, 4, rule=TWICE)
    first = read(apart, "lead", 2, 2, rule=TWICE)
    assert first.state is State.ADJUDICATION

    task = read(first, "lead-2", 3, 3, rule=TWICE)

    assert task.score is not None
    assert [each.level for each in task.score.criteria] == [2.5, 3.5]


def test_opposite_sides_of_the_cut_matter_to_nominated_artifacts() -> None:
    first = read(queued(), "t-west", 3, 3, rule=TWICE)
    nominated = nominate(first, by="s-1", at=NOON, rule=TWICE)

    assert read(first, "t-north", 2, 2, rule=TWICE).state is State.RELEASED
    assert read(nominated, "t-north", 2, 2, rule=TWICE).state is State.ADJUDICATION


@pytest.mark.parametrize(
    ("rule", "facts", "reasons"),
    [
        (replace(RULE.second, share=1.0), FACTS, ("random",)),
        (replace(RULE.second, new_scorer_share=1.0), FACTS, ()),
        (replace(RULE.second, new_scorer_share=1.0), replace(FACTS, reads_before=49), ("new_scorer",)),
        (replace(RULE.second, new_rubric_share=1.0), FACTS, ()),
        (replace(RULE.second, new_rubric_share=1.0), replace(FACTS, rubric_since=NINE), ("new_rubric",)),
        (replace(RULE.second, extremes=frozenset({1, 4})), FACTS, ("extreme",)),
    ],
)  # fmt: skip
def test_says_why_a_second_read_is_needed(
    rule: SecondReadRule, facts: ReaderFacts, reasons: tuple[str, ...]
) -> None:
    workflow = replace(RULE, second=rule)
    task = give_read(
        leased(queued(), "t-west"),
        RUBRIC,
        levels(4, 4),
        scorer_id="t-west",
        at=NOON,
        facts=facts,
        rule=workflow,
    )

    assert task.second_because == reasons
    assert task.state is (State.QUEUED2 if reasons else State.RELEASED)


def test_a_nomination_near_the_cut_has_the_score_confirmed_while_it_stays_out() -> None:
    released = read(queued(), "t-west", 3, 2)
    nominated = nominate(released, by="s-1", at=NOON, rule=RULE)
    assert (nominated.state, nominated.second_because) == (State.QUEUED2, ("nominated",))
    assert nominated.score == released.score

    confirmed = read(nominated, "t-north", 3, 3)

    assert confirmed.state is State.RELEASED
    assert confirmed.score is not None
    assert (confirmed.score.mean_level, confirmed.score.readers) == (2.75, 2)
    assert nominate(nominated, by="s-1", at=NOON, rule=RULE) is nominated
    # Far from the cut nothing needs to be confirmed.
    far = nominate(read(queued(), "t-west", 4, 4), by="s-1", at=NOON, rule=RULE)
    assert (far.state, far.nominated) == (State.RELEASED, True)


def test_a_nomination_sends_opposite_sides_to_a_lead_even_after_the_release() -> None:
    released = read(read(queued(), "t-west", 3, 3, rule=TWICE), "t-north", 2, 2, rule=TWICE)

    assert nominate(released, by="s-1", at=NOON, rule=TWICE).state is State.ADJUDICATION


def test_the_very_same_read_again_changes_nothing_and_another_one_is_refused() -> None:
    task = read(queued(), "t-west", 4, 3)

    def again(message: int) -> Task:
        return give_read(
            task, RUBRIC, levels(message, 3)[::-1], scorer_id="t-west", at=LATER, facts=FACTS, rule=RULE
        )

    assert again(4) is task
    with pytest.raises(AlreadyReadError):
        again(3)
    with pytest.raises(LevelsDoNotFitError):
        again(5)


def test_nobody_reads_without_a_lease_or_after_it() -> None:
    opened = leased(queued(), "t-west")

    def give(task: Task, scorer_id: str, at: datetime) -> Task:
        return give_read(task, RUBRIC, levels(4, 3), scorer_id=scorer_id, at=at, facts=FACTS, rule=RULE)

    with pytest.raises(NotYourTaskError):
        give(opened, "t-north", NOON)
    with pytest.raises(LeaseExpiredError):
        give(opened, "t-west", TEN + timedelta(hours=72))
    with pytest.raises(LeaseExpiredError):
        give(woken(opened, TEN + timedelta(hours=72)), "t-west", TEN + timedelta(hours=72))
    with pytest.raises(LevelsDoNotFitError):
        give_read(opened, RUBRIC, levels(5, 3), scorer_id="t-west", at=NOON, facts=FACTS, rule=RULE)


def test_nobody_opens_what_is_open_or_what_they_have_had() -> None:
    opened = leased(queued(), "t-west")
    with pytest.raises(IllegalTransitionError, match="cannot be opened"):
        leased(opened, "t-north")

    returned = give_back(opened, "t-west", at=NOON, rule=RULE, why="I know the family")
    with pytest.raises(IllegalTransitionError, match="twice"):
        leased(returned, "t-west")
    assert leased(returned, "t-north").state is State.LEASED


def test_a_lease_warns_once_and_ends_and_the_deadline_runs_on() -> None:
    opened = leased(queued(), "t-west")
    assert opened.wake_at == TEN + timedelta(hours=48)

    warned = woken(opened, TEN + timedelta(hours=48))
    assert [each.what for each in warned.history][-1] == "warned"
    assert woken(warned, TEN + timedelta(hours=49)) is warned
    ended = woken(warned, TEN + timedelta(hours=72))

    assert (ended.state, ended.lease, ended.due_at) == (State.QUEUED, None, opened.due_at)


def test_a_late_read_is_urged_then_given_to_the_on_call_then_an_incident() -> None:
    task = queued()
    moments = []
    while task.next_step_at is not None:
        moments.append(task.next_step_at)
        task = woken(task, task.next_step_at)

    assert task.steps == (Step.NUDGE, Step.ON_CALL, Step.INCIDENT)
    # Ten school days from Friday, 4 in the morning in Louisville; Thanksgiving is no school.
    assert moments[1] == task.due_at == datetime(2026, 12, 8, 9, tzinfo=UTC)
    # An outage is made up for at once.
    assert woken(queued(), datetime(2027, 2, 1, tzinfo=UTC)).steps == tuple(Step)


def test_a_held_score_waits_for_the_night_and_for_its_scorers_standing() -> None:
    held = read(queued(NIGHTLY), "t-west", 4, 3, rule=NIGHTLY)
    assert (held.state, held.score) == (State.HELD, None)
    assert held.release_at == datetime(2026, 11, 21, 7, tzinfo=UTC)

    postponed = woken(held, held.release_at, rule=NIGHTLY, good=False)
    assert (postponed.state, postponed.release_at) == (State.HELD, datetime(2026, 11, 22, 7, tzinfo=UTC))
    released = woken(postponed, datetime(2026, 11, 22, 7, tzinfo=UTC), rule=NIGHTLY)

    assert released.state is State.RELEASED
    assert released.score is not None
    assert NIGHTLY.release_after(datetime(2026, 11, 21, 6, tzinfo=UTC)) == datetime(
        2026, 11, 21, 7, tzinfo=UTC
    )


def test_an_unscorable_artifact_is_set_aside_and_may_be_queued_again() -> None:
    opened = leased(queued(), "t-west")
    with pytest.raises(UnknownCodeError, match="boring is none of blank"):
        find_unscorable(opened, "boring", scorer_id="t-west", at=NOON, rule=RULE)

    aside = find_unscorable(opened, "blank", scorer_id="t-west", at=NOON, rule=RULE)
    assert (aside.state, aside.score, aside.wake_at) == (State.UNSCORABLE, None, None)
    again = requeue(aside, by="office", why="it opens with another program", at=NOON, rule=RULE)

    assert read(again, "t-north", 4, 3).state is State.RELEASED


def test_a_second_reader_who_cannot_score_what_the_first_could_leaves_it_to_a_lead() -> None:
    second = leased(read(queued(), "t-west", 4, 3, rule=TWICE), "t-north")
    disputed = find_unscorable(second, "blank", scorer_id="t-north", at=NOON, rule=TWICE)
    assert disputed.state is State.ADJUDICATION

    assert read(disputed, "lead", 4, 4, rule=TWICE).state is State.RELEASED
    alone = find_unscorable(leased(disputed, "lead"), "blank", scorer_id="lead", at=NOON, rule=TWICE)
    assert alone.state is State.UNSCORABLE


def test_a_worry_about_the_student_stops_everything_until_the_office_has_looked() -> None:
    raised = raise_safeguarding(leased(queued(), "t-west"), "Please look.", scorer_id="t-west", at=NOON)

    assert (raised.state, raised.pool, raised.wake_at) == (State.SAFEGUARDING, None, None)
    assert requeue(raised, by="office", why="done", at=NOON, rule=RULE).state is State.QUEUED
    assert set_aside(raised, State.WITHDRAWN, by="office", why="done", at=NOON).state is State.WITHDRAWN
    with pytest.raises(IllegalTransitionError):
        requeue(queued(), by="office", why="?", at=NOON, rule=RULE)


def test_what_has_a_score_is_not_withdrawn() -> None:
    with pytest.raises(IllegalTransitionError, match="a task that is released cannot become withdrawn"):
        set_aside(read(queued(), "t-west", 4, 3), State.WITHDRAWN, by="office", why="x", at=NOON)


def test_reads_of_a_stopped_scorer_are_kept_and_void_and_the_artifact_is_read_again() -> None:
    released = read(queued(), "t-west", 4, 3)

    doubted = quarantine(released, "t-west", since=NINE, at=LATER, rule=RULE)

    assert states(doubted)[-2:] == ["quarantined", "queued"]
    assert (doubted.score, doubted.reads[0].void) == (None, "scorer_stopped")
    assert quarantine(doubted, "t-west", since=NINE, at=LATER, rule=RULE) is doubted
    assert quarantine(released, "t-west", since=LATER, at=LATER, rule=RULE) is released
    again = read(doubted, "t-north", 2, 2, at=LATER)
    assert again.score is not None
    assert (again.score.mean_level, len(again.reads)) == (2.0, 2)


def test_a_stopped_scorer_loses_what_they_have_open() -> None:
    taken = quarantine(leased(queued(), "t-west"), "t-west", since=NINE, at=NOON, rule=RULE)

    assert (taken.state, taken.lease, taken.declined) == (State.QUEUED, None, ("t-west",))


def test_somebody_elses_lease_outlives_the_doubt_about_an_earlier_read() -> None:
    second = leased(read(queued(), "t-west", 4, 3, rule=TWICE), "t-north")

    doubted = quarantine(second, "t-west", since=NINE, at=NOON, rule=TWICE)
    assert (doubted.state, doubted.lease) == (State.LEASED2, second.lease)
    task = give_read(doubted, RUBRIC, levels(4, 3), scorer_id="t-north", at=NOON, facts=FACTS, rule=TWICE)

    assert task.state is State.QUEUED2
    assert read(task, "t-south", 4, 3, rule=TWICE).state is State.RELEASED


def test_doubt_touches_neither_papers_nor_what_is_set_aside() -> None:
    aside = find_unscorable(
        leased(read(queued(), "t-west", 4, 3, rule=TWICE), "lead"),
        "blank",
        scorer_id="lead",
        at=NOON,
        rule=TWICE,
    )
    lead = find_unscorable(leased(aside, "lead-2"), "blank", scorer_id="lead-2", at=NOON, rule=TWICE)
    assert lead.state is State.UNSCORABLE
    assert quarantine(lead, "t-west", since=NINE, at=NOON, rule=TWICE).state is State.UNSCORABLE
    withdrawn = set_aside(aside, State.WITHDRAWN, by="office", why="moved away", at=NOON)
    assert quarantine(withdrawn, "t-west", since=NINE, at=NOON, rule=TWICE).reads[0].void is not None
    filed = paper()
    assert quarantine(filed, "t-west", since=NINE, at=NOON, rule=RULE) is filed


def paper() -> Task:
    held = make_lease("lease-1", "t-west", Stage.FIRST, slot=0, at=TEN, rule=RULE.lease)
    submission = replace(SUBMISSION, student_id=None, school_id=None)
    return open_paper("task-1", submission, RUBRIC, held, purpose=Purpose.SEED)


def test_a_paper_is_read_like_an_artifact_and_filed() -> None:
    task = give_read(paper(), RUBRIC, levels(4, 3), scorer_id="t-west", at=NOON, facts=FACTS, rule=TWICE)

    assert (task.state, task.score, task.second_because, task.wake_at) == (State.FILED, None, (), None)


def test_a_paper_is_for_one_scorer_alone() -> None:
    ends = [
        find_unscorable(paper(), "blank", scorer_id="t-west", at=NOON, rule=RULE),
        raise_safeguarding(paper(), "Please look.", scorer_id="t-west", at=NOON),
        give_back(paper(), "t-west", at=NOON, rule=RULE, why="I know it"),
        woken(paper(), TEN + timedelta(hours=72)),
    ]

    assert [(each.state, each.lease, each.pool, each.reads) for each in ends] == [
        (State.FILED, None, None, ())
    ] * 4


def reviewed(*reads: tuple[int, int], base: tuple[int, int] = (2, 2)) -> Task:
    task = read(queued(), "t-west", *base)
    task = request_review(task, by="g-1", reason="We see it otherwise.", at=LATER, rule=RULE)
    for number, given in enumerate(reads):
        task = read(task, f"fresh-{number}", *given, at=LATER)
    return task


def test_two_clean_rereads_outside_the_tolerance_raise_a_score() -> None:
    asked = reviewed()
    assert (asked.state, asked.pool) == (State.REVIEW_REQUESTED, Pool.SCORERS)
    assert reviewed((3, 3)).state is State.CLEAN_REREAD

    task = reviewed((3, 3), (4, 4))

    assert task.state is State.REVIEW_DECIDED
    assert task.review is not None
    assert task.score is not None
    assert (task.review.replaced, task.review.before, task.score.mean_level) == (True, 2.0, 3.5)
    assert "the higher score replaces it" in str(task.review.decision)


def test_a_review_never_lowers_a_score_and_always_says_why() -> None:
    lower = reviewed((1, 1), (1, 1), base=(4, 4))
    near = reviewed((2, 2), (2, 3))

    for task, words in ((lower, "never lowers"), (near, "within the tolerance")):
        assert task.review is not None
        assert task.score is not None
        assert (task.review.replaced, task.score.mean_level) == (False, task.review.before)
        assert words in str(task.review.decision)


def test_a_review_is_asked_for_once_and_soon() -> None:
    released = read(queued(), "t-west", 2, 2)

    with pytest.raises(ReviewRefusedError, match="once"):
        request_review(reviewed(), by="g-1", reason="again", at=LATER, rule=RULE)
    with pytest.raises(ReviewRefusedError, match="no released score"):
        request_review(queued(), by="g-1", reason="now", at=NOON, rule=RULE)
    late = datetime(2027, 1, 20, tzinfo=UTC)
    with pytest.raises(ReviewRefusedError, match="within 20 school days"):
        request_review(released, by="g-1", reason="late", at=late, rule=RULE)


def test_a_rereader_who_cannot_score_is_followed_by_another_and_a_stopped_one_too() -> None:
    asked = reviewed()
    cannot = find_unscorable(
        leased(asked, "fresh-0", at=LATER), "blank", scorer_id="fresh-0", at=LATER, rule=RULE
    )
    assert cannot.state is State.REVIEW_REQUESTED
    half = reviewed((4, 4))
    cannot = find_unscorable(
        leased(half, "fresh-1", at=LATER), "blank", scorer_id="fresh-1", at=LATER, rule=RULE
    )
    assert cannot.state is State.CLEAN_REREAD

    doubted = quarantine(half, "fresh-0", since=NINE, at=LATER, rule=RULE)
    assert (doubted.rereads, doubted.score) == ((), half.score)
    worried = raise_safeguarding(leased(half, "x", at=LATER), "look", scorer_id="x", at=LATER)
    assert requeue(worried, by="office", why="done", at=LATER, rule=RULE).state is State.CLEAN_REREAD


def test_a_rule_that_has_become_content_lets_out_what_an_ended_lease_leaves() -> None:
    second = leased(read(queued(), "t-west", 4, 3, rule=TWICE), "t-north")
    disagreeing = read(read(queued(), "t-west", 4, 3, rule=TWICE), "t-north", 2, 3, rule=TWICE)
    opened = leased(disagreeing, "lead")
    content = replace(TWICE, agreement=replace(TWICE.agreement, adjacent=3))

    assert woken(opened, opened.lease.expires_at, rule=content).state is State.RELEASED  # type: ignore[union-attr]
    assert woken(second, second.lease.expires_at, rule=content).state is State.QUEUED2  # type: ignore[union-attr]


def test_a_lease_that_is_not_there_cannot_be_ended() -> None:
    with pytest.raises(IllegalTransitionError):
        end_lease(queued(), at=NOON, by="rule", what="expired", why="no_read_in_time", rule=RULE)
