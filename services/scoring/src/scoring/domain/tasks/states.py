"""The states of a task, and which may follow which."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class State(StrEnum):
    """Where a task is; SCREENED, READ1, READ2, AGREED, RESOLVED and QUARANTINED last no time."""

    SUBMITTED = "submitted"
    SCREENED = "screened"
    QUEUED = "queued"
    LEASED = "leased"
    READ1 = "read1"
    QUEUED2 = "queued2"
    LEASED2 = "leased2"
    READ2 = "read2"
    AGREED = "agreed"
    ADJUDICATION = "adjudication"
    LEASED_ADJUDICATION = "leased_adjudication"
    RESOLVED = "resolved"
    HELD = "held"
    RELEASED = "released"
    REVIEW_REQUESTED = "review_requested"
    LEASED_REVIEW = "leased_review"
    CLEAN_REREAD = "clean_reread"
    REVIEW_DECIDED = "review_decided"
    RETURNED = "returned"
    UNSCORABLE = "unscorable"
    WITHDRAWN = "withdrawn"
    QUARANTINED = "quarantined"
    SAFEGUARDING = "safeguarding"
    #: The end of a paper that no student made: it is read and never scored.
    FILED = "filed"


#: What the office may do with a task that has no score yet.
_ASIDE = frozenset({State.WITHDRAWN, State.RETURNED})
#: What somebody who reads may find.
_FOUND = frozenset({State.UNSCORABLE, State.SAFEGUARDING})
#: Where a task waits or ends after its reads were counted anew.
_COUNTED = frozenset({State.QUEUED, State.QUEUED2, State.ADJUDICATION, State.AGREED, State.RESOLVED})

#: Which states may follow which.
TRANSITIONS: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.SUBMITTED: frozenset({State.SCREENED, State.RETURNED}),
        State.SCREENED: frozenset({State.QUEUED}),
        State.QUEUED: frozenset({State.LEASED, *_ASIDE}),
        State.LEASED: frozenset({State.FILED, State.READ1, *_COUNTED, *_FOUND, *_ASIDE, State.QUARANTINED}),
        State.READ1: frozenset({State.QUEUED2, State.AGREED, State.FILED}),
        State.QUEUED2: frozenset({State.LEASED2, State.QUARANTINED, *_ASIDE}),
        State.LEASED2: frozenset(
            {State.READ2, *_COUNTED, *_FOUND, *_ASIDE, State.QUARANTINED},
        ),
        State.READ2: frozenset({State.QUEUED2, State.AGREED, State.RESOLVED, State.ADJUDICATION}),
        State.AGREED: frozenset({State.HELD}),
        State.ADJUDICATION: frozenset({State.LEASED_ADJUDICATION, State.QUARANTINED, *_ASIDE}),
        State.LEASED_ADJUDICATION: frozenset({*_COUNTED, *_FOUND, *_ASIDE, State.QUARANTINED}),
        State.RESOLVED: frozenset({State.HELD}),
        State.HELD: frozenset(
            {State.RELEASED, State.QUEUED2, State.ADJUDICATION, State.QUARANTINED, *_ASIDE}
        ),
        State.RELEASED: frozenset(
            {State.REVIEW_REQUESTED, State.QUEUED2, State.ADJUDICATION, State.QUARANTINED}
        ),
        State.REVIEW_REQUESTED: frozenset({State.LEASED_REVIEW}),
        State.LEASED_REVIEW: frozenset({State.REVIEW_REQUESTED, State.CLEAN_REREAD, State.SAFEGUARDING}),
        State.CLEAN_REREAD: frozenset({State.LEASED_REVIEW, State.REVIEW_DECIDED}),
        State.REVIEW_DECIDED: frozenset(),
        State.RETURNED: frozenset(),
        State.UNSCORABLE: frozenset({*_COUNTED, *_ASIDE}),
        State.WITHDRAWN: frozenset(),
        State.QUARANTINED: frozenset({*_COUNTED, State.LEASED, State.LEASED2, State.LEASED_ADJUDICATION}),
        State.SAFEGUARDING: frozenset({*_COUNTED, *_ASIDE, State.REVIEW_REQUESTED, State.CLEAN_REREAD}),
        State.FILED: frozenset(),
    }
)

#: States in which a task waits for somebody to open it.
WAITING = frozenset(
    {State.QUEUED, State.QUEUED2, State.ADJUDICATION, State.REVIEW_REQUESTED, State.CLEAN_REREAD}
)
#: States in which somebody has it open.
OPEN = frozenset({State.LEASED, State.LEASED2, State.LEASED_ADJUDICATION, State.LEASED_REVIEW})


class Stage(StrEnum):
    """Which read is waited for or was given."""

    FIRST = "first"
    SECOND = "second"
    ADJUDICATION = "adjudication"
    REVIEW = "review"


class Purpose(StrEnum):
    """Why something is read; a scorer cannot tell these apart."""

    ARTIFACT = "artifact"
    SEED = "seed"
    PRACTICE = "practice"
    QUALIFICATION = "qualification"


class Pool(StrEnum):
    """Who may open a task."""

    SCORERS = "scorers"
    LEADS = "leads"


class Step(StrEnum):
    """What has been done about a read that takes long."""

    NUDGE = "nudge"
    ON_CALL = "on_call"
    INCIDENT = "incident"


class IllegalTransitionError(ValueError):
    """A task in its state cannot go where it was told to; the text is for the office, never for a scorer."""


class NoTaskError(LookupError):
    """There is no such task."""


class NotYourTaskError(PermissionError):
    """The caller has not opened this task."""


class LeaseExpiredError(ValueError):
    """The caller had opened this task, and gave no read in time."""


class AlreadyReadError(ValueError):
    """The caller has read this task, with other levels or feedback."""
