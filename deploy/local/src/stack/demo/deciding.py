"""The second half of a season: readiness, schedules, and families are told."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from typing import Any

from stack.demo.checks import Inboxes, received
from stack.demo.context import Season
from stack.demo.expected import CHANNELS
from stack.demo.portal import MissingError, few, wait_for

#: States of a message that will be followed by another one.
ON_THEIR_WAY = frozenset({"created", "sending", "unknown"})
#: States of a run in which it is over.
APPLIED, FAILED = "applied", "failed"


def await_readiness(season: Season) -> None:
    """Wait until the platform has decided about every student in a transition grade as planned.

    Raises:
        MissingError: when its time is over; says for whom the decision is missing or another one.
    """
    planned = {sourced_id: each.value for sourced_id, each in season.expected.decided.items()}

    def missing() -> str:
        decided = readiness(season)
        return few(
            [
                f"{sourced_id} is {decided.get(sourced_id, 'undecided')}, planned {status}"
                for sourced_id, status in planned.items()
                if decided.get(sourced_id) != status
            ]
        )

    with season.teller.step("Wait for readiness") as remark:
        wait_for("readiness", missing, timeout_s=season.patience.readiness)
        remark(", ".join(f"{count} {status}" for status, count in Counter(planned.values()).most_common()))


def readiness(season: Season) -> dict[str, str]:
    """Return what the platform has decided, by the student's sourcedId."""
    return {sourced_id: each["status"] for sourced_id, each in _of_schools(season, "/v1/readiness").items()}


def schedule_defenses(season: Season) -> None:
    """Ask for a schedule of each school, wait until it is applied, and learn what was scheduled.

    Raises:
        MissingError: if a run fails, or when the time is over.
    """
    with season.teller.step("Schedule the defenses") as remark:
        for school in season.schools:
            body = {"school_id": season.school_ids[school.sourced_id]}
            key = _run_key(season, school.sourced_id, season.expected.ready_at(school))
            season.runs[school.sourced_id] = season.portal.post("/v1/schedule-runs", body, key=key)
        wait_for("the schedules", lambda: _unfinished(season), timeout_s=season.patience.schedules)
        failed = [name for name, run in season.runs.items() if run["state"] == FAILED]
        if failed:
            raise MissingError(f"the schedule of {few(failed)} failed: {season.runs[failed[0]]}")
        season.defenses = _of_schools(season, "/v1/defenses")
        remark(f"{len(season.defenses)} scheduled, {len(unplaced(season))} listed with a reason")


def unplaced(season: Season) -> dict[str, str]:
    """Return why students were not placed, by sourcedId."""
    listed = [each for run in season.runs.values() for each in run.get("unplaced", ())]
    return {sourced_id: each["reason"] for sourced_id, each in season.by_sourced_id(listed).items()}


def await_messages(season: Season) -> Inboxes:
    """Wait until every message has arrived and none is on its way, and return what was received.

    It does not fail when the time is over: the checks say what is missing.
    """
    inboxes = Inboxes({}, {})

    def missing() -> str:
        nonlocal inboxes
        inboxes = received(season.mails(), season.texts())
        lacking = {
            channel: season.expected.arrivals(season.defenses, channel) - inboxes.counts(channel)
            for channel in CHANNELS
        }
        counts = {f"{channel} at {few(absent)}": absent.total() for channel, absent in lacking.items()}
        states = message_states(season)
        counts["messages still on their way"] = sum(states.get(state, 0) for state in ON_THEIR_WAY)
        return "; ".join(f"{count} {what}" for what, count in counts.items() if count)

    with season.teller.step("Wait for the families' messages") as remark:
        try:
            wait_for("the messages", missing, timeout_s=season.patience.messages)
        except MissingError as error:
            remark(str(error))
        else:
            remark(" and ".join(f"{inboxes.counts(each).total()} {each}" for each in CHANNELS))
    return inboxes


def message_states(season: Season) -> dict[str, int]:
    """Return how many messages are in each state."""
    states: dict[str, int] = season.portal.get("/v1/messages/summary")["states"]
    return states


def _unfinished(season: Season) -> str:
    """Look at every run that is not over, and name those."""
    for name, run in season.runs.items():
        if run["state"] not in {APPLIED, FAILED} or "unplaced" not in run:
            season.runs[name] = season.portal.get(f"/v1/schedule-runs/{run['run_id']}")
    return few([name for name, run in season.runs.items() if run["state"] not in {APPLIED, FAILED}])


def _of_schools(season: Season, path: str) -> dict[str, dict[str, Any]]:
    """Return the items of a list about every school's students, by the student's sourcedId."""
    schools = season.school_ids.values()
    return season.by_sourced_id(
        each for school_id in schools for each in season.portal.items(path, school_id=school_id)
    )


def _run_key(season: Season, school: str, ready: list[str]) -> str:
    """Return the key of a run: with the same ready students and days it is the same run."""
    digest = sha256("\n".join([season.days[0].isoformat(), *sorted(ready)]).encode()).hexdigest()[:16]
    return f"demo:schedule:{school}:{digest}"
