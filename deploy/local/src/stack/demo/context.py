"""One season as the demo drives it: what is given, and what is learned on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from stack.demo.evidence import Evidence
from stack.demo.expected import Expected
from stack.demo.people import School
from stack.demo.portal import Portal
from stack.demo.report import Teller


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long each step of a season may take, in seconds; the whole demo takes about a minute.

    Attributes:
        scores: may pass without a new score.
    """

    roster: float = 60.0
    scores: float = 90.0
    readiness: float = 120.0
    schedules: float = 180.0
    messages: float = 180.0


@dataclass(kw_only=True)
class Season:
    """What the steps of a season share.

    Attributes:
        expected: what the generator knows.
        folder: for the demo's own files.
        days: the school days of the season.
        roster_import: imports a bundle.
        mail_url, sms_url: the pages of the mail sink and of the SMS simulator.
        mails, texts: return what the mail sink and the SMS simulator received.
        student_ids, school_ids, staff_ids: our id of each sourcedId.
        artifacts: what was uploaded, by artifact id.
        runs: the schedule run of each school, by the school's sourcedId.
        defenses: what was scheduled, by the student's sourcedId.
    """

    portal: Portal
    teller: Teller
    expected: Expected
    seed: int
    folder: Path
    days: list[date]
    roster_import: Callable[[Path], None]
    mail_url: str
    sms_url: str
    mails: Callable[[], list[dict[str, Any]]]
    texts: Callable[[], list[dict[str, Any]]]
    patience: Patience = Patience()
    student_ids: dict[str, str] = field(default_factory=dict)
    school_ids: dict[str, str] = field(default_factory=dict)
    staff_ids: dict[str, str] = field(default_factory=dict)
    artifacts: dict[str, Evidence] = field(default_factory=dict)
    runs: dict[str, dict[str, Any]] = field(default_factory=dict)
    defenses: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def schools(self) -> tuple[School, ...]:
        """The district's schools."""
        return self.expected.district.shape.schools

    def by_sourced_id(self, items: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """Return items about students by sourcedId; by our own id if the generator knows no such student."""
        names = {ours: sourced_id for sourced_id, ours in self.student_ids.items()}
        return {names.get(each["student_id"], each["student_id"]): each for each in items}
