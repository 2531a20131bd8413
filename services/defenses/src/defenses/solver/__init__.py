"""Searches for a schedule, in a process of its own: `python -m defenses.solver`.

The only part of the service that knows OR-tools. It reads one request from stdin and writes one solution to
stdout; nobody takes its word for either validity or cost.
"""
