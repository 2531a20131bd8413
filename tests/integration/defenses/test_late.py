"""Whoever becomes ready after publication, or is to defend again, is offered a time without a click."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.integration.defenses.defenses_world import Caller, World, eventually
from tests.integration.defenses.test_changes import placed, season
from tests.integration.defenses.test_transfers import INDICATORS

from contracts.defenses import DEFENSE_SCHEDULED
from stack.testing import RelayAddress, ServiceAddress


@pytest.fixture
def watchful(service: Callable[..., ServiceAddress], fast_policy: Path) -> ServiceAddress:
    """A district that looks at who waits all the time."""
    path = fast_policy / "jcps" / "changes.json"
    [policy] = json.loads(path.read_text())
    path.write_text(json.dumps([{**policy, "late": {"every_minutes": 0.01, "again_hours": 1}}]))
    return service("defenses", POLICY_DIR=str(fast_policy), PLANNER_LEASE_S="2")


@pytest.fixture
def world(watchful: ServiceAddress, vhost: str) -> Iterator[World]:
    found = World(vhost)
    yield found
    found.close()


def test_late_students_and_redefenses_are_placed_by_themselves_and_told_once(
    world: World, watchful: ServiceAddress, relay: Callable[..., RelayAddress]
) -> None:
    office = Caller(watchful.url, watchful.token("office", "coordinator"))
    season(world, office, 1, teachers=6, outsiders=4)
    first = placed(office, "s-0")
    world.student("s-late")
    world.scores("s-late")
    opened = office.send(
        "POST", "/v1/hearings", {"defense_id": first["defense_id"], "form": "in_person"}
    ).json()
    for each in first["panel"]:
        panelist = Caller(watchful.url, watchful.token(each["panelist_id"], "panelist", None, "jcps"))
        marks = [{"indicator_id": one, "level": 1, "note": "Not yet."} for one in INDICATORS]
        panelist.put(f"/v1/hearings/{opened['hearing_id']}/sheet", {"round": 1, "marks": marks})

    late = eventually(lambda: office.items("/v1/defenses", student_id="s-late"))
    both = eventually(
        lambda: len(found := office.items("/v1/defenses", student_id="s-0")) == 2 and found, timeout_s=60
    )

    assert (late[0]["state"], late[0]["revision"]) == ("scheduled", 1)
    again = max(both, key=lambda each: each["attempt"])
    assert (again["attempt"], again["state"]) == (2, "scheduled")
    assert not {one["panelist_id"] for one in again["panel"]} & {one["panelist_id"] for one in first["panel"]}
    assert first in both
    relay("defenses")
    heard = eventually(lambda: len(world.heard(DEFENSE_SCHEDULED)) == 3 and world.heard(DEFENSE_SCHEDULED))
    assert {event.subject for event in heard} == {
        first["defense_id"],
        late[0]["defense_id"],
        again["defense_id"],
    }
