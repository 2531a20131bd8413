"""Rosters and artifacts: what students collect as evidence."""
