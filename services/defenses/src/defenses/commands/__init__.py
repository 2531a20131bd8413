"""The operators' commands of this service, under `backpack`."""

from defenses.commands.schedule import schedule

__all__ = ["schedule"]
