"""Import a roster bundle: read its files, work out who is who, and change what has changed."""

from artifacts.use_cases.roster.importing import Import, import_roster
from artifacts.use_cases.roster.ports import Bundle, Images, Progress, Rosters, Workbench
from artifacts.use_cases.roster.writing import Change, Summary

__all__ = [
    "Bundle",
    "Change",
    "Images",
    "Import",
    "Progress",
    "Rosters",
    "Summary",
    "Workbench",
    "import_roster",
]
