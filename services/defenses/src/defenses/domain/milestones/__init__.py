"""The yearly milestone of the grades between the defenses: what is due, planned and on record."""
