"""What the defenses service decides: readiness, availability and the season's schedule; pure."""
