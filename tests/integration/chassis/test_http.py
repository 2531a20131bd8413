"""HTTP in: who may, what is wrong, once, and whether or not the broker is there."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from probe import Probe, eventually
from stack.testing import ServiceAddress

PROBLEM = "application/problem+json"


class Portal:
    """A district's portal."""

    def __init__(self, ledger: ServiceAddress) -> None:
        self.url = ledger.url
        self.token = ledger.token("portal", "portal")

    def call(self, method: str, path: str, *, token: str | None = None, **options: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {token or self.token}", **options.pop("headers", {})}
        return requests.request(method, self.url + path, headers=headers, timeout=10, **options)

    def record(self, thing: str, **options: Any) -> requests.Response:
        return self.call("POST", "/v1/effects", json={"thing_id": thing}, **options)


@pytest.fixture
def portal(ledger: ServiceAddress) -> Portal:
    return Portal(ledger)


def test_writes_state_and_leaves_the_event_to_the_relay(portal: Portal, probe: Probe, thing: str) -> None:
    answer = portal.record(thing)

    assert (answer.status_code, answer.json()) == (201, {"thing_id": thing, "times": 1})
    [raw] = probe.database["effects"].find({"_id": thing})
    assert raw["pending"] is True
    assert [event["type"] for event in raw["handled"][0]["events"]] == ["ledger.effect.recorded.v1"]


def test_the_same_idempotency_key_is_the_same_call(portal: Portal, probe: Probe, thing: str) -> None:
    answers = [portal.record(thing, headers={"Idempotency-Key": thing}) for _ in range(3)]

    assert [answer.json()["times"] for answer in answers] == [1, 1, 1]
    assert probe.effect(thing) == 1


def test_two_callers_with_the_same_key_are_two_calls(
    portal: Portal, ledger: ServiceAddress, thing: str
) -> None:
    other = ledger.token("another-portal", "portal")

    portal.record(thing, headers={"Idempotency-Key": "k"})
    answer = portal.record(thing, headers={"Idempotency-Key": "k"}, token=other)

    assert answer.json()["times"] == 2


@pytest.mark.parametrize(
    ("options", "status", "errors"),
    [
        ({"json": {}}, 422, [{"field": "thing_id", "reason": "Missing data for required field."}]),
        ({"json": {"thing_id": 3}}, 422, [{"field": "thing_id", "reason": "Not a valid string."}]),
        ({"json": {"thing_id": "a", "x": 1}}, 422, [{"field": "x", "reason": "Unknown field."}]),
        ({"json": []}, 422, [{"field": "body", "reason": "must be a JSON object"}]),
        ({"data": "thing"}, 422, [{"field": "Content-Type", "reason": "must be application/json"}]),
        ({"json": {"thing_id": "refused"}}, 422, [{"field": "thing_id", "reason": "this thing is refused"}]),
    ],
)
def test_a_wrong_request_is_told_which_field_and_why(
    portal: Portal, options: Any, status: int, errors: Any
) -> None:
    answer = portal.call("POST", "/v1/effects", **options)

    assert (answer.status_code, answer.headers["Content-Type"]) == (status, PROBLEM)
    assert answer.json()["errors"] == errors


def test_our_own_fault_says_nothing_to_the_caller_and_no_personal_data_to_the_log(
    portal: Portal, ledger: ServiceAddress
) -> None:
    answer = portal.record("broken")

    assert (answer.status_code, answer.headers["Content-Type"]) == (500, PROBLEM)
    assert answer.json()["detail"] == "Something went wrong on our side."
    assert "Jane" not in answer.text + ledger.log.read_text()


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [("/v1/nothing", "GET", 404), ("/v1/effects", "DELETE", 405), ("/v1/effects/none", "GET", 404)],
)
def test_what_is_not_there_is_a_problem_too(portal: Portal, path: str, method: str, status: int) -> None:
    answer = portal.call(method, path)

    assert (answer.status_code, answer.headers["Content-Type"]) == (status, PROBLEM)


def test_nobody_and_the_wrong_role_are_refused(portal: Portal, ledger: ServiceAddress) -> None:
    wrong = portal.call("GET", "/v1/effects", token=ledger.token("t-1", "teacher"))
    nobody = requests.get(f"{ledger.url}/v1/effects", timeout=10)

    assert (wrong.status_code, nobody.status_code) == (403, 401)
    assert nobody.headers["WWW-Authenticate"] == "Bearer"


def test_another_district_sees_nothing(portal: Portal, ledger: ServiceAddress, thing: str) -> None:
    portal.record(thing)
    elsewhere = ledger.token("portal", "portal", district="fayette")

    assert portal.call("GET", f"/v1/effects/{thing}").status_code == 200
    assert portal.call("GET", f"/v1/effects/{thing}", token=elsewhere).status_code == 404
    assert portal.call("GET", "/v1/effects", token=elsewhere).json() == {"items": [], "next_cursor": None}


def test_a_list_is_paged_without_gaps_or_doubles(portal: Portal, ledger: ServiceAddress, thing: str) -> None:
    token = ledger.token("portal", "portal", district=f"district-{thing}")
    things = [f"{thing}-{number}" for number in range(5)]
    for each in things:
        portal.record(each, token=token)

    seen, cursor = [], None
    while True:
        page = portal.call(
            "GET", "/v1/effects", token=token, params={"limit": 2, **({"cursor": cursor} if cursor else {})}
        ).json()
        seen += [item["thing_id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert seen == things


def test_describes_itself_and_shows_metrics(portal: Portal, probe: Probe, thing: str) -> None:
    probe.tell(thing)
    assert eventually(lambda: probe.echo(thing) == 1)

    document = portal.call("GET", "/openapi.json").json()
    metrics = portal.call("GET", "/metrics").text

    assert {"/v1/effects", "/v1/effects/{thing_id}", "/livez", "/readyz"} <= set(document["paths"])
    assert (
        'events_processed_total{event_type="probe.thing.happened.v1",handler="on_thing_happened"' in metrics
    )
    assert thing not in metrics


def test_answers_although_the_broker_is_out_of_reach(start_ledger: Any, probe: Probe, thing: str) -> None:
    with start_ledger(AMQP_URL="amqp://nobody:x@127.0.0.1:1/", ready="/livez") as ledger:
        answer = Portal(ledger).record(thing)
        missing = requests.get(f"{ledger.url}/readyz", timeout=10).json()["missing"]

    assert answer.status_code == 201
    assert missing == ["consumers"]
    assert probe.effect(thing) == 1


def test_is_not_ready_while_an_event_waits_too_long_for_the_relay(
    start_ledger: Any, probe: Probe, thing: str
) -> None:
    with start_ledger(OUTBOX_LIMIT_S="1", ready="/livez") as ledger:
        Portal(ledger).record(thing)

        def missing() -> list[str]:
            found: list[str] = requests.get(f"{ledger.url}/readyz", timeout=10).json()["missing"]
            return found

        assert eventually(lambda: missing() == ["outbox"])
        probe.database["effects"].update_many({}, {"$set": {"pending": False}})
        assert eventually(lambda: missing() == [])
