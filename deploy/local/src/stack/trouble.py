"""Trouble on purpose: calls that fail, are slow, or whose answer is lost, and receipts out of joint."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, fields
from enum import Enum
from http import HTTPStatus
from typing import Any

from tornado.web import HTTPError, RequestHandler


class Fate(Enum):
    """What becomes of one call: FAILS is not taken; SLOW and LOST are taken, and answered late or never."""

    FINE = "fine"
    FAILS = "fails"
    SLOW = "slow"
    LOST = "lost"


@dataclass(frozen=True)
class Trouble:
    """How much goes wrong; what has no unit is a share from 0 to 1.

    Attributes:
        failing, slow, lost: of the calls; see `Fate`.
        slow_s: how late a slow call is answered.
        late, repeated: of the receipts: reported late, and so after later ones, or twice.
        late_s: how late.
    """

    failing: float = 0.0
    slow: float = 0.0
    slow_s: float = 2.0
    lost: float = 0.0
    late: float = 0.0
    late_s: float = 5.0
    repeated: float = 0.0


class Troublemaker:
    """Draws what becomes of each call; the same seed and the same calls give the same fates."""

    def __init__(self, seed: int = 1) -> None:
        self.trouble = Trouble()
        self._random = random.Random(seed)  # noqa: S311 - it decides nothing that must not be guessed

    def fate(self) -> Fate:
        """Return what becomes of the next call."""
        drawn = self._random.random()
        for share, fate in (
            (self.trouble.failing, Fate.FAILS),
            (self.trouble.slow, Fate.SLOW),
            (self.trouble.lost, Fate.LOST),
        ):
            if drawn < share:
                return fate
            drawn -= share
        return Fate.FINE

    def hits(self, share: float) -> bool:
        """Return whether something that happens so often happens now."""
        return self._random.random() < share

    def choose(self, *several: str) -> str:
        """Return one of several ways in which something can go wrong."""
        return self._random.choice(several)


class TroubleHandler(RequestHandler):
    """`PUT /api/trouble` with the fields of `Trouble` as JSON; what is left out is no trouble."""

    def initialize(self, troublemaker: Troublemaker) -> None:
        """Take the troublemaker from the route."""
        self.troublemaker = troublemaker

    def put(self) -> None:
        """Replace what goes wrong from now on."""
        try:
            wanted: dict[str, Any] = dict(json.loads(self.request.body))
            trouble = Trouble(**{name: float(value) for name, value in wanted.items()})
        except (TypeError, ValueError) as error:
            known = ", ".join(each.name for each in fields(Trouble))
            raise HTTPError(HTTPStatus.BAD_REQUEST, reason=f"numbers of {known} are understood") from error
        self.troublemaker.trouble = trouble
        self.set_status(HTTPStatus.NO_CONTENT)
