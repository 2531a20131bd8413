"""Policies about wishes and hours are refused at the start, where they are wrong."""

import json
from copy import deepcopy
from datetime import date, time
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from chassis.policy import PolicyError
from notifications.domain.hours import Quiet
from notifications.domain.messages import CANCELLING, Purpose
from notifications.domain.preferences import Frequency
from notifications.domain.roster import Channel
from notifications.domain.suppressions import Wish, Word, plain_words
from notifications.repository import DistrictPolicies

TODAY = date(2026, 11, 30)


def packaged(name: str) -> dict[str, Any]:
    [version] = json.loads((files("notifications") / "policy" / f"{name}.json").read_text())
    found: dict[str, Any] = version
    return found


def with_own(directory: Path, name: str, version: dict[str, Any]) -> DistrictPolicies:
    (directory / "jcps").mkdir()
    (directory / "jcps" / f"{name}.json").write_text(json.dumps([version]))
    return DistrictPolicies(str(directory))


def test_the_packaged_wishes_are_what_a_district_can_start_with() -> None:
    rules = DistrictPolicies("").rules("jcps", on=TODAY)

    assert rules.preferences.is_all_must_know("defenses")
    assert not rules.preferences.is_all_must_know("reminders")
    assert set(rules.preferences.must_know) >= CANCELLING
    usual = [each for topic in rules.preferences.topics.values() for each in topic.usual.values()]
    assert set(usual) == {Frequency.NOW}
    assert rules.hours.quiet[Channel.SMS] == Quiet(time(21), time(8))
    assert set(rules.hours.same_day) >= {Purpose.DEFENSE_MOVED, *CANCELLING}


def test_a_purpose_in_no_topic_or_in_two_stops_the_start(tmp_path: Path) -> None:
    lost, doubled = deepcopy(packaged("preferences")), deepcopy(packaged("preferences"))
    lost["topics"]["reminders"]["purposes"].pop()
    doubled["topics"]["reminders"]["purposes"].append("milestone_missed")
    for number, wrong in enumerate((lost, doubled)):
        folder = tmp_path / str(number)
        folder.mkdir()
        with pytest.raises(PolicyError, match="exactly one topic"):
            with_own(folder, "preferences", wrong)


def test_a_zone_that_nobody_knows_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="time_zone"):
        with_own(tmp_path, "hours", {**packaged("hours"), "time_zone": "Mars/Olympus"})


def test_a_district_may_have_no_quiet_hours(tmp_path: Path) -> None:
    policies = with_own(tmp_path, "hours", {**packaged("hours"), "quiet": {}})

    assert policies.rules("jcps", on=TODAY).hours.quiet == {}
    assert policies.rules("other", on=TODAY).hours.quiet != {}


@pytest.mark.parametrize("word", ["stop", "quit", "revoke", "opt out", "cancel", "unsubscribe", "end"])
def test_case_15_every_word_of_the_law_is_a_stop(word: str) -> None:
    """FCC 2024, 47 CFR 64.1200(a)(10): these words revoke consent whatever else is offered."""
    keywords = DistrictPolicies("").keywords("*", on=TODAY)

    assert keywords.asked(word) == Word(Wish.STOP, "en")
    assert keywords.asked(f" {word.upper()}! ") == Word(Wish.STOP, "en")


def test_case_15_a_word_is_answered_in_its_own_language() -> None:
    keywords = DistrictPolicies("").keywords("*", on=TODAY)

    for word, language in (("PARE", "es"), ("قف", "ar"), ("jooji", "so"), ("acha", "sw"), ("hagarika", "rw")):
        found = keywords.asked(word)
        assert found == Word(Wish.STOP, language)
        assert keywords.answer(found) == keywords.answers[Wish.STOP][language]


def test_marks_stay_with_their_letters() -> None:
    assert plain_words("  रोक्नुहोस्। ") == "रोक्नुहोस्"
    assert plain_words("Opt-OUT…") == "opt out"
    assert plain_words("👍") == ""
