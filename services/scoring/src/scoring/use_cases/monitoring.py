"""What the service does about its nightly reports: begin one, take it, or keep that it failed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from contracts.base import Fact
from scoring.domain.monitoring import nights as night_book
from scoring.domain.monitoring.nights import Nights, Report
from scoring.domain.monitoring.rules import NightRule

DecideNights = Callable[[Nights | None], tuple[Nights, Sequence[Fact]] | None]


class NightFailedError(Exception):
    """A nightly run found no report; the text names no person."""


class NightlyRuns(Protocol):
    """The districts' nights."""

    def find(self, document_id: str) -> Nights | None:
        """Return a district's nights, or None if it has had none."""
        ...

    def change(self, aggregate_id: str, decide: DecideNights) -> Nights | None:
        """Change a district's nights."""
        ...


class Rows(Protocol):
    """The rows of reports."""

    def drop_others(self, kept: Iterable[str]) -> None:
        """Delete the rows of all reports of the district but some."""
        ...


def begin_night(
    nights_id: str,
    report_id: str,
    rule: NightRule,
    *,
    at: datetime,
    nights: NightlyRuns,
    rows: Sequence[Rows],
) -> Nights | None:
    """Begin a run if one is due, and forget the rows of all reports but the last good one.

    Those of the report before are kept until now, for somebody may have been paging through them.

    Returns:
        The nights with our run; None if none is due, or if another process makes it.
    """
    known = nights.find(nights_id)
    if known is not None and not night_book.is_due(known, rule, at):
        return None

    def decide(current: Nights | None) -> tuple[Nights, tuple[()]] | None:
        if current is None:
            return night_book.first_seen(rule, at), ()
        if not night_book.is_due(current, rule, at):
            return None
        return night_book.begin(current, rule, report_id=report_id, at=at), ()

    after = nights.change(nights_id, decide)
    if after is None or after.run is None or after.run.report_id != report_id:
        return None
    for each in rows:
        each.drop_others([after.report.report_id] if after.report else [])
    return after


def take_report(nights_id: str, report: Report, *, nights: NightlyRuns) -> None:
    """Make a report the last good one.

    Raises:
        RunLostError: if another process makes the night's report by now.
    """

    def decide(current: Nights | None) -> tuple[Nights, tuple[()]]:
        return night_book.succeed(current or Nights(), report), ()

    nights.change(nights_id, decide)


def note_failure(nights_id: str, report_id: str, reason: str, *, at: datetime, nights: NightlyRuns) -> None:
    """Keep that a run failed; the last good report stays.

    Raises:
        RunLostError: if another process makes the night's report by now.
    """

    def decide(current: Nights | None) -> tuple[Nights, tuple[()]]:
        return night_book.fail(current or Nights(), report_id, reason, at=at), ()

    nights.change(nights_id, decide)


def request_report(nights_id: str, *, at: datetime, nights: NightlyRuns) -> Nights:
    """Ask for a report of its own, as soon as a process is free; asking twice is asking once."""

    def decide(current: Nights | None) -> tuple[Nights, tuple[()]]:
        return replace(current or Nights(), asked_at=at), ()

    return nights.change(nights_id, decide) or Nights(asked_at=at)
