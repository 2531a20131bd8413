"""A whole district scheduled through the service: `python -m scheduling.through_http`.

The district is generated and kept in the document store as the service keeps it, with ready students and
without defenses. Then one request asks for all schools, as drafts; the bench polls it like a portal, judges
what stands by the hard rules over HTTP's answers, publishes, and waits until all is public.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import psutil
import requests

from chassis import mongo
from chassis.outbox import UnitOfWork
from defenses import documents
from defenses.entrypoints.policies import DistrictRules, read_policies
from defenses.repository import Schools
from scheduling import generate
from scheduling.generate import Wire
from scheduling.repairing import NOW, ZONE, build, keep
from stack import broker as brokers
from stack import testing

_DATABASE = "bench_season"
_TIMEOUT_S = 120.0
_PATIENCE_S = 3600.0
_POLL_S = 1.0


class Portal:
    """Calls the service, and notes how long it took to answer."""

    def __init__(self, address: testing.ServiceAddress) -> None:
        self._url = address.url
        self._session = requests.Session()
        self._session.trust_env = False
        token = address.token("bench", "coordinator", None, "jcps")
        self._session.headers["Authorization"] = f"Bearer {token}"
        self.slowest_s = 0.0
        self.answers = 0

    def call(
        self, method: str, path: str, body: Wire | None = None, query: dict[str, str] | None = None
    ) -> Any:
        """Return the answer's JSON."""
        began = time.monotonic()
        headers = {"Idempotency-Key": uuid4().hex}
        answer = self._session.request(
            method, self._url + path, json=body, params=query, headers=headers, timeout=_TIMEOUT_S
        )
        self.slowest_s = max(self.slowest_s, time.monotonic() - began)
        self.answers += 1
        answer.raise_for_status()
        return answer.json()

    def wait(self, path: str, until: Callable[[Any], bool]) -> Any:
        """Ask again and again until the answer is what one waits for."""
        deadline = time.monotonic() + _PATIENCE_S
        while not until(found := self.call("GET", path)):
            if time.monotonic() > deadline:
                raise TimeoutError(path)
            time.sleep(_POLL_S)
        return found

    def defenses(self) -> list[dict[str, Any]]:
        """Return all defenses of the district."""
        found: list[dict[str, Any]] = []
        query = {"limit": "500"}
        while True:
            page = self.call("GET", "/v1/defenses", query=query)
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            query["cursor"] = page["next_cursor"]


def faults(defenses: list[dict[str, Any]], travel: timedelta) -> list[str]:
    """Return what nobody can do: two defenses in a room at once, or a person in two places."""
    rooms: defaultdict[tuple[str, str], list[Any]] = defaultdict(list)
    people: defaultdict[str, list[Any]] = defaultdict(list)
    for each in defenses:
        span = (datetime.fromisoformat(each["starts_at"]), datetime.fromisoformat(each["ends_at"]))
        rooms[each["school_id"], each["room_id"]].append((*span, each["school_id"]))
        for seat in each["panel"]:
            people[seat["panelist_id"]].append((*span, each["school_id"]))
    found = []
    for who, spans in [*rooms.items(), *people.items()]:
        spans.sort()
        for (_, end, here), (start, _, there) in pairwise(spans):
            if start < end + (travel if here != there else timedelta()):
                found.append(f"{who} at {start}")
    return found


def measure(portal: Portal, service: psutil.Process, students: int) -> None:
    """Schedule, judge and publish the district, and print what it took."""
    began = time.monotonic()
    asked = portal.call("POST", "/v1/season-runs", {"publish": False})
    path = f"/v1/season-runs/{asked['season_run_id']}"
    print(f"asked for: {len(asked['runs'])} runs, {time.monotonic() - began:.1f} s", flush=True)
    done = portal.wait(path, lambda run: run["state"] not in {"queued", "running"})
    took = time.monotonic() - began
    print(
        f"{done['state']} in {took:.0f} s: placed {done['placed']} of {students}, "
        f"left out {done['unplaced']}; slowest of {portal.answers} answers {portal.slowest_s * 1000:.0f} ms, "
        f"service {service.memory_info().rss / 2**20:.0f} MiB",
        flush=True,
    )
    proven = [run for run in done["runs"] if run["lower_bound"] is not None]
    cost, bound = (sum(run[name] for run in proven) for name in ("cost", "lower_bound"))
    print(
        f"cost {sum(run['cost'] or 0 for run in done['runs'])}; with a proof {len(proven)} runs, "
        f"which cost {cost}, at least {bound:.0f}; searching {_searching_s(done):.0f} s of it"
    )
    drafts = portal.defenses()
    wrong = faults(drafts, timedelta(minutes=30))
    print(f"{len(drafts)} drafts, faults: {len(wrong)} {wrong[:3]}", flush=True)
    began = time.monotonic()
    portal.call("POST", f"{path}/publish", {"reason": "The season is ready."})
    public = portal.wait(path, lambda run: run["state"] not in {"queued", "running"})
    states = {each["state"] for each in portal.defenses()}
    print(
        f"published in {time.monotonic() - began:.0f} s: {states}, "
        f"{sum(run['published_at'] is not None for run in public['runs'])} runs"
    )


def _searching_s(season_run: dict[str, Any]) -> float:
    return sum(run["seconds"] or 0 for run in season_run["runs"])


def main() -> None:
    """Print what a district takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schools", type=int, default=20, help="of a district of 165 and 22,000 students")
    parser.add_argument("--one-component", action="store_true", help="sharing ties all schools together")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    wire = first_of(generate.district(options.seed, one_component=options.one_component), options.schools)
    district = replace(build(wire), defenses=[], waiting=[])
    policies = read_policies(SimpleNamespace(policy_dir=""))
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        directory = Path(folder)
        store = stack.enter_context(testing.running_store(directory / "store"))
        mongo.connect(store.mongo_url, _DATABASE)
        mongo.create_indexes(documents)
        keep(district, DistrictRules(policies, "jcps", NOW))
        schools = Schools(UnitOfWork(district="jcps", cause="seed"))
        for school_id in district.availabilities:
            schools.apply(school_id, 1, {"name": school_id, "time_zone": ZONE, "active": True})
        mongo.disconnect()
        broker = stack.enter_context(testing.running_broker(directory / "broker"))
        address = stack.enter_context(
            testing.running_service(
                "defenses",
                directory / "service",
                amqp_url=brokers.add_vhost(broker.node, "bench"),
                mongo_url=store.mongo_url,
                database=_DATABASE,
            )
        )
        print(
            f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, load {os.getloadavg()[0]:.1f}; "
            f"{len(district.availabilities)} schools, {len(wire['students'])} students",
            flush=True,
        )
        measure(Portal(address), psutil.Process(address.process.pid), len(wire["students"]))


def first_of(wire: Wire, count: int) -> Wire:
    """Return the part of a district that its first schools are; they come in clusters of five."""
    kept = [each["id"] for each in wire["schools"][:count]]
    people = [
        {**each, "serves": [school for school in each["serves"] if school in kept]}
        for each in wire["panelists"]
        if set(each["serves"]) & set(kept)
    ]
    students = [each for each in wire["students"] if each["school"] in kept]
    ids, names = {each["id"] for each in students}, {each["id"] for each in people}
    return {
        **wire,
        "schools": wire["schools"][:count],
        "travel_slots": {},
        "panelists": people,
        "interpreters": [],
        "students": [
            {
                **each,
                "conflicts": [one for one in each["conflicts"] if one in names],
                "not_with": [one for one in each["not_with"] if one in ids],
            }
            for each in students
        ],
    }


if __name__ == "__main__":
    main()
