"""When reports are made: once a night, again after a failure, and never by two at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from tests.unit.scoring.monitoring.monitoring_examples import DAY, HOUR, MONDAY, NIGHT, report

from chassis.testing import MemoryRepository
from scoring.domain.monitoring.nights import Nights, RunLostError, begin, fail, first_seen, is_due, succeed
from scoring.use_cases.monitoring import begin_night, note_failure, request_report, take_report

TODAY, TOMORROW = date(2026, 11, 16), date(2026, 11, 17)


class Rows:
    def __init__(self) -> None:
        self.kept: list[list[str]] = []

    def drop_others(self, kept: object) -> None:
        self.kept.append(list(kept))  # type: ignore[call-overload]


def test_a_night_lasts_from_its_run_to_the_next_in_local_time() -> None:
    assert NIGHT.night_of(MONDAY) == TODAY
    assert NIGHT.night_of(MONDAY - 3 * HOUR) == TODAY - timedelta(days=1)


def test_a_district_that_was_never_seen_waits_for_its_first_night() -> None:
    nights = first_seen(NIGHT, MONDAY)

    assert not is_due(nights, NIGHT, MONDAY)
    assert is_due(nights, NIGHT, MONDAY + DAY)


def test_a_night_with_a_good_report_is_over() -> None:
    begun = begin(first_seen(NIGHT, MONDAY), NIGHT, report_id="r-1", at=MONDAY + DAY)
    done = succeed(begun, report(night=TOMORROW))

    assert not is_due(begun, NIGHT, MONDAY + DAY + HOUR / 4)
    assert (done.run, done.report) == (None, report(night=TOMORROW))
    assert not is_due(done, NIGHT, MONDAY + DAY + HOUR)
    assert is_due(done, NIGHT, MONDAY + 2 * DAY)


def test_a_failure_is_kept_beside_the_last_good_report_and_the_run_is_tried_again_after_a_pause() -> None:
    good = Nights(night=TODAY, attempts=1, report=report())
    begun = begin(good, NIGHT, report_id="r-2", at=MONDAY + DAY)
    failed = fail(begun, "r-2", "no memory", at=MONDAY + DAY + HOUR)

    assert failed.report == report()
    assert failed.failure is not None
    assert (failed.failure.night, failed.failure.reason) == (TOMORROW, "no memory")
    assert not is_due(failed, NIGHT, MONDAY + DAY + HOUR)
    assert is_due(failed, NIGHT, MONDAY + DAY + 2 * HOUR)


def test_a_run_is_tried_so_many_times_a_night() -> None:
    nights, at = first_seen(NIGHT, MONDAY), MONDAY + DAY
    for attempt in range(NIGHT.attempts):
        assert is_due(nights, NIGHT, at)
        nights = fail(begin(nights, NIGHT, report_id=str(attempt), at=at), str(attempt), "no memory", at=at)
        at += HOUR

    assert not is_due(nights, NIGHT, at)
    assert is_due(nights, NIGHT, at + DAY)


def test_a_run_whose_process_died_is_begun_again_by_another_and_lost_to_the_first() -> None:
    begun = begin(first_seen(NIGHT, MONDAY), NIGHT, report_id="r-1", at=MONDAY + DAY)
    assert is_due(begun, NIGHT, MONDAY + DAY + HOUR)
    again = begin(begun, NIGHT, report_id="r-2", at=MONDAY + DAY + HOUR)

    assert again.attempts == 2
    with pytest.raises(RunLostError):
        succeed(again, report("r-1"))
    with pytest.raises(RunLostError):
        fail(Nights(), "r-1", "no memory", at=MONDAY)


def test_the_office_may_ask_for_a_report_at_any_time() -> None:
    store = MemoryRepository({"n": Nights(night=TODAY, attempts=1, report=report())})

    asked = request_report("n", at=MONDAY, nights=store)

    assert asked.asked_at == MONDAY
    assert is_due(asked, NIGHT, MONDAY)
    assert begin(asked, NIGHT, report_id="r-2", at=MONDAY).asked_at is None
    assert request_report("new", at=MONDAY, nights=store).asked_at == MONDAY


def test_a_report_is_begun_by_one_process_and_taken_when_it_is_good() -> None:
    store, rows = MemoryRepository({"n": first_seen(NIGHT, MONDAY)}), Rows()

    def begin_one(report_id: str) -> Nights | None:
        return begin_night("n", report_id, NIGHT, at=MONDAY + DAY, nights=store, rows=[rows])

    first, second = begin_one("r-1"), begin_one("r-2")
    take_report("n", report("r-1", TOMORROW), nights=store)

    assert first is not None
    assert second is None
    assert rows.kept == [[]]
    assert store.get("n").report == report("r-1", TOMORROW)


def test_beginning_forgets_the_rows_of_all_reports_but_the_last_good_one() -> None:
    store, rows = MemoryRepository({"n": Nights(night=TODAY, report=report("r-1"))}), Rows()

    begin_night("n", "r-2", NIGHT, at=MONDAY + DAY, nights=store, rows=[rows, rows])

    assert rows.kept == [["r-1"], ["r-1"]]


def test_a_district_is_noted_when_it_is_first_seen() -> None:
    store: MemoryRepository[Nights] = MemoryRepository()

    assert begin_night("n", "r-1", NIGHT, at=MONDAY, nights=store, rows=[]) is None
    assert store.get("n") == first_seen(NIGHT, MONDAY)


def test_who_is_overtaken_between_looking_and_deciding_begins_nothing() -> None:
    class Overtaken(MemoryRepository[Nights]):
        def find(self, document_id: str) -> Nights | None:
            return first_seen(NIGHT, MONDAY)

    store = Overtaken({"n": begin(Nights(), NIGHT, report_id="r-1", at=MONDAY + DAY)})

    assert begin_night("n", "r-2", NIGHT, at=MONDAY + DAY, nights=store, rows=[]) is None


def test_a_failure_is_noted() -> None:
    store = MemoryRepository({"n": begin(Nights(), NIGHT, report_id="r-1", at=MONDAY)})

    note_failure("n", "r-1", "no memory", at=MONDAY, nights=store)

    assert store.get("n").failure is not None
    assert replace(store.get("n"), failure=None).run is None


def test_what_belongs_to_no_nights_is_lost() -> None:
    with pytest.raises(RunLostError):
        take_report("n", report(), nights=MemoryRepository[Nights]())
    with pytest.raises(RunLostError):
        note_failure("n", "r-1", "no memory", at=MONDAY, nights=MemoryRepository[Nights]())
