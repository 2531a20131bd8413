"""A schedule that lives: what is in the way of a place, and the least that must change."""
