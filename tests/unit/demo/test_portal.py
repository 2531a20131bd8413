"""The demo's HTTP client: pages, patience, and words for what is refused."""

from __future__ import annotations

import json
from threading import Event
from typing import Any

import pytest
import requests

from stack.demo.portal import Caller, MissingError, Portal, RefusedError, concurrently, wait_for


class Answers(requests.Session):
    """A session that gives prepared answers (status and JSON, or an error) and notes what was asked."""

    def __init__(self, *answers: tuple[int, Any] | Exception) -> None:
        super().__init__()
        self.left = list(answers)
        self.asked: list[tuple[str, str, Any, dict[str, str]]] = []

    def request(  # type: ignore[override]  # as the portal calls it
        self, method: str, url: str, **options: Any
    ) -> requests.Response:
        self.asked.append((method, url, options.get("params"), options["headers"]))
        answer = self.left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        response = requests.Response()
        response.status_code = answer[0]
        response._content = json.dumps(answer[1]).encode()
        return response


def _portal(session: Answers, patience_s: float = 5.0) -> Portal:
    def token(subject: str, role: str, students: list[str] | None) -> str:
        return f"{subject}-{role}"

    return Portal("http://gateway", token, patience_s=patience_s, open_session=lambda: session)


def test_reads_a_list_page_by_page() -> None:
    session = Answers(
        (200, {"items": [{"n": 1}], "next_cursor": "c"}), (200, {"items": [{"n": 2}], "next_cursor": None})
    )

    with _portal(session) as portal:
        found = portal.items("/v1/things", who=Caller("t-1", "scorer"), state="open")

    assert found == [{"n": 1}, {"n": 2}]
    signed = {"Authorization": "Bearer t-1-scorer"}
    assert session.asked == [
        ("GET", "http://gateway/v1/things", {"limit": "500", "state": "open"}, signed),
        ("GET", "http://gateway/v1/things", {"limit": "500", "state": "open", "cursor": "c"}, signed),
    ]


def test_calls_again_with_the_same_key_while_a_service_is_away() -> None:
    session = Answers((503, {}), requests.ConnectionError(), (201, {"id": "x"}))

    with _portal(session) as portal:
        assert portal.post("/v1/things", {}, key="k") == {"id": "x"}

    assert [headers["Idempotency-Key"] for *_, headers in session.asked] == ["k", "k", "k"]


def test_waits_for_a_service_that_has_not_heard_of_somebody_yet() -> None:
    session = Answers((404, {}), (200, {}))

    with _portal(session) as portal:
        portal.put("/v1/family-windows/s-1", {}, key="k")

    assert session.left == []


def test_says_what_was_refused_and_why() -> None:
    with (
        _portal(Answers((422, {"detail": "no such skill"}))) as portal,
        pytest.raises(RefusedError, match=r'POST /v1/artifacts as portal: 422 .*"no such skill"'),
    ):
        portal.upload("/v1/artifacts", {}, ("a.txt", b"a", "text/plain"), key="k")


def test_gives_up_after_its_patience() -> None:
    with (
        _portal(Answers((503, {"detail": "Try again in a moment."})), patience_s=-1) as portal,
        pytest.raises(RefusedError, match="GET /v1/things as district_admin: 503"),
    ):
        portal.get("/v1/things")


def test_waits_until_nothing_is_missing() -> None:
    missing = ["two", ""]

    wait_for("things", lambda: missing.pop(0), timeout_s=5)

    assert missing == []


def test_says_what_is_missing_when_the_time_is_over() -> None:
    with pytest.raises(MissingError, match="things: after 0 s there still lacks: two"):
        wait_for("things", lambda: "two", timeout_s=0)


def test_works_on_all_items_and_tells_of_each() -> None:
    done: list[int] = []

    concurrently(lambda number: number * 2, range(20), done=done.append)

    assert sorted(done) == [number * 2 for number in range(20)]


def test_the_first_failure_ends_the_work() -> None:
    begun: list[int] = []
    never = Event()

    def work(number: int) -> None:
        begun.append(number)
        # Long enough for the first failure to be heard of before all are done.
        never.wait(0.001)
        raise ValueError(number)

    with pytest.raises(ValueError, match=r"\d+"):
        concurrently(work, range(10_000), done=lambda _: None)
    assert len(begun) < 10_000
