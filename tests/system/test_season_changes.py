"""Life happens in a season: the families that it concerns hear of it once, and of nothing else."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from math import ceil
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import icalendar
import pytest
from tests.system.conftest import begun, pending, processes_of, started

from stack.demo import season as seasons
from stack.demo.checks import Inboxes, received
from stack.demo.context import Season
from stack.demo.deciding import ON_THEIR_WAY, await_messages, message_states
from stack.demo.expected import CHANNELS
from stack.demo.people import Shape
from stack.demo.portal import OFFICE, Caller, RefusedError, few, wait_for
from stack.plan import Stack

#: Of those who sit on a panel.
LOST_SHARE = 0.05
#: A change waits so long for the next one, instead of the packaged two minutes.
SETTLE_S = 3.0
#: A small school needs no more than this for a first schedule.
SEARCH_S = 2
TOLD_WITHIN_S = 180.0
NO_HOURS = {"starts": "00:00", "ends": "00:00"}

pytestmark = pytest.mark.timeout(420)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Start a stack for this module alone: what its families hear is counted to the last message."""
    directory = tmp_path_factory.mktemp("changing")
    policies = directory / "policies" / "jcps"
    policies.mkdir(parents=True)
    override(policies, "notifications", "delivery", {"waiting": {"settle_s": SETTLE_S}})
    # The season is told at whatever hour the test runs.
    override(policies, "notifications", "hours", {"quiet": dict.fromkeys(("email", "sms"), NO_HOURS)})
    override(policies, "defenses", "season", {"search": {"seconds": SEARCH_S}})
    with started(directory) as own:
        yield own


def override(policies: Path, service: str, name: str, changes: Mapping[str, Mapping[str, Any]]) -> None:
    """Write a district's own policy: the packaged one with these values."""
    versions = json.loads((files(service) / "policy" / f"{name}.json").read_text())
    for version in versions:
        for section, values in changes.items():
            version[section] |= values
    (policies / f"{name}.json").write_text(json.dumps(versions))


@pytest.fixture(scope="module")
def season(stack: Stack, shape: Shape, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Season]:
    """Give a season whose families know of their defenses."""
    with begun(stack, tmp_path_factory.mktemp("season"), shape) as told:
        for step in seasons.STEPS:
            step(told)
        assert seasons.verify(told, await_messages(told)) == []
        yield told


@contextmanager
def untold(stack: Stack) -> Iterator[None]:
    """Let nobody be told of what happens in the block before all of it has happened."""
    [notifications] = processes_of(stack, "notifications")
    notifications.suspend()
    try:
        yield
        wait_for("the outboxes", lambda: pending(stack), timeout_s=30)
    finally:
        notifications.resume()


def standing(season: Season) -> dict[str, dict[str, Any]]:
    """Return the defenses that take place, by the student's sourcedId."""
    return season.by_sourced_id(
        each
        for school_id in season.school_ids.values()
        for each in season.portal.items("/v1/defenses", school_id=school_id)
        if each["state"] == "scheduled"
    )


def whereabouts(defense: Mapping[str, Any] | None) -> tuple[str, ...] | None:
    """Return what a family is told of a defense; None if there is none."""
    return None if defense is None else tuple(defense[name] for name in ("starts_at", "ends_at", "room"))


def post(season: Season, path: str, body: Mapping[str, Any], who: Caller = OFFICE) -> Any:
    """Post something that nothing else of this run has asked for."""
    return season.portal.post(path, body, key=uuid4().hex, who=who)


def repair(season: Season, **disturbance: str) -> None:
    """Let the platform change the least that must change."""
    body = {"disturbance": disturbance, "reason": "It happened.", "preview": False}
    assert post(season, "/v1/repairs", body)["state"] == "applied"


def move(season: Season, defense_id: str, room_id: str) -> None:
    body = {
        "edition": season.portal.get(f"/v1/defenses/{defense_id}")["edition"],
        "room_id": room_id,
        "reason": "A pipe has burst.",
    }
    season.portal.put(f"/v1/defenses/{defense_id}/place", body, key=uuid4().hex)


