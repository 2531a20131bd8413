"""How old the oldest message of a queue is, without touching it: from the broker's own history.

A look at the head of a quorum queue counts as a delivery, and the twentieth look would park it (decision
0008). The management API remembers each queue's depth and acknowledgements; a queue is first in, first out,
so once as many were acknowledged as lay there at some time, everything that lay there then is gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import requests

from chassis.errors import TransientError

_TIMEOUT_S = 10

#: What RabbitMQ keeps of a queue: (how far back, in which steps), in seconds.
_WINDOWS_S = ((600, 5), (3600, 60))

#: A queue reports every 5 s, so a sample may be that much behind the queue.
_REPORT_S = 5

_COLUMNS = "name,messages_details.samples,message_stats.ack_details.samples"

EXACTLY, AT_MOST, AT_LEAST = "exactly", "at_most", "at_least"


@dataclass(frozen=True)
class Oldest:
    """The age of a queue's oldest message, in seconds, and whether it is more or less than that."""

    age_s: float
    bound: str

    def __str__(self) -> str:
        """Return it as a person reads it, such as `≤ 25 s` or `> 60 min`."""
        sign = {EXACTLY: "", AT_MOST: "≤ ", AT_LEAST: "> "}[self.bound]
        for unit, seconds in (("d", 86_400), ("h", 3600), ("min", 60)):
            if self.age_s >= 2 * seconds:
                return f"{sign}{self.age_s / seconds:.0f} {unit}"
        return f"{sign}{self.age_s:.0f} s"


def oldest_by_queue(management_url: str, vhost: str) -> dict[str, Oldest]:
    """Ask for the history of all queues of a virtual host.

    Returns:
        For each queue the age that the oldest message has if there is one; no entry where the broker
        keeps no history (`management_agent.disable_metrics_collector`).

    Raises:
        TransientError: if the management API does not answer, or not as one.
    """
    try:
        with requests.Session() as session:
            nodes = _get(session, f"{management_url}/api/nodes", {"columns": "uptime"})
            # What is older than the node is no history: RabbitMQ fills it up with zeros.
            known_s = min((node["uptime"] / 1000 for node in nodes if "uptime" in node), default=0.0)
            found: dict[str, Oldest] = {}
            for window_s, step_s in _WINDOWS_S:
                address = f"{management_url}/api/queues/{quote(vhost, safe='')}"
                asked = {"columns": _COLUMNS} | {
                    f"{what}_{which}": str(value)
                    for what in ("lengths", "msg_rates")
                    for which, value in (("age", window_s), ("incr", step_s))
                }
                for row in _get(session, address, asked):
                    if row["name"] in found and found[row["name"]].bound == AT_MOST:
                        continue
                    oldest = _oldest(row, step_s, known_s)
                    if oldest is not None:
                        found[row["name"]] = oldest
    except (requests.RequestException, KeyError, TypeError, ValueError) as error:
        # Their texts may hold the address, which has a password in it.
        raise TransientError(f"the broker's management API: {type(error).__name__}") from error
    return found


def _oldest(row: Mapping[str, Any], step_s: float, known_s: float) -> Oldest | None:
    depths = _samples(row.get("messages_details"))
    done = _samples((row.get("message_stats") or {}).get("ack_details"))
    times = sorted(depths, reverse=True)
    if not times:
        return None
    done_by_now = max(done.values(), default=0)
    reach_s = 0.0
    for time_s in times:
        ago_s = times[0] - time_s
        if ago_s > known_s:
            break
        reach_s = ago_s
        if done_by_now - done.get(time_s, done_by_now) >= depths[time_s]:
            return Oldest(ago_s + step_s + _REPORT_S, AT_MOST)
    # The newest sample's time may be that of its whole step, which is not over yet.
    return Oldest(max(reach_s - step_s, 0.0), AT_LEAST)


def _samples(details: Mapping[str, Any] | None) -> dict[float, int]:
    return {each["timestamp"] / 1000: each["sample"] for each in (details or {}).get("samples", ())}


def _get(session: requests.Session, address: str, asked: Mapping[str, str]) -> list[Any]:
    answer = session.get(address, params=asked, timeout=_TIMEOUT_S)
    answer.raise_for_status()
    rows = answer.json()
    if not isinstance(rows, list):
        raise TypeError("no list")
    return rows
