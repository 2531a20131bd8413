"""Events become revisions of the facts that families hear of."""

from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

import pytest
from tests.unit.notifications.notification_examples import STARTS, Examples, World

from contracts.defenses import (
    FormName,
    HearingAdjourned,
    HearingAnnulled,
    MilestoneCancelled,
    MilestoneMissed,
    MilestoneMoved,
    MilestonePlanned,
    OutcomeReleased,
)
from notifications.domain.facts import Fact, Standing
from notifications.use_cases import noting

PLANNED = MilestonePlanned(
    milestone_id="ms-1",
    revision=1,
    student_id="s-1",
    school_id="sch-1",
    grade="4",
    school_year="2026-27",
    event_id="ev-1",
    form="exhibition-of-learning",
    form_names=(
        FormName(language="en", name="Exhibition of Learning"),
        FormName(language="es", name="Exposición de aprendizaje"),
    ),
    starts_at=STARTS,
    ends_at=STARTS + timedelta(minutes=30),
    time_zone="America/Kentucky/Louisville",
    place="Room 12",
)
HEARING: dict[str, Any] = {
    "hearing_id": "h-1",
    "defense_id": "d-1",
    "student_id": "s-1",
    "school_id": "sch-1",
    "transition": "5",
    "attempt": 1,
    "sitting": 1,
}


def known(world: World, fact_id: str) -> Fact:
    return world.tellings.values[fact_id].fact


def changed(event: type[Any], **fields: Any) -> Any:
    """Return a later event of the same milestone."""
    planned = asdict(PLANNED) | {"form_names": PLANNED.form_names, "revision": 2}
    return event(**planned, **fields)


def test_a_planned_milestone_is_an_appointment_with_what_it_is_called(make: Examples, world: World) -> None:
    noting.note_milestone(PLANNED, world.notebook())

    assert world.tellings.values == {"ms-1": make.telling(fact=make.milestone())}


def test_a_moved_milestone_is_a_newer_revision_and_an_older_one_changes_nothing(
    make: Examples, world: World
) -> None:
    moved = changed(MilestoneMoved, previous_starts_at=STARTS, previous_place="Library", reason="Painting.")
    for event in (moved, PLANNED):
        noting.note_milestone(event, world.notebook())

    assert known(world, "ms-1") == make.milestone(revision=2)


def test_a_cancelled_milestone_keeps_the_time_at_which_it_would_have_been(
    make: Examples, world: World
) -> None:
    noting.note_milestone(
        changed(MilestoneCancelled, cause="event_cancelled", reason="Snow."), world.notebook()
    )

    assert known(world, "ms-1") == make.milestone(revision=2, standing=Standing.CANCELLED)


def test_of_a_missed_milestone_families_hear_after_its_time(make: Examples, world: World) -> None:
    noting.note_missed_milestone(changed(MilestoneMissed), world.notebook(STARTS + timedelta(hours=3)))

    assert known(world, "ms-1") == make.milestone(
        revision=2, standing=Standing.MISSED, deadline=STARTS + timedelta(days=14, hours=3)
    )


def test_what_families_hear_of_a_hearing_is_ordered_by_its_versions(make: Examples, world: World) -> None:
    released = OutcomeReleased(
        **HEARING,
        record_version=1,
        outcome="READY",
        unmet=(),
        plan_due_on=None,
        defend_by=None,
        released_at=make.now,
    )
    annulled = HearingAnnulled(**HEARING, annulled_at=make.now)
    noting.note_annulment(annulled, world.notebook(), version=9)
    noting.note_release(released, world.notebook(), version=6)

    assert known(world, "h-1") == make.hearing(revision=9, standing=Standing.ANNULLED)


def test_a_release_says_the_last_days_of_the_next_steps_and_nothing_of_the_result(
    make: Examples, world: World
) -> None:
    days: dict[str, Any] = {"plan_due_on": date(2026, 12, 10), "defend_by": date(2027, 1, 15)}
    released = OutcomeReleased(
        **HEARING, record_version=1, outcome="NOT_YET", unmet=("ki-3",), released_at=make.now, **days
    )

    noting.note_release(released, world.notebook(), version=6)

    assert known(world, "h-1") == make.hearing(**days)


@pytest.mark.parametrize("cause", ["student_absent", "panel_short", "interrupted"])
def test_a_hearing_that_ended_early_is_told_without_its_cause(
    make: Examples, world: World, cause: str
) -> None:
    event = HearingAdjourned(**HEARING, cause=cause, adjourned_at=make.now)

    noting.note_adjournment(event, world.notebook(), version=2)

    assert known(world, "h-1") == make.hearing(revision=2, standing=Standing.ADJOURNED)
