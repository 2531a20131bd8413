"""Exceptions, trials of rules, replays, and the daily sweep."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from contracts.base import Fact
from defenses.domain.candidates import Candidate, NoDecisionError
from defenses.domain.readiness import Decision, ReadinessException, ReadinessRule, Snapshot, decide
from defenses.domain.roster import School, UnknownSchoolError, UnknownStudentError
from defenses.domain.sweeps import Sweep, swept
from defenses.domain.trials import Trial, try_rule
from defenses.use_cases.readiness_news import Rules, change, decided_again, redecision
from defenses.use_cases.stores import Aggregates, Finder

#: Candidates that are looked at without giving way to others.
_STRETCH = 50

_LONGEST_ID = 200


class UnknownRuleError(LookupError):
    """The district has dropped the version of the rule by which this was decided."""


class UnknownDecisionError(LookupError):
    """No decision about this student has this input hash."""


class ExceptionRefusedError(ValueError):
    """An exception cannot be recorded as it is; `field` names what is wrong."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


@dataclass(frozen=True, kw_only=True)
class Replay:
    """A decision made again from what it was made from; `same` if nothing of it is another."""

    decision: Decision
    same: bool


class Students(Finder[Candidate], Protocol):
    """Finds candidates, also by where they are."""

    def ids_in(self, school_id: str, grades: Sequence[str], /) -> Sequence[str]:
        """Return the ids of a school's students in some grades."""
        ...


class SweptStudents(Students, Aggregates[Candidate], Protocol):
    """Finds candidates and keeps them."""


class SweepRules(Rules, Protocol):
    """The district's rules, and for which grades there are any."""

    @property
    def transitions(self) -> Sequence[str]:
        """The grades for which a rule is in force now."""
        ...

    @property
    def fingerprint(self) -> str:
        """Another one as soon as anything of the rules in force is."""
        ...


def grant_exception(
    student_id: str,
    exception: ReadinessException,
    *,
    candidates: Aggregates[Candidate],
    rules: Rules,
    now: datetime,
) -> Candidate:
    """Record an exception for a student, in place of one of the same id, and decide again.

    Raises:
        UnknownStudentError: if the roster has not named the student.
        ExceptionRefusedError: if it would be over already, or has an id too long to keep.
    """
    if exception.ends_on < now.date():
        raise ExceptionRefusedError("ends_on", "must not be in the past")
    if len(exception.exception_id) > _LONGEST_ID:
        raise ExceptionRefusedError("exception_id", f"must be at most {_LONGEST_ID} characters")
    return _tell(
        student_id,
        lambda candidate: candidate.excepted(exception),
        candidates=candidates,
        rules=rules,
        now=now,
    )


def revoke_exception(
    student_id: str,
    exception_id: str,
    *,
    candidates: Aggregates[Candidate],
    rules: Rules,
    now: datetime,
) -> Candidate:
    """Take an exception back, as if it had never been granted; none of that id is no error.

    Raises:
        UnknownStudentError: if the roster has not named the student.
    """
    return _tell(
        student_id,
        lambda candidate: candidate.unexcepted(exception_id),
        candidates=candidates,
        rules=rules,
        now=now,
    )


def _tell(
    student_id: str,
    told: Callable[[Candidate], Candidate],
    *,
    candidates: Aggregates[Candidate],
    rules: Rules,
    now: datetime,
) -> Candidate:
    decide_again = change(student_id, told, rules=rules, now=now)

    def decided(found: Candidate | None) -> tuple[Candidate, list[Fact]] | None:
        return None if found is None else decide_again(found)

    after = candidates.change(student_id, decided)
    if after is None:
        raise UnknownStudentError(f"there is no student {student_id}")
    return after


def replay(candidate: Candidate, *, rules: Rules) -> Replay:
    """Make the decision that stands again, from its snapshot and by its rule version.

    Raises:
        NoDecisionError: if nothing is decided about the student.
        UnknownRuleError: if the district has dropped the rule's version.
    """
    standing = candidate.current
    snapshot = candidate.snapshot(standing.as_of) if standing is not None else None
    if standing is None or snapshot is None:
        raise NoDecisionError(f"nothing is decided about {candidate.student_id}")
    again = decide_by_version(snapshot, standing.rule_version, rules=rules)
    return Replay(decision=again, same=again == standing)


