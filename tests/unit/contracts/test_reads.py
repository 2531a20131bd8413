"""A read says levels, or why a paper has none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.contracts.promises_of_scoring import PROMISES

from contracts.base import ContractViolationError
from contracts.scoring import READ_GIVEN

GIVEN: Any = PROMISES["scoring.read.given.v1"].data


def test_a_paper_that_was_found_unscorable_has_no_levels() -> None:
    refused = replace(GIVEN, levels=(), unscorable="blank")

    assert READ_GIVEN.load(READ_GIVEN.dump(refused)) == refused
    assert "unscorable" not in READ_GIVEN.dump(GIVEN)


@pytest.mark.parametrize("change", [{"levels": ()}, {"unscorable": "blank"}])
def test_a_read_says_either_levels_or_that_there_are_none(change: dict[str, Any]) -> None:
    with pytest.raises(ContractViolationError, match="levels"):
        READ_GIVEN.dump(replace(GIVEN, **change))
