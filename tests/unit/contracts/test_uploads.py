"""An artifact says what it was made for, if somebody has said so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.unit.contracts.promises_of_artifacts import PROMISES

from contracts.artifacts import ARTIFACT_UPLOADED

UPLOADED: Any = PROMISES["artifacts.artifact.uploaded.v1"].data


def test_an_assignment_is_said_only_where_there_is_one() -> None:
    told = replace(UPLOADED, assignment_id="letter-to-the-city")

    assert ARTIFACT_UPLOADED.load(ARTIFACT_UPLOADED.dump(told)) == told
    assert "assignment_id" not in ARTIFACT_UPLOADED.dump(UPLOADED)
