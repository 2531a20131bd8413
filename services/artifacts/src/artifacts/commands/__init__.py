"""The operators' commands of this service, under `backpack`."""

from artifacts.commands.roster import roster

__all__ = ["roster"]
