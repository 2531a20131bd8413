"""How good, fast and frugal the scheduler is, beside what a team would use instead."""
