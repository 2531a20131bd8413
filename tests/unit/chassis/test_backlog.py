"""How old a queue's oldest message is, from what the broker remembers of the queue."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from chassis.errors import TransientError
from chassis.operating.backlog import AT_LEAST, AT_MOST, EXACTLY, Oldest, oldest_by_queue

NOW_MS = 1_795_332_885_000
DAY_MS = 86_400_000


def history(depths: list[int], acks: list[int] | None, *, step_s: int = 5) -> dict[str, Any]:
    """Return what the management API says of a queue; both are newest first, a step apart."""

    def samples(values: list[int]) -> dict[str, Any]:
        return {
            "samples": [
                {"sample": value, "timestamp": NOW_MS - place * step_s * 1000}
                for place, value in enumerate(values)
            ]
        }

    stats = {} if acks is None else {"message_stats": {"ack_details": samples(acks)}}
    return {"name": "q", "messages_details": samples(depths), **stats}


class Answer:
    """What the broker's management API says."""

    def __init__(self, document: Any) -> None:
        self._document = document

    def raise_for_status(self) -> None:
        pass

    def json(self) -> Any:
        return self._document


def ask(
    monkeypatch: pytest.MonkeyPatch, fine: Any, coarse: Any = None, *, uptime_ms: int = DAY_MS
) -> dict[str, Oldest]:
    queues = {"5": [fine], "60": [coarse] if coarse else []}

    def get(_session: Any, address: str, *, params: dict[str, str], **_: Any) -> Answer:
        if address.endswith("/api/nodes"):
            return Answer([{"uptime": uptime_ms}])
        assert address.endswith("/api/queues/a%2Fb")
        return Answer(queues[params["lengths_incr"]])

    monkeypatch.setattr(requests.Session, "get", get)
    return oldest_by_queue("http://user:secret@rabbit:15672", "a/b")


def test_what_lay_there_is_gone_once_as_much_was_acknowledged(monkeypatch: pytest.MonkeyPatch) -> None:
    # 15 s ago ten lay there, and ten were acknowledged since; 10 s ago it were twenty.
    fine = history([10, 20, 20, 10, 0], [10, 0, 0, 0, 0])

    # And a step and a report later, as the samples may lag that much behind.
    assert ask(monkeypatch, fine) == {"q": Oldest(25, AT_MOST)}


def test_a_queue_that_was_empty_just_now_is_young(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask(monkeypatch, history([4, 0, 0], None)) == {"q": Oldest(15, AT_MOST)}


def test_a_backlog_of_more_than_ten_minutes_is_found_in_the_coarse_history(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fine = history([900] * 121, [5] * 121)
    coarse = history([900] * 30 + [0] * 31, [5] * 61, step_s=60)

    assert ask(monkeypatch, fine, coarse) == {"q": Oldest(30 * 60 + 65, AT_MOST)}


def test_a_backlog_beyond_all_history_is_at_least_that_old(monkeypatch: pytest.MonkeyPatch) -> None:
    coarse = history([900] * 61, [5] * 61, step_s=60)

    assert ask(monkeypatch, history([900] * 121, None), coarse) == {"q": Oldest(3540, AT_LEAST)}


def test_zeros_from_before_the_broker_started_are_no_history(monkeypatch: pytest.MonkeyPatch) -> None:
    fine = history([900, 900, 900, 0, 0], None)

    assert ask(monkeypatch, fine, uptime_ms=12_000) == {"q": Oldest(5, AT_LEAST)}


def test_a_broker_that_keeps_no_history_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask(monkeypatch, {"name": "q"}) == {}


def test_an_api_that_refuses_is_told_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise requests.ConnectionError("http://user:secret@rabbit:15672")

    monkeypatch.setattr(requests.Session, "get", refuse)

    with pytest.raises(TransientError, match=r"^the broker's management API: ConnectionError$"):
        oldest_by_queue("http://user:secret@rabbit:15672", "/")


@pytest.mark.parametrize(
    ("oldest", "shown"),
    [
        (Oldest(0.4, EXACTLY), "0 s"),
        (Oldest(25, AT_MOST), "≤ 25 s"),
        (Oldest(119, AT_MOST), "≤ 119 s"),
        (Oldest(3600, AT_LEAST), "> 60 min"),
        (Oldest(10_800, EXACTLY), "3 h"),
        (Oldest(400_000, EXACTLY), "5 d"),
    ],
    ids=str,
)
def test_an_age_is_short_to_read(oldest: Oldest, shown: str) -> None:
    assert str(oldest) == shown
