"""The judge: every hard rule of format version 1 and the cost, written by others than the solver's authors.

A copy of `shared/scheduling/check.py`, with annotations and the repository's line breaks and nothing else
changed; it shares no code with the services.
"""

# ruff: noqa: B023, B905, RUF007 - these lines are the original's
from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

#: A JSON object.
Wire = dict[str, Any]


def expand(ranges: Iterable[Sequence[int]]) -> set[int]:
    """Return the slots of ranges."""
    return {slot for first, last in ranges for slot in range(first, last + 1)}


def check(instance: Wire, solution: Wire) -> tuple[dict[str, int], list[str]]:  # noqa: C901, PLR0912, PLR0915 - the original's
    """Return (cost parts, faults). A schedule is valid when faults is empty."""
    faults: list[str] = []
    per_day = instance["slots_per_day"]
    rooms = {r["id"]: (s["id"], expand(r["available"])) for s in instance["schools"] for r in s["rooms"]}
    panelists = {p["id"]: {**p, "slots": expand(p["available"])} for p in instance["panelists"]}
    students = {s["id"]: s for s in instance["students"]}
    pools = [
        (p["language"], set(p["serves"]), {s: n for a, b, n in p["capacity"] for s in range(a, b + 1)})
        for p in instance["interpreters"]
    ]
    size, at_least, weight = (
        instance["rules"]["panel_size"],
        instance["rules"]["at_least"],
        instance["weights"],
    )
    slot_of: dict[str, int] = {}
    room_use: Counter[tuple[str, int]] = Counter()
    place: defaultdict[str, dict[int, str]] = defaultdict(dict)
    needs: list[tuple[str, str, int]] = []
    tier_cost = 0
    for a in solution["assignments"]:
        name, slot, room, panel = a["student"], a["slot"], a["room"], a["panel"]
        if name not in students or name in slot_of:
            faults.append(f"{name}: unknown or assigned twice")
            continue
        student = students[name]
        school = student["school"]
        slot_of[name] = slot
        tiers = [w["tier"] for w in student["windows"] if w["slots"][0] <= slot <= w["slots"][1]]
        if not tiers:
            faults.append(f"{name}: slot {slot} is in no family window")
        else:
            tier_cost += min(tiers)
        if room not in rooms or rooms[room][0] != school or slot not in rooms[room][1]:
            faults.append(f"{name}: room {room} is not the school's or not available in {slot}")
        room_use[room, slot] += 1
        if len(panel) != size or len(set(panel)) != size:
            faults.append(f"{name}: panel of {len(set(panel))}, not {size}")
        roles = Counter(panelists[p]["role"] for p in panel if p in panelists)
        for role, least in at_least.items():
            if roles[role] < least:
                faults.append(f"{name}: {roles[role]} {role}, at least {least}")
        for p in panel:
            if p not in panelists:
                faults.append(f"{name}: unknown panelist {p}")
                continue
            if school not in panelists[p]["serves"]:
                faults.append(f"{name}: {p} does not serve {school}")
            if slot not in panelists[p]["slots"]:
                faults.append(f"{name}: {p} is not available in {slot}")
            if p in student["conflicts"]:
                faults.append(f"{name}: {p} is a conflict")
            if slot in place[p]:
                faults.append(f"{name}: {p} is in two places in {slot}")
            place[p][slot] = school
        if student["interpreter"]:
            needs.append((student["interpreter"], school, slot))
    faults += [f"{room}: used {n} times in {slot}" for (room, slot), n in room_use.items() if n > 1]
    for name, slot in slot_of.items():
        for other in students[name].get("not_with", ()):
            if slot_of.get(other) == slot:
                faults.append(f"{name} and {other} in the same slot")
    faults += interpreter_faults(needs, pools)
    days = blocks = over = moves = 0
    for p, where in place.items():
        over += max(0, len(where) - panelists[p]["target"])
        by_day: defaultdict[int, list[int]] = defaultdict(list)
        for slot in sorted(where):
            by_day[slot // per_day].append(slot)
        for slots in by_day.values():
            days += panelists[p]["day_cost"]
            blocks += 1
            if len(slots) > panelists[p]["max_per_day"]:
                faults.append(f"{p}: {len(slots)} on one day")
            for a, b in zip(slots, slots[1:]):
                blocks += b > a + 1
                if where[a] != where[b]:
                    moves += 1
                    if b - a <= instance["travel_slots"].get(where[a], {}).get(where[b], 0):
                        faults.append(f"{p}: no time to travel between {a} and {b}")
    unscheduled = len(students) - len(slot_of)
    listed = {u["student"] for u in solution.get("unscheduled", ())}
    if listed != set(students) - set(slot_of):
        faults.append("the unscheduled students are not exactly those listed")
    parts = {
        "unscheduled": unscheduled,
        "tier": tier_cost,
        "days": days,
        "blocks": blocks,
        "over_target": over,
        "moves": moves,
    }
    parts["cost"] = (
        weight["unscheduled"] * unscheduled
        + tier_cost
        + days
        + weight["block"] * blocks
        + weight["over_target"] * over
        + weight["move"] * moves
    )
    return parts, faults


def interpreter_faults(
    needs: list[tuple[str, str, int]], pools: list[tuple[str, set[str], dict[int, int]]]
) -> list[str]:
    """Each need takes one unit of a pool; pools of one language and slot are matched by augmenting paths."""
    faults: list[str] = []
    by_key: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
    for language, school, slot in needs:
        by_key[language, slot].append(school)
    for (language, slot), schools in by_key.items():
        units = [serves for lang, serves, cap in pools if lang == language for _ in range(cap.get(slot, 0))]
        taken: dict[int, int] = {}

        def augment(i: int, seen: set[int]) -> bool:
            for u, serves in enumerate(units):
                if schools[i] in serves and u not in seen:
                    seen.add(u)
                    if u not in taken or augment(taken[u], seen):
                        taken[u] = i
                        return True
            return False

        missing = sum(not augment(i, set()) for i in range(len(schools)))
        if missing:
            faults.append(f"{missing} without an interpreter for {language} in {slot}")
    return faults
