"""A scorer's record in one skill and band: how they read papers, whether they may read, what stopped them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from scoring.domain.calibration.marks import Mark, StopReason, mark, qualifies, reason_to_stop
from scoring.domain.calibration.papers import Paper
from scoring.domain.calibration.rules import CalibrationRules
from scoring.domain.rubrics import CriterionLevel
from scoring.domain.tasks.states import Purpose

#: Who acts when a rule does.
_RULE = "rule"


class RecordState(StrEnum):
    """How a scorer stands, as far as their own reads decide it."""

    NEW = "new"
    QUALIFIED = "qualified"
    PAUSED = "paused"
    #: Stopped so often that they read no more this season.
    RELEASED = "released"


class NoRecordError(LookupError):
    """There is no such record, or it is somebody else's."""


class AttemptError(ValueError):
    """A set of papers cannot be opened now; the text says why."""


class NotEnoughPapersError(ValueError):
    """The district has too few papers that the scorer has not seen."""


@dataclass(frozen=True, kw_only=True)
class PaperRead:
    """One read of one paper; `known` and `given` in the rubric's order, `given` empty if found unscorable."""

    paper_id: str
    given_at: datetime
    known: tuple[CriterionLevel, ...]
    given: tuple[CriterionLevel, ...]
    rationale: str
    wrong_side: bool

    @property
    def mark(self) -> Mark:
        """How close it came."""
        if not self.given:
            return Mark((), wrong_side=self.wrong_side, unread=len(self.known))
        pairs = zip(self.known, self.given, strict=True)
        return Mark(tuple(theirs.level - ours.level for ours, theirs in pairs), wrong_side=self.wrong_side)


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A practice or qualifying set that is being read."""

    purpose: Purpose
    opened_at: datetime
    reads: tuple[PaperRead, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What happened, when, and by whom or by which rule."""

    at: datetime
    by: str
    what: str


@dataclass(frozen=True, kw_only=True)
class Stop:
    """A scorer is stopped: reads that they gave at or after `since` are in doubt."""

    since: datetime
    reason: StopReason
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ScorerRecord:
    """A scorer in one skill and band, in one school year.

    Attributes:
        season: the first day of the school year; another year begins a new record, with the history kept.
        reads, seeds: how many they have given, seeds among reads.
        trusted_since: reads given from then on are in doubt once the scorer is stopped: the last good seed,
            else when they qualified, else their first read.
        window: seeds since they qualified, oldest first, as many as the stop rule looks at.
        seen: every paper that they have read this season.
        failed: qualifying sets since somebody last trained them.
        stops: when they were stopped this season.
    """

    scorer_id: str
    skill_id: str
    band: str
    season: date
    state: RecordState = RecordState.NEW
    reads: int = 0
    seeds: int = 0
    last_read_at: datetime | None = None
    qualified_at: datetime | None = None
    trusted_since: datetime | None = None
    window: tuple[PaperRead, ...] = ()
    seen: tuple[str, ...] = ()
    attempt: Attempt | None = None
    practice: tuple[PaperRead, ...] = ()
    failed: int = 0
    stops: tuple[Stop, ...] = ()
    history: tuple[Entry, ...] = ()

    @property
    def key(self) -> str:
        """Who reads what: what the places of seeds are drawn by."""
        return f"{self.scorer_id}/{self.skill_id}/{self.band}/{self.season.isoformat()}"


def in_season(record: ScorerRecord, at: datetime, rules: CalibrationRules) -> ScorerRecord:
    """Return the record as it is in the school year of a time: nothing but its history outlives the year."""
    season = rules.season_of(at.date())
    if season <= record.season:
        return record
    return ScorerRecord(
        scorer_id=record.scorer_id,
        skill_id=record.skill_id,
        band=record.band,
        season=season,
        history=record.history,
    )


def is_qualified(record: ScorerRecord, at: datetime, rules: CalibrationRules) -> bool:
    """Whether they have qualified this year, and read so lately that it still tells something."""
    record = in_season(record, at, rules)
    if record.state is not RecordState.QUALIFIED or record.qualified_at is None:
        return False
    last = max(record.qualified_at, record.last_read_at or record.qualified_at)
    return at - last <= timedelta(days=rules.qualifying.idle_days_most)


def is_stopped(record: ScorerRecord, at: datetime, rules: CalibrationRules) -> bool:
    """Whether they were stopped and have not qualified again."""
    return in_season(record, at, rules).state in {RecordState.PAUSED, RecordState.RELEASED}


def open_attempt(
    record: ScorerRecord, purpose: Purpose, papers: Sequence[Paper], *, at: datetime, rules: CalibrationRules
) -> ScorerRecord:
    """Begin a practice or qualifying set; its papers come one by one, as any artifact does.

    Args:
        record: the scorer's.
        purpose: PRACTICE or QUALIFICATION.
        papers: the active ones for it.
        at: now.
        rules: the district's.

    Raises:
        AttemptError: if a set is open, if too many have failed, or if they read no more this season.
        NotEnoughPapersError: if there are fewer papers that they have not seen than the set has.
    """
    record = in_season(record, at, rules)
    if record.state is RecordState.RELEASED:
        raise AttemptError("you read no more in this skill and band this season")
    if record.attempt is not None:
        raise AttemptError("a set is open already; its papers come when you claim the next task")
    if purpose is Purpose.QUALIFICATION and record.failed >= rules.qualifying.attempts_most:
        raise AttemptError("no further set before somebody has trained you")
    wanted = set_size(purpose, rules)
    unseen = [each for each in papers if each.paper_id not in record.seen]
    if len(unseen) < wanted:
        raise NotEnoughPapersError(f"the set takes {wanted} papers, and {len(unseen)} are left for you")
    entry = Entry(at=at, by=record.scorer_id, what=f"opened a set for {purpose}")
    return replace(record, attempt=Attempt(purpose=purpose, opened_at=at), history=(*record.history, entry))


