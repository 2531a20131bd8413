"""The workbench of one import: a roster's rows in a database on disk, so that joining needs no memory."""

from artifacts.clients.workbench.bench import SqliteWorkbench, open_workbench

__all__ = ["SqliteWorkbench", "open_workbench"]
