"""What the broker returned, and which confirm that belongs to."""

from __future__ import annotations

from chassis.delivery import Returns


def test_each_return_belongs_to_one_confirm() -> None:
    returns = Returns()
    returns.note("a")
    returns.note("a")

    assert [returns.take(each) for each in ("b", "a", "a", "a")] == [False, True, True, False]
