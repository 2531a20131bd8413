"""The driver of the season, on a platform in memory."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from tests.unit.demo.fake_platform import FakePlatform

from stack.demo import availability, season
from stack.demo.context import Patience, Season
from stack.demo.deciding import await_messages, unplaced
from stack.demo.district import DEMO_SEED, demo_shape
from stack.demo.expected import Expected, expect
from stack.demo.portal import MissingError
from stack.demo.report import Teller

SMALL = replace(demo_shape(), students=60)
NO_PATIENCE = Patience(roster=0, scores=0, readiness=0, schedules=0, messages=0)
Begin = Callable[[FakePlatform], Season]


@pytest.fixture(scope="module")
def expected() -> Expected:
    return expect(SMALL, DEMO_SEED)


@pytest.fixture
def platform(expected: Expected) -> FakePlatform:
    return FakePlatform(expected)


@pytest.fixture
def begin(expected: Expected, tmp_path: Path) -> Begin:
    def started(platform: FakePlatform) -> Season:
        portal: Any = platform
        return Season(
            portal=portal,
            teller=Teller(Console(file=io.StringIO(), width=200)),
            expected=expected,
            seed=DEMO_SEED,
            folder=tmp_path,
            days=availability.season(date(2026, 11, 22)),
            roster_import=platform.imported.append,
            mail_url="http://mail",
            sms_url="http://sms",
            mails=platform.mails,
            texts=platform.texts,
            patience=NO_PATIENCE,
        )

    return started


def _drive(run: Season) -> list[str]:
    for step in season.STEPS:
        step(run)
    return season.verify(run, await_messages(run))


def test_a_season_ends_with_every_family_told(platform: FakePlatform, begin: Begin, tmp_path: Path) -> None:
    run = begin(platform)

    assert _drive(run) == []

    assert platform.imported == [tmp_path / "bundle"]
    assert len(platform.calendars) == 3
    placed = set(run.defenses) | set(unplaced(run))
    assert placed == {each for school in run.schools for each in run.expected.ready_at(school)}
    assert len(platform.sent["email"]) > 20


def test_a_second_season_on_the_same_platform_changes_nothing(platform: FakePlatform, begin: Begin) -> None:
    _drive(begin(platform))
    sent = {channel: len(messages) for channel, messages in platform.sent.items()}

    assert _drive(begin(platform)) == []

    assert {channel: len(messages) for channel, messages in platform.sent.items()} == sent


def test_shows_the_table_and_one_familys_messages(platform: FakePlatform, begin: Begin) -> None:
    run = begin(platform)
    _drive(run)

    season.show(run, await_messages(run))

    output: Any = run.teller.console.file
    shown = output.getvalue()
    assert "60 in 3 schools" in shown
    assert "no family time" in shown
    assert "http://mail/mails/" in shown
    assert "Dear family [in brackets]" in shown
    assert "Parts: text, HTML, calendar invite" in shown


def test_says_whose_email_is_missing_and_who_got_it_twice(
    platform: FakePlatform, begin: Begin, expected: Expected
) -> None:
    rehearsal = begin(FakePlatform(expected))
    _drive(rehearsal)
    told = list(expected.arrivals(rehearsal.defenses, "email"))
    platform.loses, platform.doubles = {told[0]}, {told[-1]}

    differences = _drive(begin(platform))

    assert differences == [
        f"email did not arrive at 1 ({told[0]})",
        f"email arrived more often than once a student at 1 ({told[-1]})",
    ]


def test_says_which_artifacts_lack_a_score(platform: FakePlatform, begin: Begin, expected: Expected) -> None:
    forgotten = expected.evidence[0]
    platform.forgets = {forgotten.title}

    with pytest.raises(MissingError, match=r"no score came for \d+ \(demo:s-"):
        _drive(begin(platform))


def test_says_what_of_the_roster_is_missing(platform: FakePlatform, begin: Begin, expected: Expected) -> None:
    smaller = replace(expected, students=dict(list(expected.students.items())[1:]))
    run = begin(FakePlatform(smaller))

    with pytest.raises(
        MissingError, match=r"the roster: after 0 s there still lacks: students 1 \(s-000000\)"
    ):
        _drive(run)


def test_a_folders_season_keeps_its_days(tmp_path: Path) -> None:
    (tmp_path / "season.json").write_text('{"began_on": "2026-11-22"}')

    with season.begin(_nowhere(), tmp_path, Console(file=io.StringIO()), shape=SMALL) as run:
        assert run.days[0] == date(2027, 1, 4)


def _nowhere() -> season.Platform:
    return season.Platform(
        gateway_url="http://localhost:1",
        mail_url="http://localhost:1",
        sms_url="http://localhost:1",
        token=lambda *_: "token",
        roster_import=lambda _: None,
    )
