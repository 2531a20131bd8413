"""What the services tell each other: event contracts, owned by their producers."""

from typing import Any

from contracts import artifacts, defenses, notifications, scoring
from contracts.base import Contract

ALL_CONTRACTS: tuple[Contract[Any], ...] = (
    *artifacts.CONTRACTS,
    *scoring.CONTRACTS,
    *defenses.CONTRACTS,
    *notifications.CONTRACTS,
)

BY_TYPE: dict[str, Contract[Any]] = {contract.type: contract for contract in ALL_CONTRACTS}

#: Types of the events that may be published although no queue is bound for them.
OUTWARD: frozenset[str] = frozenset(contract.type for contract in ALL_CONTRACTS if contract.outward)
