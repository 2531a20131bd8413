"""Frameworks as CSV: a row for each level of each criterion, as people edit them in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from scoring.domain.rubrics.framework import Fault, Framework, InvalidFrameworkError, Skill
from scoring.domain.rubrics.rubric import Criterion, Descriptor, Rubric

COLUMNS = (
    "skill_id",
    "skill",
    "statement",
    "rubric_id",
    "title",
    "band",
    "grades",
    "criterion_id",
    "criterion",
    "level",
    "descriptor",
)
_SKILL = ("skill_id", "skill", "statement")
_RUBRIC = ("rubric_id", "skill_id", "title", "band", "grades")
_CRITERION = ("rubric_id", "criterion_id", "criterion")

#: A cell that begins so is a formula to a spreadsheet, whoever wrote it; an apostrophe makes it text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: A district has some hundred rows; more than this is no rubric.
_MOST_ROWS = 20_000


def to_table(framework: Framework) -> str:
    """Return a framework's skills and rubrics as CSV (RFC 4180); crosswalks have no place in it."""
    skills = {skill.skill_id: skill for skill in framework.skills}
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for rubric in framework.rubrics:
        skill = skills[rubric.skill_id]
        for criterion in rubric.criteria:
            for descriptor in criterion.descriptors:
                row = (
                    skill.skill_id,
                    skill.name,
                    skill.statement,
                    rubric.rubric_id,
                    rubric.title,
                    rubric.band,
                    " ".join(rubric.grades),
                    criterion.criterion_id,
                    criterion.name,
                    str(descriptor.level),
                    descriptor.text,
                )
                writer.writerow([_guarded(cell) for cell in row])
    return text.getvalue()


def from_table(text: str, *, version: str, title: str) -> Framework:
    """Read a framework from CSV.

    Args:
        text: with a row of column names, which may stand in any order; a byte order mark is passed over.
        version: the name of the version that it becomes.
        title: of the framework, which a table does not say.

    Raises:
        InvalidFrameworkError: naming row (the names' row is 1) and column, if rows contradict each other or
            cannot be read at all. Whether levels or texts are missing is for `framework_faults` to say.
    """
    faults: list[Fault] = []
    tables = _Tables()
    for number, row in _rows(text, faults):
        tables.add(number, row, faults)
    if faults:
        raise InvalidFrameworkError(faults)
    return tables.framework(version, title)


@dataclass
class _Tables:
    """What has been read so far: each thing by its id, with the row that named it first."""

    skills: dict[str, tuple[int, Mapping[str, str]]] = field(default_factory=dict)
    rubrics: dict[str, tuple[int, Mapping[str, str]]] = field(default_factory=dict)
    criteria: dict[tuple[str, str], tuple[int, Mapping[str, str]]] = field(default_factory=dict)
    levels: dict[tuple[str, str], dict[int, tuple[int, str]]] = field(default_factory=dict)

    def add(self, number: int, row: Mapping[str, str], faults: list[Fault]) -> None:
        """Take one row, or say what it contradicts."""
        criterion = (row["rubric_id"], row["criterion_id"])
        for first, names in (
            (self.skills.setdefault(row["skill_id"], (number, row)), _SKILL),
            (self.rubrics.setdefault(row["rubric_id"], (number, row)), _RUBRIC),
            (self.criteria.setdefault(criterion, (number, row)), _CRITERION),
        ):
            faults.extend(
                Fault(f"row {number}, column {name}", f"row {first[0]} says something else")
                for name in names
                if row[name] != first[1][name]
            )
        try:
            level = int(row["level"])
        except ValueError:
            faults.append(Fault(f"row {number}, column level", "it is not a whole number"))
            return
        known = self.levels.setdefault(criterion, {}).setdefault(level, (number, row["descriptor"]))
        if known[0] != number:
            faults.append(Fault(f"row {number}, column level", f"row {known[0]} has this level already"))

    def framework(self, version: str, title: str) -> Framework:
        """Return what all rows say together, in the order in which they said it first."""
        return Framework(
            version=version,
            title=title,
            skills=tuple(
                Skill(skill_id=skill_id, name=row["skill"], statement=row["statement"])
                for skill_id, (_, row) in self.skills.items()
            ),
            rubrics=tuple(
                Rubric(
                    rubric_id=rubric_id,
                    version=version,
                    title=row["title"],
                    skill_id=row["skill_id"],
                    band=row["band"],
                    grades=tuple(row["grades"].split()),
                    criteria=tuple(self._criteria(rubric_id)),
                )
                for rubric_id, (_, row) in self.rubrics.items()
            ),
            crosswalks=(),
        )

    def _criteria(self, rubric_id: str) -> Iterator[Criterion]:
        for key, (_, row) in self.criteria.items():
            if key[0] == rubric_id:
                levels = sorted(self.levels[key].items())
                yield Criterion(
                    criterion_id=key[1],
                    name=row["criterion"],
                    descriptors=tuple(Descriptor(level=level, text=given) for level, (_, given) in levels),
                )


def _rows(text: str, faults: list[Fault]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Yield (row number, cells by column) of each row that has the right number of cells."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        names = [cell.strip() for cell in next(reader, ())]
        faults.extend(_header_faults(names))
        if faults:
            return
        for number, cells in enumerate(reader, start=2):
            if number > _MOST_ROWS:
                faults.append(Fault(f"row {number}", f"there are more than {_MOST_ROWS} rows"))
                return
            if len(cells) == len(names):
                yield number, dict(zip(names, map(_plain, cells), strict=True))
            elif any(cells):
                faults.append(Fault(f"row {number}", f"it has {len(cells)} cells and not {len(names)}"))
    except csv.Error as error:
        faults.append(Fault(f"line {reader.line_num}", f"it is not CSV: {error}"))


def _header_faults(names: Sequence[str]) -> Iterator[Fault]:
    yield from (Fault("row 1", f"column {name} is missing") for name in COLUMNS if name not in names)
    yield from (Fault("row 1", f"column {name} is not known") for name in names if name not in COLUMNS)
    if len(set(names)) != len(names):
        yield Fault("row 1", "a column stands twice")


def _guarded(cell: str) -> str:
    return f"'{cell}" if _is_formula(cell) else cell


def _plain(cell: str) -> str:
    """Undo `_guarded`."""
    return cell[1:] if cell.startswith("'") and _is_formula(cell) else cell


def _is_formula(cell: str) -> bool:
    """Whether it is one to a spreadsheet, once any apostrophes that guard it are gone."""
    return cell.lstrip("'").startswith(_FORMULA)
