"""Why somebody is left out of a schedule, in words that a coordinator can act on."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.defenses.season_instances import WHOLE, person, small, wish

from defenses.domain.scheduling.instance import Assignment, InterpreterPool, RoomSlots, SchoolRooms
from defenses.domain.scheduling.reasons import Shortage, reasons

TEACHER, OUTSIDER = person(0, max_per_day=6), person(1, "outside", max_per_day=6)
LAST = frozenset({5})
ONE_ROOM = (SchoolRooms(id="A", rooms=(RoomSlots(id="A0", slots=WHOLE),)),)
INTERPRETER = InterpreterPool(language="L", serves=frozenset({"A"}), capacity={5: 1})
ELSEWHERE = InterpreterPool(language="L", serves=frozenset({"B"}), capacity={5: 1})


def why(*others: Assignment, **changes: Any) -> tuple[str, ...]:
    """Return why s0, who can only come in slot 5, is left out of a schedule of s1."""
    student = {
        name: changes.pop(name) for name in ("interpreter", "conflicts", "not_with") if name in changes
    }
    language = changes.pop("other_interpreter", None)
    instance = small(wish(0, tiers={5: 0}, **student), wish(1, interpreter=language), **changes)
    found = reasons(instance, others)
    assert ("s1" in found) == (not others)
    return found["s0"]


def at(slot: int, room: str = "A0", panel: tuple[str, ...] = ("p0", "p1")) -> Assignment:
    return Assignment("s1", slot, room, panel)


_TWELVE = "s0, s1, s10, s11, s12, s13, s2, s3, s4, s5, s6, s7"
WHERE = "in 1 of the family's 1 slots (5)"


@pytest.mark.parametrize(
    ("others", "changes", "said"),
    [
        ((), {"schools": (SchoolRooms(id="A", rooms=()),)}, ("rooms: A has none",)),
        ((at(5, panel=("p2", "p3")),), {"schools": ONE_ROOM}, ("rooms: all of A are taken",)),
        ((at(5, panel=("p2", "p3")),), {"not_with": frozenset({"s1"})}, ("not_with: s1 defends",)),
        ((), {"interpreter": "L"}, ("language L: nobody interprets at A",)),
        ((), {"interpreter": "L", "interpreters": (ELSEWHERE,)}, ("language L: nobody interprets at A",)),
        (
            (at(5, panel=("p2", "p3")),),
            {"interpreter": "L", "other_interpreter": "L", "interpreters": (INTERPRETER,)},
            ("language L: all interpreters are taken",),
        ),
        (
            (),
            {"conflicts": frozenset({"p0", "p2"})},
            ("role teacher: too few are available and without a conflict",),
        ),
        (
            (),
            {"panelists": (TEACHER,)},
            ("panel: too few are available and without a conflict",),
        ),
        ((at(4),), {"panelists": (person(0, max_per_day=1), OUTSIDER)}, None),
        ((at(5),), {"panelists": (TEACHER, OUTSIDER, person(2))}, ("panel: too few are left",)),
        ((), {}, ("free: everything is there",)),
        (
            (at(4),),
            {"not_with": frozenset({"s1"}), "interpreter": "L", "interpreters": (INTERPRETER,)},
            ("free: everything is there",),
        ),
    ],
)
def test_what_is_missing_is_said(
    others: tuple[Assignment, ...], changes: dict[str, Any], said: tuple[str, ...] | None
) -> None:
    expected = said or ("panel: too few are left", "role teacher: too few are left")

    assert why(*others, **changes) == tuple(f"{each} {WHERE}" for each in expected)


def test_what_nobody_has_comes_before_what_others_have_taken() -> None:
    instance = small(
        wish(0, tiers={0: 0, 1: 0, 3: 0, 5: 0}),
        wish(1),
        schools=(SchoolRooms(id="A", rooms=(RoomSlots(id="A0", slots=frozenset({5})),)),),
    )

    assert reasons(instance, [at(5)])["s0"] == (
        "rooms: A has none in 3 of the family's 4 slots (0-1, 3)",
        "rooms: all of A are taken in 1 of the family's 4 slots (5)",
    )


def test_a_panelist_on_the_way_is_not_free() -> None:
    roaming = person(0, serves=frozenset("AB"), max_per_day=6)
    instance = small(
        wish(0, tiers={5: 0}),
        wish(1, school="B"),
        schools=(*ONE_ROOM, SchoolRooms(id="B", rooms=())),
        travel_slots={"B": {"A": 1}},
        panelists=(roaming, OUTSIDER),
    )

    found = reasons(instance, [Assignment("s1", 4, "B0", ("p0", "p9"))])

    assert found["s0"] == (f"panel: too few are left {WHERE}", f"role teacher: too few are left {WHERE}")


def test_a_family_without_windows_is_told_apart() -> None:
    assert reasons(small(wish(0, tiers={})), [])["s0"] == ("windows: the family has none in the season",)


def test_a_long_list_of_slots_is_cut() -> None:
    slots = range(0, 40, 2)
    rooms = (SchoolRooms(id="A", rooms=(RoomSlots(id="A0", slots=frozenset(slots)),)),)
    instance = small(wish(0, tiers=dict.fromkeys(slots, 0)), days=14, panelists=(), schools=rooms)

    for reason in reasons(instance, [])["s0"]:
        assert reason.endswith(
            "in 20 of the family's 20 slots (0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, …)"
        )


@pytest.mark.parametrize(
    ("proven", "said"),
    [
        (Shortage(("s0",), "room"), "impossible: no schedule has a place for this student"),
        (
            Shortage(("s1", "s0"), "outside"),
            "impossible: no schedule has places for all of s0, s1; more of outside would help",
        ),
        (
            Shortage(("s0", "s1"), ""),
            "impossible: no schedule has places for all of s0, s1; more of one thing alone would not help",
        ),
        (
            Shortage(tuple(f"s{n}" for n in range(14)), "room"),
            f"impossible: no schedule has places for all of {_TWELVE} and 2 others; more of room would help",
        ),
    ],
)
def test_what_is_proven_is_said_first(proven: Shortage, said: str) -> None:
    instance = small(wish(0, tiers={5: 0}), schools=(SchoolRooms(id="A", rooms=()),))

    found = reasons(instance, (), (proven,))

    assert found == {"s0": (said, f"rooms: A has none {WHERE}")}


def test_what_is_proven_of_others_is_not_said() -> None:
    instance = small(wish(0, tiers={}))

    assert reasons(instance, (), (Shortage(("s1",), "room"),)) == {
        "s0": ("windows: the family has none in the season",)
    }
