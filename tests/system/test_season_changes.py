"""Panelists drop out and snow falls: each family whose defense changes hears of it once, and nobody else."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from math import ceil
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from rich.console import Console
from tests.system.conftest import _free_base, import_roster

from stack import control, plan, ports, processes
from stack.demo import season as seasons
from stack.demo.checks import Inboxes, received
from stack.demo.context import Season
from stack.demo.deciding import ON_THEIR_WAY, await_messages, message_states
from stack.demo.district import demo_shape
from stack.demo.expected import CHANNELS
from stack.demo.people import Shape
from stack.demo.portal import few, wait_for
from stack.plan import Stack

#: Of those who sit on a panel.
LOST_SHARE = 0.05
#: A change settles for two minutes before families hear of it; then they are told within seconds.
TOLD_WITHIN_S = 300.0

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Start a stack for this module alone: what families of a season hear is counted to the last message."""
    own = plan.local_stack(tmp_path_factory.mktemp("stack"), ports.from_base(_free_base()))
    supervisor = control.start(own)
    try:
        control.wait_ready(own, supervisor)
        yield own
    finally:
        control.stop(own)
        supervisor.wait(30)
    assert processes.marked(own.marker) == []


@pytest.fixture
def season(stack: Stack, tmp_path: Path) -> Iterator[Season]:
    whole = demo_shape()
    shape = Shape(**{**{name: getattr(whole, name) for name in whole.__dataclass_fields__}, "students": 60})
    platform = seasons.Platform(
        gateway_url=stack.gateway.url,
        mail_url=stack.gateway.pages["Mails"].rstrip("/"),
        sms_url=stack.gateway.pages["Text messages"].rstrip("/"),
        token=stack.keys.token,
        roster_import=lambda bundle: import_roster(stack, bundle),
    )
    with seasons.begin(platform, tmp_path / "season", Console(file=io.StringIO()), shape=shape) as begun:
        yield begun


def planned(season: Season) -> dict[str, dict[str, Any]]:
    """Return the defenses that take place, by the student's sourcedId."""
    return season.by_sourced_id(
        each
        for school_id in season.school_ids.values()
        for each in season.portal.items("/v1/defenses", school_id=school_id)
        if each["state"] == "scheduled"
    )


def repair(season: Season, **disturbance: str) -> None:
    """Let the platform change the least that must change."""
    key = ":".join(["test", *disturbance.values()])
    body = {"disturbance": disturbance, "reason": "It happened.", "preview": False}
    answer = season.portal.post("/v1/repairs", body, key=key)
    assert answer["state"] == "applied"


def whereabouts(defense: dict[str, Any] | None) -> tuple[str, ...] | None:
    """Return what a family is told of a defense; None if there is none."""
    return None if defense is None else tuple(defense[name] for name in ("starts_at", "ends_at", "room"))


def school_day(defense: dict[str, Any]) -> tuple[str, str]:
    starts_at = datetime.fromisoformat(defense["starts_at"]).astimezone(ZoneInfo(defense["time_zone"]))
    return defense["school_id"], starts_at.date().isoformat()


def under_way(season: Season) -> int:
    facts: dict[str, int] = season.portal.get("/v1/messages/summary")["facts"]
    states = message_states(season)
    return sum(states.get(state, 0) for state in ON_THEIR_WAY) + facts.get("waiting", 0)


def await_arrivals(season: Season, expected: dict[str, Counter[str]]) -> Inboxes:
    """Wait until all that is expected has arrived and nothing more is under way."""

    def missing() -> str:
        inboxes = received(season.mails(), season.texts())
        lacking = [
            f"{channel}: {few(absent)}"
            for channel in CHANNELS
            if (absent := expected[channel] - inboxes.counts(channel))
        ]
        return "; ".join(lacking) or (f"{left} under way" if (left := under_way(season)) else "")

    wait_for("the news", missing, timeout_s=TOLD_WITHIN_S)
    return received(season.mails(), season.texts())


def test_each_family_whose_defense_changes_is_told_once_on_each_channel_and_nobody_else(
    season: Season,
) -> None:
    for step in seasons.STEPS:
        step(season)
    at_first = await_messages(season)
    assert seasons.verify(season, at_first) == []
    before = planned(season)

    seated = sorted({seat["panelist_id"] for each in before.values() for seat in each["panel"]})
    for panelist_id in seated[: ceil(len(seated) * LOST_SHARE)]:
        repair(season, kind="panelist_lost", panelist_id=panelist_id)
    # Most losses only change a panel, of which families hear nothing; a lost day changes times.
    ((school_id, day), _) = Counter(map(school_day, before.values())).most_common(1)[0]
    repair(season, kind="day_lost", school_id=school_id, day=day)

    after = planned(season)
    changed = [name for name in before if whereabouts(before[name]) != whereabouts(after.get(name))]
    expected = {
        channel: at_first.counts(channel) + season.expected.arrivals(changed, channel) for channel in CHANNELS
    }
    inboxes = await_arrivals(season, expected)

    assert changed
    assert set(after) <= set(before)
    assert {channel: inboxes.counts(channel) for channel in CHANNELS} == expected
    for name in changed:
        for guardian in season.expected.told(name, "email"):
            assert_calendar_followed(inboxes.mails[guardian.email], before[name], after.get(name))


def entry(calendar: Any) -> Any:
    return calendar.walk("VEVENT")[0]


def assert_calendar_followed(
    mails: list[dict[str, Any]], before: dict[str, Any], after: dict[str, Any] | None
) -> None:
    """The entry of the first mail is replaced by that of the last one, or taken out."""
    uid = f"defense-{before['defense_id']}@"
    calendars = [icalendar.Calendar.from_ical(mail["calendar"]) for mail in mails]
    about = [each for each in calendars if str(entry(each)["uid"]).startswith(uid)]
    first, last = (entry(each) for each in about)
    assert first["uid"] == last["uid"]
    assert last["sequence"] > first["sequence"]
    assert str(about[-1]["method"]) == ("REQUEST" if after else "CANCEL")
    assert str(last["status"]) == ("CONFIRMED" if after else "CANCELLED")
    if after:
        assert last.decoded("dtstart") == datetime.fromisoformat(after["starts_at"])
