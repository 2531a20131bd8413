"""Processes of this service besides the one that serves."""
