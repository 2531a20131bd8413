"""What the nightly process is asked, as JSON; what it says is a report in short."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from scoring.domain.fairness.rules import EquityRule, Group, Grouping
from scoring.domain.monitoring.nights import Report
from scoring.domain.monitoring.rows import Figure
from scoring.domain.monitoring.rules import Thresholds
from scoring.domain.tasks.rules import Calendar


@dataclass(frozen=True, kw_only=True)
class NightRequest:
    """One district's night.

    Attributes:
        at: when it was asked for; reads count up to then.
    """

    report_id: str
    district: str
    night: date
    at: datetime
    policy_version: str
    thresholds: Thresholds
    equity: EquityRule
    calendar: Calendar


def request_to_wire(request: NightRequest) -> dict[str, Any]:
    """Return a request as JSON takes it."""
    wire = asdict(request)
    wire["night"], wire["at"] = request.night.isoformat(), request.at.isoformat()
    wire["calendar"]["weekdays"] = sorted(request.calendar.weekdays)
    wire["calendar"]["closed"] = sorted(each.isoformat() for each in request.calendar.closed)
    return wire


def request_from_wire(wire: Mapping[str, Any]) -> NightRequest:
    """Return the request that was asked."""
    equity, calendar = wire["equity"], wire["calendar"]
    return NightRequest(
        report_id=wire["report_id"],
        district=wire["district"],
        night=date.fromisoformat(wire["night"]),
        at=datetime.fromisoformat(wire["at"]),
        policy_version=wire["policy_version"],
        thresholds=Thresholds(**wire["thresholds"]),
        equity=EquityRule(**{**equity, "groupings": tuple(map(_grouping, equity["groupings"]))}),
        calendar=Calendar(
            time_zone=calendar["time_zone"],
            weekdays=frozenset(calendar["weekdays"]),
            closed=frozenset(date.fromisoformat(each) for each in calendar["closed"]),
        ),
    )


def _grouping(wire: Mapping[str, Any]) -> Grouping:
    groups = (
        Group(group_id=each["group_id"], grades=tuple(each["grades"]), languages=tuple(each["languages"]))
        for each in wire["groups"]
    )
    return Grouping(grouping_id=wire["grouping_id"], by=wire["by"], groups=tuple(groups))


def report_to_wire(report: Report) -> dict[str, Any]:
    """Return a report as JSON and the store take it."""
    return {**asdict(report), "night": report.night.isoformat(), "made_at": report.made_at.isoformat()}


def report_from_wire(wire: Mapping[str, Any]) -> Report:
    """Return the report that a process has said."""
    return Report(
        **{
            **wire,
            "night": date.fromisoformat(wire["night"]),
            "made_at": datetime.fromisoformat(wire["made_at"]),
            "exact": Figure(**wire["exact"]),
            "adjacent": Figure(**wire["adjacent"]),
            "disparities": tuple(wire["disparities"]),
        }
    )
