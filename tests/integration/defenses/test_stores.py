"""The repositories against the real store: what is written comes back, and a lease is one's alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.defenses import defenses_examples as examples

from chassis import mongo
from chassis.errors import ConflictError
from chassis.outbox import UnitOfWork
from defenses import documents
from defenses.domain.availability import FamilyWindows, Interpreters, PublishedAvailability
from defenses.domain.defenses import Note
from defenses.domain.runs import Placement, Plan, Progress, Publication, ScheduleRun, Unplaced
from defenses.repository import (
    Availabilities,
    Candidates,
    Defenses,
    DistrictLeases,
    Families,
    LeaseLostError,
    Pupils,
    ScheduleRuns,
    ScheduleTurns,
    districts_with_open_runs,
)

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def connected(mongo_url: str, database: str) -> Iterator[None]:
    mongo.connect(mongo_url, database)
    mongo.create_indexes(documents)
    yield
    mongo.disconnect()


def work(cause: str = "test", district: str = "jcps") -> UnitOfWork:
    return UnitOfWork(district=district, cause=cause)


def test_a_candidate_comes_back_as_it_was_written() -> None:
    ready = examples.ready_candidate("s-1", guardian_ids=("g-1", "g-2"), teacher_ids=("t-1",))
    gone = ready.withdrawn(version=2)

    Candidates(work("one")).change("s-1", lambda _: (ready, ()))
    stored = Candidates(work()).get("s-1")
    by_family = Candidates(work()).select(guardian_ids=["g-2", "g-9"])
    Candidates(work("two")).change("s-1", lambda _: (gone, ()))

    assert stored == ready
    assert by_family == [ready]
    assert Candidates(work()).get("s-1") == gone
    assert Candidates(work()).select(guardian_ids=["g-2"]) == []


def test_calendars_come_back_as_they_were_written() -> None:
    somali = Interpreters(language="so", at_once=2, available=(examples.window(),))
    published = PublishedAvailability(
        school_id="east",
        availability=examples.availability(interpreters=(somali,)),
        published_at=examples.NOW,
        edition=3,
    )
    family = FamilyWindows(
        student_id="s-1", windows=(examples.window(),), told_at=examples.NOW, interpreter="so"
    )

    Availabilities(work()).change("east", lambda _: (published, ()))
    Families(work()).change("s-1", lambda _: (family, ()))

    assert Availabilities(work()).get("east") == published
    assert Families(work()).existing(["s-1", "s-2"]) == {"s-1": family}


def test_a_defense_is_found_by_the_people_on_its_panel() -> None:
    defense = examples.defense()

    Defenses(work()).change("d-1", lambda _: (defense, ()))

    assert Defenses(work()).select(panelist_ids=["x-1", "x-9"]) == [defense]
    assert Defenses(work()).select(panelist_ids=["x-9"]) == []
    assert Defenses(work()).select(student_id=["s-9"]) == [defense]
    assert Defenses(work()).select(school_id="east", school_year="2025-26") == []


def test_of_a_student_scheduling_reads_what_it_needs_and_no_scores() -> None:
    ready = examples.ready_candidate("s-1", guardian_ids=("g-1", "g-2"), teacher_ids=("t-1",))
    gone = examples.ready_candidate("s-2").withdrawn(version=2)
    Candidates(work("one")).change("s-1", lambda _: (ready, ()))
    Candidates(work("two")).change("s-2", lambda _: (gone, ()))

    pupils = Pupils(work())

    assert pupils.existing(["s-1", "s-2", "s-3"]) == {
        "s-1": examples.pupil(ready),
        "s-2": examples.pupil(gone),
    }
    assert pupils.find("s-1") == examples.pupil(ready)
    assert pupils.find("s-3") is None
    assert pupils.select(guardian_ids=["g-2", "g-9"]) == [examples.pupil(ready)]
    assert pupils.select(school_id="east", status=["READY_TO_DEFEND", "WAIVED"]) == [examples.pupil(ready)]
    assert Pupils(work(district="other")).existing(["s-1"]) == {}
    assert Pupils(replace(work(), students=frozenset({"s-2"}))).find("s-1") is None


def test_who_has_lost_the_turn_to_somebody_else_writes_nothing() -> None:
    def overtaken() -> None:
        with ScheduleTurns(length=timedelta(0)).take("jcps") as keep:
            # Nobody else has it yet: it is still ours, though its time is over.
            Defenses(work("first"), keep).change("d-1", lambda _: (examples.defense(), ()))
            with ScheduleTurns().take("jcps"):
                Defenses(work("second"), keep).change_many([("d-2", lambda _: (examples.defense("d-2"), ()))])

    with pytest.raises(ConflictError, match="others have changed the schedule"):
        overtaken()

    assert list(Defenses(work()).existing(["d-1", "d-2"])) == ["d-1"]


def test_who_waits_too_long_for_a_turn_is_told_so() -> None:
    impatient = ScheduleTurns(patience_s=0)

    with ScheduleTurns().take("jcps"), pytest.raises(ConflictError, match="others were changing"):
        impatient.take("jcps").__enter__()


def test_a_turn_that_was_given_back_is_nobodys() -> None:
    with ScheduleTurns().take("jcps") as keep:
        keep()

    with pytest.raises(LeaseLostError):
        keep()


def test_open_runs_wait_in_the_order_of_their_requests() -> None:
    later = ScheduleRun(
        run_id="a", school_ids=("east",), state="solving", requested_at=examples.NOW + HOUR, attempts=1
    )
    earlier = replace(later, run_id="b", state="queued", requested_at=examples.NOW)
    done = replace(later, run_id="c", state="applied", requested_at=examples.NOW - HOUR)
    ScheduleRuns(work()).change("a", lambda _: (later, ()))
    ScheduleRuns(work()).change("b", lambda _: (earlier, ()))
    ScheduleRuns(work()).change("c", lambda _: (done, ()))

    assert ScheduleRuns(work()).next_open() == earlier
    assert ScheduleRuns(work(district="other")).next_open() is None
    assert districts_with_open_runs() == ["jcps"]


def test_a_run_comes_back_as_it_was_written() -> None:
    place = examples.defense()
    placement = Placement(
        defense_id="d-1",
        student_id="s-1",
        school_id="west",
        transition="5",
        starts_at=place.starts_at,
        ends_at=place.ends_at,
        room_id="r-1",
        room="Room 1",
        panel=place.panel,
        attempt=2,
    )
    note = Note(cause="published", reason="Ready.", by="office", at=examples.NOW)
    run = ScheduleRun(
        run_id="full",
        school_ids=("east", "west"),
        season_run_id="season-1",
        state="publishing",
        requested_at=examples.NOW,
        rounds=2,
        plan=Plan(
            time_zone="America/Kentucky/Louisville",
            school_year="2026-27",
            placements=(placement,),
            unplaced=(Unplaced("s-2", "no_room", "No room."),),
            cost=1003,
            lower_bound=1001.5,
            seconds=2.5,
        ),
        progress=Progress(students=2, unscheduled=1, cost=1003, seconds=2.0),
        stop="keep",
        publish=False,
        publication=Publication(note, ("west",)),
    )
    ScheduleRuns(work()).change("full", lambda _: (run, ()))

    assert ScheduleRuns(work()).get("full") == run
    assert ScheduleRuns(work()).select(season_run_id="season-1") == [run]


def test_a_run_of_one_school_of_before_there_were_several_is_still_read() -> None:
    place = examples.defense()
    seats = [{"panelist_id": each.panelist_id, "role": each.role} for each in place.panel]
    placement = {
        "defense_id": "d-1",
        "student_id": "s-1",
        "transition": "5",
        "starts_at": place.starts_at,
        "ends_at": place.ends_at,
        "room_id": "r-1",
        "room": "Room 1",
        "panel": seats,
        "attempt": 1,
    }
    documents.ScheduleRunDocument._get_collection().insert_one(
        {
            "_id": "old",
            "district": "jcps",
            "version": 3,
            "school_id": "east",
            "state": "applied",
            "requested_at": examples.NOW,
            "attempts": 1,
            "plan": {
                "time_zone": "America/Kentucky/Louisville",
                "school_year": "2026-27",
                "placements": [placement],
                "unplaced": [],
                "cost": 3,
                "lower_bound": None,
                "seconds": 1.0,
            },
        }
    )

    old = ScheduleRuns(work()).get("old")

    assert (old.school_ids, old.placed, old.rounds) == (("east",), 1, 0)
    assert old.plan is not None
    assert (old.plan.placements[0].school_id, old.plan.placements[0].panel) == ("east", place.panel)


def test_a_lease_is_held_by_one_until_it_is_released() -> None:
    one, other = DistrictLeases("one", HOUR), DistrictLeases("other", HOUR)

    assert one.claim("jcps")
    assert not other.claim("jcps")
    assert other.claim("elsewhere")
    one.renew("jcps")
    with pytest.raises(LeaseLostError):
        other.renew("jcps")
    other.release("jcps")
    assert not other.claim("jcps")
    one.release("jcps")
    assert other.claim("jcps")
    with pytest.raises(LeaseLostError):
        one.renew("jcps")


def test_a_lease_whose_holder_died_is_free_when_it_ends() -> None:
    assert DistrictLeases("dead", timedelta(0)).claim("jcps")

    assert DistrictLeases("next", HOUR).claim("jcps")
