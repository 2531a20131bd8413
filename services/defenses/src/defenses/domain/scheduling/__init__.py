"""The season's schedule: the problem, what a valid solution is, and why somebody has no place."""
