"""The calendars of the demo: when schools have rooms and panelists, and when families can come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import count, islice
from typing import Any

from stack.demo.names import seeded
from stack.demo.people import School, Staff

TIME_ZONE = "America/Kentucky/Louisville"
SLOT_MINUTES = 30
SEASON_DAYS = 10
#: Families hear of a defense about four weeks ahead.
LEAD_DAYS = 28
#: First and last day of the winter break: month and day.
BREAK_BEGINS, BREAK_ENDS = (12, 19), (1, 3)
MORNING = ("08:30", "09:00", "09:30", "10:00", "10:30", "11:00")
AFTERNOON = ("12:30", "13:00", "13:30", "14:00")
OPENS, NOON, CLOSES = "08:30", "11:30", "14:30"
ROOMS = ("Library", "Room 12", "Media lab")
OUTSIDERS = 4
MOST_DEFENSES_A_DAY = 6
#: The panel role of each role in the roster; others sit on no panel.
PANEL_ROLES = {"teacher": "teacher", "principal": "administrator", "siteAdministrator": "administrator"}

Window = list[str]


def season(today: date) -> list[date]:
    """Return the school days of the season, which starts on a Monday about four weeks ahead of today."""
    earliest = today + timedelta(days=LEAD_DAYS)
    monday = earliest + timedelta(days=-earliest.weekday() % 7)
    days = (monday + timedelta(days=offset) for offset in count())
    return list(islice((day for day in days if _is_school_day(day)), SEASON_DAYS))


def school_availability(
    school: School, staff_ids: Sequence[tuple[str, Staff]], days: Sequence[date]
) -> dict[str, Any]:
    """Return the body of `PUT /v1/availability/<school_id>`.

    Args:
        school: whose availability it is.
        staff_ids: the school's staff, each with our id.
        days: the season.
    """
    wall_days = [day.isoformat() for day in days]
    insiders = [(our_id, PANEL_ROLES[each.role]) for our_id, each in staff_ids if each.role in PANEL_ROLES]
    outsiders = [(f"outside-{school.sourced_id}-{number}", "outside") for number in range(OUTSIDERS)]
    return {
        "time_zone": TIME_ZONE,
        "slot_minutes": SLOT_MINUTES,
        "days": [{"date": day, "starts_at": [*MORNING, *AFTERNOON]} for day in wall_days],
        "rooms": [
            {
                "room_id": f"{school.sourced_id}-{number}",
                "name": name,
                # The media lab has classes in the afternoon.
                "open": [[day, OPENS, NOON if name == ROOMS[-1] else CLOSES] for day in wall_days],
            }
            for number, name in enumerate(ROOMS)
        ],
        "panelists": [
            {
                "panelist_id": panelist_id,
                "role": role,
                "available": _panelist_windows(place, wall_days),
                "max_per_day": MOST_DEFENSES_A_DAY,
            }
            for place, (panelist_id, role) in enumerate([*insiders, *outsiders])
        ],
    }


def family_windows(
    ready: Sequence[str], days: Sequence[date], seed: int
) -> Mapping[str, dict[str, list[Window]]]:
    """Return the bodies of `PUT /v1/family-windows/<student_id>`, by sourcedId, for families with limits.

    Args:
        ready: sourcedIds of one school's students who will be ready.
        days: the season.
        seed: decides who has limits.
    """
    numbers = seeded(seed, "windows", *ready)
    limited = numbers.sample(sorted(ready), len(ready) // 4)
    kinds = [_before_the_season, _shorter_than_a_slot]
    return {
        student: {"windows": kinds[place](days) if place < len(kinds) else _mornings(days, place)}
        for place, student in enumerate(limited)
    }


def _is_school_day(day: date) -> bool:
    """Say whether there is school: from Monday to Friday, outside the winter break."""
    in_break = (day.month, day.day) >= BREAK_BEGINS or (day.month, day.day) <= BREAK_ENDS
    return day.weekday() < 5 and not in_break  # noqa: PLR2004 - Monday is 0, Friday 4


def _panelist_windows(place: int, wall_days: Sequence[str]) -> list[Window]:
    """Everybody is away on one day of the season, and every fourth panelist in the mornings."""
    start = AFTERNOON[0] if place % 4 == 3 else OPENS  # noqa: PLR2004 - the fourth, counted from 0
    away = place % len(wall_days)
    return [[day, start, CLOSES] for index, day in enumerate(wall_days) if index != away]


def _before_the_season(days: Sequence[date]) -> list[Window]:
    return [[(days[0] - timedelta(days=7)).isoformat(), OPENS, CLOSES]]


def _shorter_than_a_slot(days: Sequence[date]) -> list[Window]:
    return [[days[0].isoformat(), "08:35", "08:55"]]


def _mornings(days: Sequence[date], place: int) -> list[Window]:
    """Three mornings of the season."""
    return [[days[(place + step) % len(days)].isoformat(), OPENS, NOON] for step in range(3)]