def school_day(defense: Mapping[str, Any]) -> tuple[str, str]:
    starts_at = datetime.fromisoformat(defense["starts_at"]).astimezone(ZoneInfo(defense["time_zone"]))
    return defense["school_id"], starts_at.date().isoformat()


def inboxes_of(season: Season) -> Inboxes:
    return received(season.mails(), season.texts())


def counts(season: Season) -> dict[str, Counter[str]]:
    inboxes = inboxes_of(season)
    return {channel: inboxes.counts(channel) for channel in CHANNELS}


def with_news(season: Season, before: Mapping[str, Counter[str]], about: Collection[str]) -> Any:
    """Return how many messages each address has once the families of these students have heard once more."""
    return {channel: before[channel] + season.expected.arrivals(about, channel) for channel in CHANNELS}


def await_arrivals(season: Season, expected: Mapping[str, Counter[str]]) -> None:
    """Wait until all that is expected has arrived, and nothing more is under way."""

    def missing() -> str:
        found = counts(season)
        lacking = [
            f"{channel}: {few(absent)}"
            for channel in CHANNELS
            if (absent := expected[channel] - found[channel])
        ]
        return "; ".join(lacking) or under_way(season)

    wait_for("the news", missing, timeout_s=TOLD_WITHIN_S)


def under_way(season: Season) -> str:
    """Say what is still to be told."""
    waiting = season.portal.get("/v1/messages/summary")["facts"].get("waiting", 0)
    states = message_states(season)
    left = waiting + sum(states.get(state, 0) for state in ON_THEIR_WAY)
    return f"{left} under way" if left else ""


