"""Schools take turns."""

from notifications.domain.turns import Turns


def test_case_28_a_large_school_does_not_hold_up_a_small_one() -> None:
    turns = Turns([("large", number) for number in range(100)] + [("small", 100)])

    assert turns.take(3) == [0, 100, 1]


def test_who_came_first_in_a_school_comes_first() -> None:
    turns = Turns([("a", 1), ("b", 2), ("a", 3), ("b", 4)])

    assert turns.take(10) == [1, 2, 3, 4]


def test_a_turn_goes_on_where_the_last_one_ended() -> None:
    turns = Turns([("a", 1), ("a", 2), ("b", 3), ("c", 4)])

    assert [turns.take(2), turns.take(2), turns.take(2)] == [[1, 3], [4, 2], []]


def test_where_nobody_waits_nothing_is_taken() -> None:
    assert Turns[int]([]).take(5) == []
