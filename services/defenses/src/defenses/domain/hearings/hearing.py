"""One sitting of a panel for one student, from its opening to a record that can only be superseded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from defenses.domain.hearings.outcomes import Outcome
from defenses.domain.hearings.redefenses import Plan, Redefense
from defenses.domain.hearings.rescoring import CentralScore
from defenses.domain.hearings.sheets import Sheet

OPEN, DECIDED, ADJOURNED, ANNULLED = STATES = ("open", "decided", "adjourned", "annulled")
#: Where a student defends; a video was submitted beforehand.
FORMS = ("in_person", "remote", "video")
#: Why a hearing ends without an outcome.
ADJOURNMENTS = ("student_absent", "panel_short", "interrupted")
#: With these nobody has heard the student, unless sheets are in.
_NOT_HEARD = ("student_absent", "panel_short")

LAST_ROUND = 2

#: (indicator id, level) in the rule's order.
Levels: TypeAlias = tuple[tuple[str, float], ...]


@dataclass(frozen=True, kw_only=True)
class Seat:
    """One panelist's seat.

    Attributes:
        absent_from: the first round that this panelist does not judge; None while they sit.
        absence: why they do not.
    """

    panelist_id: str
    role: str
    absent_from: int | None = None
    absence: str = ""


@dataclass(frozen=True, kw_only=True)
class Round:
    """What the sheets of one round said together.

    Attributes:
        counted: panelists whose sheets are in.
        apart: indicators about which two of them were too far apart.
    """

    number: int
    counted: tuple[str, ...]
    medians: Levels
    apart: tuple[str, ...]
    closed_at: datetime


@dataclass(frozen=True, kw_only=True)
class Record:
    """One version of what the hearing led to; a later one supersedes it, and it stays.

    Attributes:
        version: from 1.
        redefense: what is due after a NOT_YET; None after READY.
        corrected: the sheets that a correction put in the place of the panel's.
        by, reason: who corrected, and why; empty for the panel's own outcome.
    """

    version: int
    outcome: Outcome
    redefense: Redefense | None
    decided_at: datetime
    corrected: tuple[Sheet, ...] = ()
    by: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How a hearing ended without an outcome that counts: `cause` is of ADJOURNMENTS, or `annulled`."""

    cause: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Matter:
    """What is heard, and for whom: the same in every sitting of one attempt, but for `heard_by`.

    Attributes:
        attempt: 1 for the defense, above that for redefenses.
        follows: the hearing whose NOT_YET this attempt answers; None for the first.
        rule_version: the version of the district's rule that holds for every sitting and attempt.
        indicators: those that are heard, in the rule's order.
        carried: levels of those that were met before and are not heard again.
        excluded: who heard the student in an earlier attempt and may not hear this one.
        heard_by: who heard the student in an earlier sitting of this attempt.
    """

    student_id: str
    school_id: str
    transition: str
    school_year: str
    time_zone: str
    attempt: int
    follows: str | None
    rule_version: str
    indicators: tuple[str, ...]
    carried: Levels = ()
    excluded: tuple[str, ...] = ()
    heard_by: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Hearing:
    """One sitting.

    Attributes:
        defense_id: the scheduled defense; None for a redefense that the school arranged itself.
        sitting: counts the hearings of one attempt from 1.
        form: one of FORMS.
        sheets: of all rounds, in the order of submission.
        released: version of the record that the family may read; 0 before the first.
        plans: every version of the plan that a NOT_YET asks for.
    """

    hearing_id: str
    defense_id: str | None
    matter: Matter
    sitting: int
    form: str
    seats: tuple[Seat, ...]
    opened_by: str
    opened_at: datetime
    state: str = OPEN
    round: int = 1
    sheets: tuple[Sheet, ...] = ()
    rounds: tuple[Round, ...] = ()
    records: tuple[Record, ...] = ()
    released: int = 0
    ending: Ending | None = None
    central: CentralScore | None = None
    plans: tuple[Plan, ...] = ()

    @property
    def student_id(self) -> str:
        """Who defends."""
        return self.matter.student_id

    @property
    def school_id(self) -> str:
        """The student's school when the defense was scheduled."""
        return self.matter.school_id

    @property
    def follows(self) -> str | None:
        """The hearing whose NOT_YET this one answers."""
        return self.matter.follows

    @property
    def panelist_ids(self) -> tuple[str, ...]:
        """Everybody with a seat, absent or not."""
        return tuple(seat.panelist_id for seat in self.seats)

    @property
    def heard_by(self) -> tuple[str, ...]:
        """Who has heard the student, in this sitting or before it."""
        nobody = self.ending is not None and self.ending.cause in _NOT_HEARD and not self.sheets
        here = () if nobody else (seat.panelist_id for seat in self.seats if seat.absent_from != 1)
        return tuple(sorted({*self.matter.excluded, *self.matter.heard_by, *here}))

    @property
    def sitting_ids(self) -> tuple[str, ...]:
        """Who judges the round at hand."""
        return tuple(seat.panelist_id for seat in self.seats if seat.absent_from is None)

    @property
    def submitted_ids(self) -> tuple[str, ...]:
        """Whose sheets of the round at hand are in."""
        return tuple(sheet.panelist_id for sheet in self.sheets_of(self.round))

    @property
    def record(self) -> Record | None:
        """The record that holds; None before the outcome, and once the hearing is annulled."""
        return self.records[-1] if self.records and self.state == DECIDED else None

    @property
    def released_record(self) -> Record | None:
        """What the family may read."""
        return self.records[self.released - 1] if self.released and self.state == DECIDED else None

    @property
    def status(self) -> str | None:
        """READY or NOT_YET; None while there is no record that holds."""
        return self.record.outcome.status if self.record is not None else None

    @property
    def split(self) -> bool:
        """Whether the panel was still apart in its last round."""
        return bool(self.rounds) and self.rounds[-1].number == LAST_ROUND and bool(self.rounds[-1].apart)

    @property
    def to_rescore(self) -> bool:
        """Whether a central scorer is to score it, and none has."""
        return self.central is not None and not self.rescored and self.state == DECIDED

    @property
    def rescored(self) -> bool:
        """Whether a central scorer has scored it."""
        return self.central is not None and self.central.comparison is not None

    def sheets_of(self, round_number: int) -> tuple[Sheet, ...]:
        """Return the sheets of one round."""
        return tuple(sheet for sheet in self.sheets if sheet.round == round_number)

    def sheet_of(self, panelist_id: str, round_number: int) -> Sheet | None:
        """Return one panelist's sheet of one round."""
        mine = [sheet for sheet in self.sheets_of(round_number) if sheet.panelist_id == panelist_id]
        return mine[0] if mine else None

    def local_day(self, moment: datetime) -> date:
        """Return the day of a moment at the school."""
        return moment.astimezone(ZoneInfo(self.matter.time_zone)).date()

    def seen_by(self, viewer: str) -> Hearing:
        """Return the hearing as somebody may see it: others' sheets of an open round without their marks."""
        closed = {each.number for each in self.rounds}
        shown = tuple(
            sheet if sheet.round in closed or sheet.panelist_id == viewer else replace(sheet, marks=())
            for sheet in self.sheets
        )
        return replace(self, sheets=shown)
