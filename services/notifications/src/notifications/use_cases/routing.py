"""Keep how texts are shared out between routes."""

from collections.abc import Collection, Mapping
from datetime import datetime

from notifications.domain import routes
from notifications.domain.routes import RouteRules, Speed, Weights
from notifications.use_cases.ports import Aggregates, silently

#: All weights are in one document: that of text messages.
WEIGHTS_ID = "sms"

WeightBook = Aggregates[Weights]


def weigh(
    names: Collection[str],
    *,
    failing: Collection[str],
    speeds: Mapping[str, Speed],
    book: WeightBook,
    rules: RouteRules,
    now: datetime,
) -> Weights:
    """Move the weights as errors and slowness ask, or back towards where they rest.

    Args:
        names: the routes that there are.
        failing: those that had too many errors of late.
        speeds: how fast each was of late.
        book: where weights are kept.
        rules: how they move.
        now: the time.

    Returns:
        The weights as they are now.
    """
    # Where all fail it is not the route, as with slowness.
    to_blame = () if set(failing) >= set(names) else sorted(failing)

    def move(known: Weights | None) -> Weights | None:
        current = routes.of_routes(known, names, rules) if known else routes.initial(names, rules)
        for route in to_blame:
            moved = routes.after_errors(current, route, now=now, rules=rules)
            if moved is not None:
                return moved
        return (
            routes.after_slowness(current, speeds, now=now, rules=rules)
            or (None if failing else routes.drifted(current, speeds, now=now, rules=rules))
            or (None if current == known else current)
        )

    kept = book.change(WEIGHTS_ID, silently(move))
    return kept or routes.initial(names, rules)