def replay_past(candidate: Candidate, input_hash: str, *, rules: Rules) -> Replay:
    """Make a decision again that was said about a student, whatever has become of their evidence since.

    Raises:
        UnknownDecisionError: if none was said that has this input hash.
        UnknownRuleError: if the district has dropped the rule's version.
    """
    found = [past for past in candidate.history if past.input_hash == input_hash]
    if not found:
        raise UnknownDecisionError(f"nothing of this input hash was decided about {candidate.student_id}")
    past = found[-1]
    again = decide_by_version(past.read(), past.rule_version, rules=rules)
    return Replay(decision=again, same=(again.status, again.input_hash) == (past.status, past.input_hash))


def decide_by_version(snapshot: Snapshot, rule_version: str, *, rules: Rules) -> Decision:
    """Make any decision of the past again, from what `readiness.changed` told of it.

    Raises:
        UnknownRuleError: if the district has no such version, or it decides nothing about the transition.
    """
    rule = rules.of_version(rule_version)
    decision = decide(snapshot, rule) if rule is not None else None
    if decision is None:
        raise UnknownRuleError(f"rule version {rule_version} does not decide about {snapshot.transition}")
    return decision


def known_school(school_id: str, *, schools: Finder[School]) -> School:
    """Return a school.

    Raises:
        UnknownSchoolError: if there is no such school.
    """
    found = schools.find(school_id)
    if found is None:
        raise UnknownSchoolError(school_id, field="school_id")
    return found


def dry_run(
    rule: ReadinessRule,
    school_id: str,
    *,
    candidates: Students,
    school_year: str,
    pause: Callable[[], None],
    now: datetime,
) -> Trial:
    """Say what a rule would change at a school; nothing is written and nothing is said.

    Args:
        rule: as if it were in force.
        school_id: whose students are looked at.
        candidates: the store.
        school_year: the one that `now` lies in.
        pause: gives way to others; called again and again.
        now: for which day to decide.
    """
    ids = candidates.ids_in(school_id, sorted(rule.transitions))
    found = (each for stretch in _stretches(ids, pause) for each in candidates.existing(stretch).values())
    return try_rule(rule, found, school_id=school_id, school_year=school_year, now=now)


def sweep(
    sweep_id: str,
    *,
    sweeps: Aggregates[Sweep],
    schools: Finder[School],
    candidates: SweptStudents,
    rules: SweepRules,
    pause: Callable[[], None],
    still_ours: Callable[[], None],
    now: datetime,
) -> int:
    """Decide again about all candidates of a district, and write those about whom something is new.

    A process that dies on the way is followed by another one, which finds nothing new where this one was.

    Args:
        sweep_id: of the district's sweep.
        sweeps: where it is noted.
        schools: the district's.
        candidates: the district's.
        rules: the district's, as they are now.
        pause: gives way to others; called again and again.
        still_ours: renews the lease; raises if somebody else holds it, which ends our part.
        now: for which day to decide.

    Returns:
        About how many something was new.
    """
    grades, again = rules.transitions, redecision(rules=rules, now=now)
    count = 0
    for school in sorted(schools.select(), key=lambda each: each.school_id):
        still_ours()
        for stretch in _stretches(candidates.ids_in(school.school_id, grades), pause):
            stale = [
                (each.student_id, again)
                for each in candidates.existing(stretch).values()
                if decided_again(each, rules=rules, now=now) is not each
            ]
            count += candidates.change_many(stale) if stale else 0
    sweeps.change(
        sweep_id,
        lambda last: (
            swept(last, day=now.date(), rules=rules.fingerprint, decided_again=count),
            (),
        ),
    )
    return count


def _stretches(ids: Sequence[str], pause: Callable[[], None]) -> Iterator[Sequence[str]]:
    """Yield ids in groups, and give way to others after each."""
    for first in range(0, len(ids), _STRETCH):
        yield ids[first : first + _STRETCH]
        pause()
