"""Share texts out between routes: weights move away from one that fails or is slow, and drift back.

Source: GOV.UK Notify, alphagov/notifications-api, app/dao/provider_details_dao.py and
app/celery/scheduled_tasks.py: 10 points a step, not twice within a pause, back towards the resting weights.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

_MOST_CHANGES = 100


class RouteReason(StrEnum):
    """Why weights were changed."""

    ERRORS = "errors"
    SLOW = "slow"
    RESTING = "resting"


@dataclass(frozen=True, kw_only=True)
class RouteRules:
    """How weights move, as policy data.

    Attributes:
        resting: by route, where weights come to rest.
        step: how many points one change moves.
        most_errors, errors_within_s: more errors than that within so long move weights.
        slow_after_s, slow_share, slow_within_s: so large a share of the texts of the last while, which took
            longer than that or still have no receipt, moves weights.
        least_texts: fewer texts than that prove no slowness.
        pause_after_errors_s, pause_after_slowness_s: weights do not move again so soon.
        drift_after_s, drift_every_s: weights that were not touched for so long go back a step, so often.
    """

    resting: Mapping[str, int]
    step: int
    most_errors: int
    errors_within_s: float
    slow_after_s: float
    slow_share: float
    slow_within_s: float
    least_texts: int
    pause_after_errors_s: float
    pause_after_slowness_s: float
    drift_after_s: float
    drift_every_s: float


@dataclass(frozen=True, kw_only=True)
class WeightChange:
    """One change of weights, with what they were after it."""

    at: datetime
    reason: RouteReason
    weights: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Weights:
    """How texts are shared out now, and the last changes, oldest first."""

    by_route: Mapping[str, int]
    changes: tuple[WeightChange, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Speed:
    """How fast a route was of late: so many texts, and so many of them slow."""

    texts: int
    slow: int

    def is_slow(self, rules: RouteRules) -> bool:
        """Return whether it is slow enough to be given less."""
        return self.texts >= rules.least_texts and self.slow >= rules.slow_share * self.texts


def choose(weights: Mapping[str, int], draw: float, *, but: str = "") -> str:
    """Return a route by its weight.

    Args:
        weights: by route; those of none are taken only if no other has any.
        draw: drawn evenly from 0 to 1, without 1.
        but: the route that has just failed, which is taken only if there is no other.
    """
    others = {name: weight for name, weight in sorted(weights.items()) if name != but} or dict(weights)
    total = sum(others.values())
    if not total:
        return min(others)
    left = draw * total
    for name, weight in others.items():
        left -= weight
        if left < 0:
            return name
    return max(others, key=lambda name: others[name])


def after_errors(known: Weights, route: str, *, now: datetime, rules: RouteRules) -> Weights | None:
    """Return the weights after a route had too many errors; None if they stay."""
    if not _rested(known, now, rules.pause_after_errors_s):
        return None
    return _away_from(known, route, RouteReason.ERRORS, now, rules)


def after_slowness(
    known: Weights, speeds: Mapping[str, Speed], *, now: datetime, rules: RouteRules
) -> Weights | None:
    """Return the weights after one route was slow; None if none is, or all are: then it is not the route."""
    slow = _slow(speeds, rules)
    if len(slow) != 1 or len(known.by_route) == 1 or not _rested(known, now, rules.pause_after_slowness_s):
        return None
    return _away_from(known, slow[0], RouteReason.SLOW, now, rules)


def drifted(
    known: Weights, speeds: Mapping[str, Speed], *, now: datetime, rules: RouteRules
) -> Weights | None:
    """Return the weights a step nearer to where they rest; None if they rest, or were touched of late."""
    resting = _resting(known.by_route, rules)
    last = known.changes[-1] if known.changes else None
    wait_s = rules.drift_every_s if last and last.reason is RouteReason.RESTING else rules.drift_after_s
    if known.by_route == resting or _slow(speeds, rules) or not _rested(known, now, wait_s):
        return None
    weights = {
        name: weight + max(-rules.step, min(rules.step, resting[name] - weight))
        for name, weight in known.by_route.items()
    }
    return _changed(known, weights, RouteReason.RESTING, now)


def initial(routes: Collection[str], rules: RouteRules) -> Weights:
    """Return the weights at rest of the routes that there are."""
    return Weights(by_route=_resting(routes, rules))


def of_routes(known: Weights, routes: Collection[str], rules: RouteRules) -> Weights:
    """Return the weights of exactly these routes: a new one begins at rest, one that is gone is left out."""
    resting = _resting(routes, rules)
    return replace(known, by_route={name: known.by_route.get(name, resting[name]) for name in sorted(routes)})


def _resting(routes: Collection[str], rules: RouteRules) -> dict[str, int]:
    return {name: rules.resting[name] for name in sorted(routes)}


def _slow(speeds: Mapping[str, Speed], rules: RouteRules) -> list[str]:
    return [name for name, speed in sorted(speeds.items()) if speed.is_slow(rules)]


def _rested(known: Weights, now: datetime, pause_s: float) -> bool:
    return not known.changes or now >= known.changes[-1].at + timedelta(seconds=pause_s)


def _away_from(
    known: Weights, route: str, reason: RouteReason, now: datetime, rules: RouteRules
) -> Weights | None:
    """Move points from one route to the others, evenly; None if it has none left, or is the only one."""
    weights = dict(known.by_route)
    others = sorted(name for name in weights if name != route)
    moved = min(rules.step, weights.get(route, 0))
    if not others or not moved:
        return None
    weights[route] -= moved
    for place, name in enumerate(others):
        weights[name] += moved // len(others) + (place < moved % len(others))
    return _changed(known, weights, reason, now)


def _changed(known: Weights, weights: Mapping[str, int], reason: RouteReason, now: datetime) -> Weights:
    change = WeightChange(at=now, reason=reason, weights=weights)
    return Weights(by_route=weights, changes=(*known.changes, change)[-_MOST_CHANGES:])
