from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from marshmallow import fields, post_load

from chassis import policy
from chassis.policy import Policies, PolicyError, VersionSchema


class QuietHoursSchema(VersionSchema):
    """A policy of one number."""

    from_hour = fields.Integer(required=True)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> tuple[str, int]:
        return values["version"], values["from_hour"]


PACKAGED = [
    {"version": "2025.1", "effective": "2025-07-01", "from_hour": 20},
    {"version": "2026.1", "effective": "2026-07-01", "from_hour": 21},
    {"version": "2026.2", "effective": "2027-01-01", "from_hour": 22},
]
DISTRICT = [{"version": "f-1", "effective": "2026-08-01", "from_hour": 19}]


@pytest.fixture(autouse=True)
def packaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a package of the name `quiet` with one policy, without installing one."""
    folder = tmp_path / "package" / "policy"
    folder.mkdir(parents=True)
    (folder / "hours.json").write_text(json.dumps(PACKAGED))
    monkeypatch.setattr(policy, "files", lambda _package: folder.parent)
    return folder


def _policies(directory: str = "") -> Policies:
    return Policies("quiet", {"hours": QuietHoursSchema}, directory)


def _write(tmp_path: Path, content: str, *, district: str = "fayette", name: str = "hours") -> str:
    path = tmp_path / "districts" / district / f"{name}.json"
    path.parent.mkdir(parents=True)
    path.write_text(content)
    return str(tmp_path / "districts")


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2025, 7, 1), ("2025.1", 20)),
        (date(2026, 6, 30), ("2025.1", 20)),
        (date(2026, 7, 1), ("2026.1", 21)),
        (date(2026, 12, 31), ("2026.1", 21)),
        (date(2030, 1, 1), ("2026.2", 22)),
    ],
)
def test_the_newest_effective_version_is_current(on: date, expected: tuple[str, int]) -> None:
    assert _policies().current("hours", district="jcps", on=on) == expected


def test_the_order_of_the_file_does_not_matter(packaged: Path) -> None:
    (packaged / "hours.json").write_text(json.dumps(PACKAGED[::-1]))

    assert _policies().current("hours", district="jcps", on=date(2026, 11, 3)) == ("2026.1", 21)


def test_before_the_first_version_there_is_none() -> None:
    with pytest.raises(PolicyError, match="no version of policy hours is effective on 2025-06-30 in jcps"):
        _policies().current("hours", district="jcps", on=date(2025, 6, 30))


def test_any_version_can_be_asked_for_by_name() -> None:
    assert _policies().version("hours", district="jcps", version="2025.1") == ("2025.1", 20)


def test_a_version_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(PolicyError, match=r"policy hours of jcps has no version 1999\.1"):
        _policies().version("hours", district="jcps", version="1999.1")


def test_a_districts_own_file_replaces_the_packaged_one_for_it_alone(tmp_path: Path) -> None:
    policies = _policies(_write(tmp_path, json.dumps(DISTRICT)))

    assert policies.current("hours", district="fayette", on=date(2026, 11, 3)) == ("f-1", 19)
    assert policies.current("hours", district="jcps", on=date(2026, 11, 3)) == ("2026.1", 21)
    with pytest.raises(PolicyError, match=r"has no version 2026\.1"):
        policies.version("hours", district="fayette", version="2026.1")


def test_files_of_other_services_are_left_to_them(tmp_path: Path) -> None:
    directory = _write(tmp_path, "not for us", name="rubrics")

    assert _policies(directory).current("hours", district="fayette", on=date(2026, 11, 3)) == ("2026.1", 21)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "not a JSON list of versions"),
        ("{}}", "not a JSON list of versions"),
        ("7", "not a JSON list of versions"),
        ('["2026.1"]', "not a JSON list of versions"),
        ('[{"version": "1"}]', "not a JSON list of versions"),
        ('[{"version": "1", "effective": "soon", "from_hour": 1}]', "not a JSON list of versions"),
        ('[{"version": "1", "effective": "2026-07-01"}]', "from_hour"),
        ('[{"version": "1", "effective": "2026-07-01", "from_hour": 1, "til": 2}]', "til"),
        ('[{"version": "", "effective": "2026-07-01", "from_hour": 1}]', "version"),
    ],
)
def test_a_wrong_file_stops_the_start_and_is_named(tmp_path: Path, content: str, reason: str) -> None:
    directory = _write(tmp_path, content)

    with pytest.raises(PolicyError) as caught:
        _policies(directory)

    assert str(Path(directory) / "fayette" / "hours.json") in str(caught.value)
    assert reason in str(caught.value)


def test_a_wrong_packaged_file_is_named_as_well(packaged: Path) -> None:
    (packaged / "hours.json").write_text("[")

    with pytest.raises(PolicyError, match=r"^quiet/policy/hours\.json: "):
        _policies()
