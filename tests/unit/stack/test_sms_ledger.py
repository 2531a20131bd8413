"""The SMS simulator's memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from stack.sms.ledger import Ledger, Message

FIRST = Message(
    sid="SM1",
    direction="outbound-api",
    to="+15025550123",
    sender="+15025550100",
    body="first",
    segments=1,
    status="queued",
    created_at="2026-03-02T10:00:00.000+00:00",
    updated_at="2026-03-02T10:00:00.000+00:00",
)
SECOND = replace(FIRST, sid="SM2", to="+15025550124", created_at="2026-03-03T10:00:00.000+00:00")
STOP = replace(
    FIRST, sid="SM3", direction="inbound", to=FIRST.sender, sender=FIRST.to, body="Stop", status="received"
)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with closing(Ledger(tmp_path)) as ledger:
        yield ledger


def test_lists_messages_newest_first(ledger: Ledger) -> None:
    ledger.put(FIRST)
    ledger.put(SECOND)
    ledger.advance("SM1", status="sent", at="2026-03-04T10:00:00.000+00:00")

    assert [message.sid for message in ledger.find()] == ["SM2", "SM1"]


def test_finds_by_recipient_and_time(ledger: Ledger) -> None:
    ledger.put(FIRST)
    ledger.put(SECOND)

    assert ledger.find(to=SECOND.to) == [SECOND]
    assert ledger.find(since="2026-03-03") == [SECOND]
    assert ledger.find(until="2026-03-03") == [FIRST]
    assert ledger.find(sender="+1") == []


def test_remembers_everything_after_a_restart(ledger: Ledger, tmp_path: Path) -> None:
    ledger.put(FIRST)
    sent = ledger.advance("SM1", status="sent", at="2026-03-02T10:00:01.000+00:00")
    ledger.put(STOP)
    ledger.close()

    with closing(Ledger(tmp_path)) as again:
        assert again.get("SM1") == sent
        assert again.unfinished() == [sent]
        assert again.opted_out == {FIRST.to}


def test_forgets_a_line_that_a_crash_cut(ledger: Ledger, tmp_path: Path) -> None:
    ledger.put(FIRST)
    ledger.close()
    with (tmp_path / "messages.jsonl").open("a") as file:
        file.write('{"sid": "SM2", "dir')

    with closing(Ledger(tmp_path)) as again:
        again.put(SECOND)

    with closing(Ledger(tmp_path)) as last:
        assert last.find() == [SECOND, FIRST]


def test_lets_those_come_back_who_send_start(ledger: Ledger) -> None:
    ledger.put(STOP)
    ledger.put(replace(STOP, sid="SM4", body="START"))

    assert ledger.opted_out == frozenset()
