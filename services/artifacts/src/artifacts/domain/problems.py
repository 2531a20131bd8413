"""What can be wrong with a roster bundle, said without personal data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class LeftOut(StrEnum):
    """What a problem costs; everything else of the bundle still goes in."""

    BUNDLE = "bundle"
    FILE = "file"
    ROW = "row"
    PERSON = "person"
    VALUE = "value"


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing in a bundle that somebody at the district should mend.

    Attributes:
        file: its name in the bundle, such as `users.csv`.
        line: the line on which the row begins, from 1; None when the whole file is meant.
        column: the header's name; None when the whole row is meant.
        reason: what is wrong, as the end of a sentence about the column; never a value of the bundle.
        sourced_id: the roster's id of the row, where it could be read.
        left_out: what did not go in because of it.
    """

    file: str
    reason: str
    left_out: LeftOut
    line: int | None = None
    column: str | None = None
    sourced_id: str | None = None


class BundleRefusedError(ValueError):
    """Nothing of the bundle may go in.

    Attributes:
        problem: the reason, as the report shows it.
    """

    def __init__(self, file: str, reason: str, *, line: int | None = None, column: str | None = None) -> None:
        where = file if column is None else f"{file}, column {column}"
        super().__init__(f"{where}: {reason}")
        self.problem = Problem(file=file, reason=reason, left_out=LeftOut.BUNDLE, line=line, column=column)


class FileUnusableError(ValueError):
    """One file of the bundle cannot be read at all; `column` names the header that is to blame."""

    def __init__(self, reason: str, *, column: str | None = None) -> None:
        super().__init__(reason)
        self.column = column


class RosterShrinksError(ValueError):
    """So many people would leave at once that the bundle is more likely wrong than right."""

    def __init__(self, kind: str, *, leaving: int, known: int) -> None:
        super().__init__(f"{leaving} of {known} {kind} would leave the roster")
        self.kind = kind
        self.leaving = leaving
        self.known = known
