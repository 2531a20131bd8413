"""Schemas of policies, a module an area."""
