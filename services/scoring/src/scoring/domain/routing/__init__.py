"""Routing: who may read what, and which of it they get."""

from scoring.domain.routing.desk import (
    Desk,
    Expiry,
    SuspendedError,
    declare,
    note_expiry,
    reinstate,
)
from scoring.domain.routing.eligibility import may_open, pools_of, rank, year_began
from scoring.domain.routing.people import FormerTeacher, Post, Scorer, Student, Waiting
from scoring.domain.routing.rules import RoutingRule
from scoring.domain.routing.standing import SeedPaper, Standing

__all__ = [
    "Desk",
    "Expiry",
    "FormerTeacher",
    "Post",
    "RoutingRule",
    "Scorer",
    "SeedPaper",
    "Standing",
    "Student",
    "SuspendedError",
    "Waiting",
    "declare",
    "may_open",
    "note_expiry",
    "pools_of",
    "rank",
    "reinstate",
    "year_began",
]
