"""Repairs: proposed and shown, then made as a whole, however often a process dies on the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from contracts.base import Fact
from defenses.domain.availability import FamilyWindows, PublishedAvailability
from defenses.domain.defenses import (
    DRAFT,
    SCHEDULED,
    Defense,
    NoDefenseError,
    Note,
    Place,
)
from defenses.domain.repairing.disturbances import FAMILY_ASKED, Disturbance
from defenses.domain.repairing.ladder import Repaired
from defenses.domain.repairing.repairs import (
    APPLYING,
    PROPOSED,
    NoRepairError,
    Repair,
    StaleRepairError,
    Step,
    step,
)
from defenses.domain.repairing.timetable import UnfitPlaceError
from defenses.use_cases.announcing import news
from defenses.use_cases.changes import Order
from defenses.use_cases.repair_cases import (
    Case,
    NothingToPlaceError,
    UnknownSubjectError,
    gather_case,
    repaired,
)
from defenses.use_cases.stores import Decide
from defenses.use_cases.timetables import ChangeDesk, offers_of, timetable_around


def propose(
    repair_id: str,
    disturbance: Disturbance,
    note: Note,
    desk: ChangeDesk,
    *,
    publish: bool = True,
    breathe: Callable[[], None] = lambda: None,
) -> Repair:
    """Find the least that must change, and keep it for being shown and applied; nobody is told.

    Args:
        repair_id: the same id is the same repair.
        disturbance: what happened.
        note: why, by whom and when.
        desk: the stores.
        publish: whether the family of a student who becomes ready late hears of the place at once.
        breathe: called between steps of the search, none of which takes long.

    Raises:
        UnknownSubjectError: if a school, panelist or student is not known.
        NothingToPlaceError: if a student is to be placed who is not ready, or has a place.
    """
    known = _kept(repair_id, desk)
    if known is not None:
        return known
    case = gather_case(disturbance, desk)
    found = repaired(case, disturbance, desk, breathe)
    before = {each.defense_id: each for each in (*case.stand, *case.hit)}
    made = Repair(
        repair_id=repair_id,
        state=PROPOSED,
        school_year=case.year,
        note=note,
        disturbance=disturbance,
        school_ids=tuple(sorted(case.offers)),
        steps=tuple(
            step(
                before[each],
                after,
                unmade=each in case.unmade,
                state=SCHEDULED if publish else DRAFT,
            )
            for each, after in _outcomes(case, found)
        ),
        unplaced=tuple(found.unplaced[each] for each in sorted(found.unplaced)),
    )
    return _keep(made, desk)


def swap(repair_id: str, first: Order, second: Order, desk: ChangeDesk) -> Repair:
    """Let two defenses trade their places; the changes are decided when this returns, and yet to be made.

    Raises:
        NoDefenseError, StaleEditionError, NotStandingError, ProtectedDefenseError: as for a move of each.
        UnfitPlaceError: if one of them cannot be where the other is.
    """
    known = _kept(repair_id, desk)
    if known is not None:
        return known
    one, other = (_open(each, desk) for each in (first, second))
    places = {one.defense_id: other.place, other.defense_id: one.place}
    timetable = timetable_around([one, other], desk)
    moved = [one.at(other.place), other.at(one.place)]
    for each in moved:
        timetable.take(each.defense_id)
    for each in moved:
        timetable.put(each)
    obstacles = tuple(obstacle for each in moved for obstacle in timetable.obstacles(each))
    if obstacles:
        raise UnfitPlaceError(obstacles)
    made = Repair(
        repair_id=repair_id,
        state=APPLYING,
        school_year=one.school_year,
        note=first.note,
        disturbance=None,
        school_ids=(),
        steps=tuple(step(each, places[each.defense_id]) for each in (one, other)),
        unplaced=(),
    )
    return _keep(made, desk)


def begin(repair_id: str, desk: ChangeDesk) -> Repair:
    """Decide that a repair is made, if the schedule is still the one that it was made for.

    Raises:
        NoRepairError: if there is none.
        StaleRepairError: if anything that it changes has changed, or something else is hit by now.
    """

    def decide(found: Repair | None) -> tuple[Repair, Sequence[Fact]] | None:
        if found is None:
            raise NoRepairError(f"there is no repair {repair_id}")
        if found.state != PROPOSED:
            return None
        _check_fits(found, desk)
        return found.begun(), ()

    begun = desk.repairs.change(repair_id, decide)
    assert begun is not None  # decide has raised if there is none
    return begun


def complete(repair: Repair, desk: ChangeDesk) -> Repair:
    """Make the changes of a repair that was begun; what an earlier process made is found as it is."""
    if repair.state != APPLYING:
        return repair
    if repair.disturbance is not None:
        for school_id in repair.school_ids:
            desk.availabilities.change(school_id, _narrowed(repair.disturbance))
        _tell_family(repair.disturbance, repair, desk)
    desk.defenses.change_many([(each.defense_id, _carried_out(repair, each)) for each in repair.steps])

    def decide(found: Repair | None) -> tuple[Repair, Sequence[Fact]] | None:
        assert found is not None  # it was read just now, and none is ever removed
        return (found.applied(now=desk.now), ()) if found.state == APPLYING else None

    return desk.repairs.change(repair.repair_id, decide) or repair


def _outcomes(case: Case, found: Repaired) -> list[tuple[str, Place | None]]:
    """Return each defense that changes with its new place; who had none and gets none does not change."""
    lost = [(each, None) for each in sorted(found.unplaced) if each not in case.fresh]
    return [*sorted(found.places.items(), key=lambda each: each[0]), *lost]


def _kept(repair_id: str, desk: ChangeDesk) -> Repair | None:
    # As a change, so that a key which was used for another request is refused and not answered.
    return desk.repairs.change(repair_id, lambda _: None)


def _keep(made: Repair, desk: ChangeDesk) -> Repair:
    def decide(found: Repair | None) -> tuple[Repair, Sequence[Fact]] | None:
        return (made, ()) if found is None else None

    return desk.repairs.change(made.repair_id, decide) or made


def _open(order: Order, desk: ChangeDesk) -> Defense:
    found = desk.defenses.find(order.defense_id)
    if found is None:
        raise NoDefenseError(f"there is no defense {order.defense_id}")
    found.check_edition(order.edition)
    found.check_open(now=desk.now, frozen=desk.changes.frozen, override=order.override)
    return found


def _check_fits(repair: Repair, desk: ChangeDesk) -> None:
    stale = StaleRepairError("the schedule has changed since; ask for the repair again")
    found = desk.defenses.existing([each.defense_id for each in repair.steps])
    for each in repair.steps:
        edition = found[each.defense_id].edition if each.defense_id in found else 0
        if edition != each.edition:
            raise stale
    assert repair.disturbance is not None  # a swap is begun when it is made
    try:
        case = gather_case(repair.disturbance, desk)
    except (NothingToPlaceError, UnknownSubjectError) as error:
        raise stale from error
    if not {each.defense_id for each in case.hit} - case.fresh <= {each.defense_id for each in repair.steps}:
        raise stale
    wanted = [_made(repair, each, found.get(each.defense_id)) for each in repair.steps]
    if wanted and not _fit_together(wanted, case, repair.disturbance, desk):
        raise stale


def _fit_together(wanted: list[Defense], case: Case, disturbance: Disturbance, desk: ChangeDesk) -> bool:
    timetable = timetable_around(wanted, desk, offers=case.offers, stand=case.stand, disturbance=disturbance)
    for each in wanted:
        timetable.take(each.defense_id)
    placed = [each for each in wanted if each.stands]
    for each in placed:
        timetable.put(each)
    return not any(timetable.obstacles(each) for each in placed)


def _narrowed(disturbance: Disturbance) -> Decide[PublishedAvailability]:
    def decide(
        found: PublishedAvailability | None,
    ) -> tuple[PublishedAvailability, Sequence[Fact]] | None:
        assert found is not None  # the repair was made from it, and none is ever removed
        left = disturbance.left_of(found.availability)
        return None if left == found.availability else (found.narrowed(left), ())

    return decide


def _tell_family(disturbance: Disturbance, repair: Repair, desk: ChangeDesk) -> None:
    if disturbance.kind != FAMILY_ASKED:
        return
    offers = offers_of(repair.school_ids, desk)
    student_id = disturbance.student_id

    def decide(found: FamilyWindows | None) -> tuple[FamilyWindows, Sequence[Fact]] | None:
        known = found or FamilyWindows(student_id=student_id)
        for offer in offers.values():
            known = disturbance.left_to(known, offer, now=repair.note.at)
        return None if known == found else (known, ())

    desk.families.change(student_id, decide)


def _carried_out(repair: Repair, one: Step) -> Decide[Defense]:
    def decide(found: Defense | None) -> tuple[Defense, Sequence[Fact]] | None:
        edition = found.edition if found is not None else 0
        if edition != one.edition:
            # Made already, by a process that died before it could say so.
            return None
        after = _made(repair, one, found)
        return after, news(found, after)

    return decide


def _made(repair: Repair, one: Step, found: Defense | None) -> Defense:
    """Return a defense after its step."""
    if found is None:
        return one.defense(repair.school_year, repair.repair_id)
    if one.after is None:
        return found.called_off(repair.note, state=one.state)
    if found.stands:
        return found.moved(one.after, repair.note)
    return found.placed_again(
        one.after,
        repair.note,
        state=one.state,
        school_id=one.school_id,
        time_zone=one.time_zone,
        interpreter=one.interpreter,
    )
