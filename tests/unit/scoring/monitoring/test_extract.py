"""What one night leaves to the next, and that nothing goes past it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from tests.unit.scoring.monitoring.kept_season import KeptBuckets, KeptSeason, OpenBucket
from tests.unit.scoring.monitoring.monitoring_examples import (
    DAY,
    HOUR,
    MONDAY,
    artifact,
    read,
    seed,
    students,
)

from scoring.domain.monitoring.buckets import BUCKETS, OLDEST, Kept, bucket_of
from scoring.domain.monitoring.facts import TaskFacts
from scoring.use_cases.extract import current_tasks

ROSTER = students(3, "east", "5")
FIRST, SECOND, THIRD = (each.student_id for each in ROSTER)
MINUTE = timedelta(minutes=1)


def night(season: KeptSeason, buckets: KeptBuckets, at: datetime) -> list[TaskFacts]:
    """Return what a night's report is made from."""
    return list(current_tasks(season.people(), at=at, tasks=season, buckets=buckets))


def small_season() -> KeptSeason:
    """Return a season of two artifacts and a seed, long before any night."""
    season = KeptSeason(
        [artifact("a-1", read("ann", 2), student_id=FIRST), artifact("a-2", student_id=SECOND)], ROSTER
    )
    season.staff = {"ann", "bob"}
    season.write(seed("p-1", read("ann", 3)))
    return season


def at_night(number: int) -> datetime:
    """Return a time at which none of the tests' buckets is made anew by turns."""
    turns = {bucket_of(each) for each in (FIRST, SECOND, THIRD, "ann", "bob")}
    calm = [
        at for at in (MONDAY + each * DAY for each in range(40, 80)) if at.toordinal() % BUCKETS not in turns
    ]
    return calm[number]


def test_the_first_night_reads_everything_and_the_next_only_what_changed() -> None:
    season, buckets = small_season(), KeptBuckets()
    first = night(season, buckets, at_night(0))
    season.times_read = buckets.written = 0
    season.write(artifact("a-2", read("bob", 4), student_id=SECOND), at_night(0) + HOUR)

    second = night(season, buckets, at_night(1))

    assert sorted(each.artifact_id for each in first) == ["a-1", "a-2", "p-1"]
    assert {each.artifact_id: len(each.reads) for each in second} == {"a-1": 1, "a-2": 1, "p-1": 1}
    # The one that changed, and the one whose turn it is.
    assert (season.times_read, buckets.written) == (1, 2)


def test_a_night_before_which_nothing_changed_writes_nothing_but_what_has_its_turn() -> None:
    season, buckets = small_season(), KeptBuckets()
    night(season, buckets, at_night(0))
    buckets.written = 0

    night(season, buckets, at_night(1))

    assert buckets.written == 1
    assert {each.as_of for each in buckets.stored.values()} == {at_night(1)}


def test_a_change_that_was_on_its_way_when_the_night_began_is_found_by_the_next() -> None:
    season, buckets = small_season(), KeptBuckets()
    night(season, buckets, at_night(0))
    season.write(artifact("a-2", read("bob", 4), student_id=SECOND), at_night(0) - 59 * MINUTE)

    found = night(season, buckets, at_night(1))

    assert {each.artifact_id: len(each.reads) for each in found}["a-2"] == 1


def test_whoever_leaves_the_roster_is_forgotten_and_whoever_comes_brings_all_their_tasks() -> None:
    season, buckets = small_season(), KeptBuckets()
    season.write(artifact("a-3", student_id=THIRD))
    third = season.roster.pop(THIRD)
    night(season, buckets, at_night(0))
    season.roster[THIRD] = third
    del season.roster[FIRST]

    found = night(season, buckets, at_night(1))

    assert sorted(each.artifact_id for each in found) == ["a-2", "a-3", "p-1"]
    left = buckets.stored[bucket_of(FIRST)].bucket
    assert left is not None
    assert FIRST not in left.people.students
    assert "a-1" not in left.tasks


def test_a_bucket_that_cannot_be_read_or_is_too_old_is_filled_anew() -> None:
    season, buckets = small_season(), KeptBuckets()
    expected = night(season, buckets, at_night(0))
    number = bucket_of(FIRST)
    buckets.stored[number] = OpenBucket(at_night(0), None)

    assert night(season, buckets, at_night(1)) == expected
    assert buckets.stored[number].bucket is not None
    season.times_read = 0
    assert night(season, buckets, at_night(1) + OLDEST) == expected
    assert season.times_read == 3


def test_what_was_erased_by_hand_is_gone_once_its_buckets_turn_has_come() -> None:
    season, buckets = small_season(), KeptBuckets()
    night(season, buckets, at_night(0))
    del season.stored["a-1"]
    nights = [at_night(0) + each * DAY for each in range(1, BUCKETS + 1)]

    found = [night(season, buckets, each) for each in nights]

    assert [each.artifact_id for each in found[-1] if each.artifact_id == "a-1"] == []


