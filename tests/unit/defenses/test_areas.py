"""The service is made of areas, and none of them hides what another one does."""

from __future__ import annotations

from collections import Counter

from defenses.entrypoints import DefensesService


def test_no_two_areas_have_a_handler_of_the_same_name() -> None:
    names = Counter(
        name
        for area in DefensesService.__mro__
        for name, method in vars(area).items()
        if getattr(method, "nameko_entrypoints", ())
    )

    assert [name for name, count in names.items() if count > 1] == []