def set_size(purpose: Purpose, rules: CalibrationRules) -> int:
    """Return how many papers a set has."""
    qualifying = rules.qualifying
    return qualifying.practice_papers if purpose is Purpose.PRACTICE else qualifying.papers


def take_artifact(record: ScorerRecord, *, at: datetime, rules: CalibrationRules) -> ScorerRecord:
    """Count the read of an artifact."""
    return _counted(in_season(record, at, rules), at)


def take_paper(
    record: ScorerRecord,
    paper: Paper,
    given: Sequence[CriterionLevel],
    *,
    at: datetime,
    rules: CalibrationRules,
) -> ScorerRecord:
    """Mark the read of a paper; the same record, if this paper was marked before.

    A paper has settled levels, so whoever gives it none but finds it unscorable is out of tolerance.

    Raises:
        ValueError: if the levels are not of the paper's criteria.
    """
    record = in_season(record, at, rules)
    if paper.paper_id in record.seen:
        return record
    levels = {each.criterion_id: each for each in given}
    ordered = tuple(levels[each.criterion_id] for each in paper.known if each.criterion_id in levels)
    found = mark(
        [each.level for each in paper.known], [each.level for each in ordered], cut=rules.qualifying.cut
    )
    read = PaperRead(
        paper_id=paper.paper_id,
        given_at=at,
        known=paper.known,
        given=ordered,
        rationale=paper.rationale,
        wrong_side=found.wrong_side,
    )
    record = replace(record, seen=(*record.seen, paper.paper_id))
    if paper.purpose is Purpose.SEED:
        return _take_seed(record, read, rules)
    return _take_attempt(record, paper.purpose, read, rules)


def stop(
    record: ScorerRecord, reason: StopReason, *, by: str, at: datetime, rules: CalibrationRules
) -> ScorerRecord:
    """Stop a scorer; the last stop that a season allows releases them."""
    record = in_season(record, at, rules)
    stops = (*record.stops, Stop(since=record.trusted_since or at, reason=reason, at=at))
    released = len(stops) >= rules.stopping.stops_most
    return replace(
        record,
        state=RecordState.RELEASED if released else RecordState.PAUSED,
        stops=stops,
        history=(*record.history, Entry(at=at, by=by, what=f"stopped: {reason}")),
    )


def confirm_training(record: ScorerRecord, *, by: str, at: datetime, rules: CalibrationRules) -> ScorerRecord:
    """Let a scorer who failed too often try again, since somebody has trained them."""
    record = in_season(record, at, rules)
    return replace(record, failed=0, history=(*record.history, Entry(at=at, by=by, what="trained")))


def _take_seed(record: ScorerRecord, read: PaperRead, rules: CalibrationRules) -> ScorerRecord:
    stopping = rules.stopping
    longest = max(stopping.window, stopping.rolling)
    # Reads are told in no order; what counts is when they were given.
    window = tuple(sorted((*record.window, read), key=lambda each: each.given_at))[-longest:]
    record = _counted(record, read.given_at)
    record = replace(record, seeds=record.seeds + 1, window=window)
    reason = reason_to_stop([each.mark for each in window], stopping)
    if reason is not None and record.state not in {RecordState.PAUSED, RecordState.RELEASED}:
        # The seed that stops a scorer vouches for nothing, even where it is good in itself.
        return stop(record, reason, by=_RULE, at=read.given_at, rules=rules)
    if read.mark.is_miss(stopping):
        return record
    return replace(record, trusted_since=max(read.given_at, record.trusted_since or read.given_at))


def _take_attempt(
    record: ScorerRecord, purpose: Purpose, read: PaperRead, rules: CalibrationRules
) -> ScorerRecord:
    attempt = record.attempt
    if attempt is None or attempt.purpose is not purpose:
        return record
    reads = (*attempt.reads, read)
    if len(reads) < set_size(purpose, rules):
        return replace(record, attempt=replace(attempt, reads=reads))
    record = replace(record, attempt=None)
    at = max(each.given_at for each in reads)
    if purpose is Purpose.PRACTICE:
        entry = Entry(at=at, by=record.scorer_id, what="practised")
        return replace(record, practice=reads, history=(*record.history, entry))
    if not qualifies([each.mark for each in reads], rules.qualifying):
        entry = Entry(at=at, by=_RULE, what="failed to qualify")
        return replace(record, failed=record.failed + 1, history=(*record.history, entry))
    return replace(
        record,
        state=RecordState.QUALIFIED,
        qualified_at=at,
        trusted_since=at,
        window=(),
        failed=0,
        history=(*record.history, Entry(at=at, by=_RULE, what="qualified")),
    )


def _counted(record: ScorerRecord, at: datetime) -> ScorerRecord:
    return replace(
        record,
        reads=record.reads + 1,
        last_read_at=max(at, record.last_read_at or at),
        trusted_since=record.trusted_since or at,
    )
