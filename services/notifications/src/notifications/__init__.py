"""Families are told, once, in their language."""