def test_a_night_that_is_killed_leaves_its_work_to_the_next() -> None:
    season, buckets = small_season(), KeptBuckets()
    expected = night(season, KeptBuckets(), at_night(0))
    killed = current_tasks(season.people(), at=at_night(0), tasks=season, buckets=buckets)
    next(killed)
    season.times_read = 0

    assert night(season, buckets, at_night(1)) == expected
    assert season.times_read == len(expected) - 1


def test_a_task_that_was_read_twice_is_as_it_was_read_last() -> None:
    class Moving(KeptSeason):
        def changed(self, since: datetime, until: datetime) -> Iterator[Kept]:
            for each in super().changed(since, until):
                yield each._replace(facts=each.facts._replace(grade="4"))
                yield each

    season, buckets = Moving([artifact("a-1", student_id=FIRST)], ROSTER), KeptBuckets()
    night(season, buckets, at_night(0))
    season.write(artifact("a-1", read("ann", 1), student_id=FIRST), at_night(0) + HOUR)

    [found] = night(season, buckets, at_night(1))

    assert (found.grade, len(found.reads)) == ("5", 1)


def test_a_slow_night_that_ends_after_the_next_one_takes_nothing_from_those_to_come() -> None:
    season, buckets = small_season(), KeptBuckets()
    night(season, buckets, at_night(0))
    slow = current_tasks(season.people(), at=at_night(1), tasks=season, buckets=buckets)
    next(slow)
    season.write(artifact("a-1", read("ann", 1), read("bob", 2), student_id=FIRST), at_night(1) + HOUR)
    night(season, buckets, at_night(2))
    list(slow)

    found = night(season, buckets, at_night(3))

    assert {each.artifact_id: len(each.reads) for each in found}["a-1"] == 2


class Nights(RuleBasedStateMachine):
    """Anything may happen between nights; each finds what one finds that begins from nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.season, self.buckets, self.now = KeptSeason(roster=ROSTER), KeptBuckets(), MONDAY
        self.season.staff = {"ann", "bob"}

    @rule(
        number=st.integers(0, 4),
        student=st.sampled_from([FIRST, SECOND, THIRD, "nobody"]),
        levels=st.lists(st.integers(1, 4), max_size=3),
        late=st.integers(0, 59),
    )
    def an_artifact_is_written(self, number: int, student: str, levels: list[int], late: int) -> None:
        reads = [read("ann", each) for each in levels]
        name = f"a-{student}-{number}"
        self.season.write(artifact(name, *reads, student_id=student), self.now - late * MINUTE)

    @rule(
        number=st.integers(0, 2), scorer=st.sampled_from(["ann", "bob", "stranger"]), level=st.integers(1, 4)
    )
    def a_seed_is_read(self, number: int, scorer: str, level: int) -> None:
        self.season.write(seed(f"p-{scorer}-{number}", read(scorer, level)), self.now)

    @rule(place=st.integers(0, 2))
    def a_student_leaves_or_comes_back(self, place: int) -> None:
        student = ROSTER[place]
        if self.season.roster.pop(student.student_id, None) is None:
            self.season.roster[student.student_id] = student

    @rule(scorer=st.sampled_from(["ann", "bob", "stranger"]))
    def a_scorer_goes_or_comes(self, scorer: str) -> None:
        self.season.staff ^= {scorer}

    @rule(number=st.integers(0, 4), readable=st.booleans())
    def a_bucket_is_lost_or_damaged(self, number: int, *, readable: bool) -> None:
        found = sorted(self.buckets.stored)[number : number + 1]
        for each in found:
            if readable:
                del self.buckets.stored[each]
            else:
                self.buckets.stored[each] = OpenBucket(self.buckets.stored[each].as_of, None)

    @rule(hours=st.integers(1, 200))
    def time_passes(self, hours: int) -> None:
        self.now += hours * HOUR

    @rule(yielded=st.integers(0, 5))
    def a_night_is_killed(self, yielded: int) -> None:
        killed = current_tasks(self.season.people(), at=self.now, tasks=self.season, buckets=self.buckets)
        for _ in zip(range(yielded), killed, strict=False):
            pass

    @rule()
    def a_night_finds_what_one_from_nothing_finds(self) -> None:
        self.now += MINUTE

        found = night(self.season, self.buckets, self.now)

        assert found == night(self.season, KeptBuckets(), self.now)
        on_roster = self.season.people()
        for each in self.buckets.stored.values():
            assert each.bucket is not None
            assert each.bucket.people.students <= on_roster.students
            assert all(on_roster.own(task) for task in each.bucket.tasks.values())

    def teardown(self) -> None:
        self.a_night_finds_what_one_from_nothing_finds()


TestNights = Nights.TestCase