def await_record(season: Season, about: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what is on record of the newest revision of a defense, once it is."""
    found: list[dict[str, Any]] = []

    def missing() -> str:
        items = season.portal.items("/v1/messages", student=about["student_id"])
        newest = season.portal.get(f"/v1/defenses/{about['defense_id']}")["revision"]
        found[:] = [
            each for each in items if each["fact_id"] == about["defense_id"] and each["revision"] == newest
        ]
        return "" if found else "the record"

    wait_for("the record", missing, timeout_s=TOLD_WITHIN_S)
    return found


def test_when_panelists_drop_out_and_snow_falls_each_family_concerned_is_told_once_on_each_channel(
    stack: Stack, season: Season
) -> None:
    before, heard = standing(season), counts(season)
    seated = sorted({seat["panelist_id"] for each in before.values() for seat in each["panel"]})

    with untold(stack):
        for panelist_id in seated[: ceil(len(seated) * LOST_SHARE)]:
            repair(season, kind="panelist_lost", panelist_id=panelist_id)
        # Most losses only change a panel, of which families hear nothing; a lost day changes times.
        ((school_id, day), _) = Counter(map(school_day, before.values())).most_common(1)[0]
        repair(season, kind="day_lost", school_id=school_id, day=day)
    after = standing(season)
    changed = [name for name in before if whereabouts(before[name]) != whereabouts(after.get(name))]
    expected = with_news(season, heard, changed)
    await_arrivals(season, expected)

    assert changed
    assert set(after) <= set(before)
    assert counts(season) == expected
    inboxes = inboxes_of(season)
    for name in changed:
        for guardian in season.expected.told(name, "email"):
            assert_calendar_followed(inboxes.mails[guardian.email], before[name], after.get(name))


def entry(calendar: Any) -> Any:
    return calendar.walk("VEVENT")[0]


def assert_calendar_followed(
    mails: list[dict[str, Any]], before: Mapping[str, Any], after: Mapping[str, Any] | None
) -> None:
    """The last mail replaces the entry of those before it, or takes it out."""
    uid = f"defense-{before['defense_id']}@"
    calendars = [icalendar.Calendar.from_ical(mail["calendar"]) for mail in mails if mail["calendar"]]
    about = [each for each in calendars if str(entry(each)["uid"]).startswith(uid)]
    *_, first, last = (entry(each) for each in about)
    assert first["uid"] == last["uid"]
    assert last["sequence"] > first["sequence"]
    assert str(about[-1]["method"]) == ("REQUEST" if after else "CANCEL")
    assert str(last["status"]) == ("CONFIRMED" if after else "CANCELLED")
    if after:
        assert last.decoded("dtstart") == datetime.fromisoformat(after["starts_at"])


def test_a_defense_that_is_moved_and_moved_back_before_anybody_was_told_is_no_news(
    stack: Stack, season: Season
) -> None:
    heard = counts(season)

    with untold(stack):
        moved = moved_to_another_room(season)
        move(season, moved["defense_id"], moved["room_id"])
    record = await_record(season, moved)
    await_arrivals(season, heard)

    assert whereabouts(season.portal.get(f"/v1/defenses/{moved['defense_id']}")) == whereabouts(moved)
    assert {each["reason"] for each in record} >= {"already_told"}
    assert counts(season) == heard


def moved_to_another_room(season: Season) -> dict[str, Any]:
    """Move the first defense that fits into another room, and return it as it was."""
    known = standing(season).values()
    rooms = sorted({(each["school_id"], each["room_id"]) for each in known})
    for defense in known:
        if not season.expected.told(_sourced(season, defense["student_id"]), "email"):
            continue
        for school_id, room_id in rooms:
            if school_id == defense["school_id"] and room_id != defense["room_id"]:
                try:
                    move(season, defense["defense_id"], room_id)
                except RefusedError:
                    continue
                return defense
    pytest.fail("no defense fits into another room")


def _sourced(season: Season, student_id: str) -> str:
    return next(name for name, ours in season.student_ids.items() if ours == student_id)


def test_the_families_of_a_grade_are_invited_to_its_milestone_and_hear_when_it_moves(
    season: Season,
) -> None:
    heard = counts(season)
    starts_at = (datetime.now(UTC) + timedelta(days=2)).replace(microsecond=0)
    slot = {"starts_at": starts_at.isoformat(), "ends_at": (starts_at + timedelta(hours=1)).isoformat()}
    asked = {
        "school_id": season.school_ids["sch-101"],
        "form": "exhibition-of-learning",
        "grades": ["4"],
        "place": "Gymnasium",
        **slot,
    }

    event = post(season, "/v1/milestone-events", asked)
    invited = [_sourced(season, each) for each in event["student_ids"]]
    expected = with_news(season, heard, invited)
    await_arrivals(season, expected)
    assert invited
    assert counts(season) == expected

    moved = {"place": "Library", "reason": "The floor is wet.", "revision": event["revision"], **slot}
    season.portal.put(f"/v1/milestone-events/{event['event_id']}", moved, key=uuid4().hex)
    expected = with_news(season, expected, invited)
    await_arrivals(season, expected)

    assert counts(season) == expected
    guardian = next(each for name in invited for each in season.expected.told(name, "email"))
    first, last = (
        entry(icalendar.Calendar.from_ical(mail["calendar"]))
        for mail in inboxes_of(season).mails[guardian.email]
        if "UID:milestone-" in (mail["calendar"] or "")
    )
    assert first["uid"] == last["uid"]
    assert last["sequence"] > first["sequence"]
    assert "Library" in str(last["location"])


def test_a_family_hears_once_that_there_is_a_result_and_not_before_it_is_released(season: Season) -> None:
    heard = counts(season)
    name, defense = next(
        (name, each) for name, each in standing(season).items() if season.expected.told(name, "email")
    )

    hearing = post(season, "/v1/hearings", {"defense_id": defense["defense_id"]})
    path = f"/v1/hearings/{hearing['hearing_id']}"
    marks = [{"indicator_id": each, "level": 1} for each in hearing["indicators"]]
    for seat in defense["panel"]:
        who = Caller(seat["panelist_id"], "panelist")
        season.portal.put(f"{path}/sheet", {"round": 1, "marks": marks}, key=uuid4().hex, who=who)
    post(season, f"{path}/release", {"version": 1})
    expected = with_news(season, heard, [name])
    await_arrivals(season, expected)

    assert counts(season) == expected
    for guardian in season.expected.told(name, "email"):
        mail = inboxes_of(season).mails[guardian.email][-1]
        assert not mail["calendar"]
        assert "NOT_YET" not in mail["text"]
