"""What can be wrong with what is asked of a hearing."""

from __future__ import annotations

from collections.abc import Sequence

from defenses.domain.publishing import Fault


class NoHearingError(LookupError):
    """There is no such hearing that the caller may see."""


class NotOnPanelError(Exception):
    """The caller has no seat on this panel."""


class InvalidEntryError(ValueError):
    """What was entered, a sheet or a plan, cannot be taken; `faults` says what is wrong with which field."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{fault.field}: {fault.reason}" for fault in faults))
        self.faults = tuple(faults)


class HearingConflictError(Exception):
    """The hearing is not in the state in which this can be done; `field` names what of the request it is."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.field = field


class PanelRefusedError(HearingConflictError):
    """These people may not hear this student, or they are too few."""
