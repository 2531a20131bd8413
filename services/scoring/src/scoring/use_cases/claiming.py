"""A scorer asks for the next thing to read, and gets it alone."""

from __future__ import annotations

from scoring.domain.routing import Desk, SuspendedError, pools_of
from scoring.domain.tasks import Task
from scoring.use_cases.claims import AtCapacityError, Claim, Desktop, NotAScorerError
from scoring.use_cases.searching import Search

__all__ = ["AtCapacityError", "Claim", "Desktop", "NotAScorerError", "claim_task"]


def claim_task(claim: Claim, here: Desktop) -> Task | None:
    """Give a scorer the next thing to read, at random among all that they may.

    The write of the task decides who gets it: the lease and its place on the scorer's desk are part of the
    one document, so no two scorers have one task and no scorer has too many, however many ask at once.
    Everybody starts looking at a place of their own, so they seldom meet.

    Returns:
        The task; None if nothing waits that they may read.

    Raises:
        NotAScorerError: if they read nothing here, or are not qualified for anything that waits.
        SuspendedError: if too many of their leases expired.
        AtCapacityError: if they have enough open.
    """
    scorer = here.staff.find(claim.scorer_id)
    pools = pools_of(scorer, here.routing) if scorer else frozenset()
    if scorer is None or not pools:
        raise NotAScorerError("this caller reads nothing in this district")
    desk = here.desks.find(claim.scorer_id) or Desk(scorer_id=claim.scorer_id)
    if desk.suspended_at is not None:
        raise SuspendedError("too many leases expired; a coordinator can reinstate the scorer")
    held = here.tasks.open_of(claim.scorer_id)
    for each in held:
        if each.lease is not None and each.lease.lease_id == claim.lease_id:
            return each
    return Search(claim, here, scorer, desk, pools, held).first()
