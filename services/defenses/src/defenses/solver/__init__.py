"""Searches for a schedule, in a process of its own: `python -m defenses.solver`.

A greedy schedule (`greedy`), annealed in machine code on all cores (`annealing`, `search`), checked and
explained (`solving`), while another process proves how good any schedule can be (`proving`, `bounds`); only
that one knows OR-tools. Nobody takes its word for either validity or cost.
"""
