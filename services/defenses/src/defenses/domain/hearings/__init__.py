"""Hearings: a panel hears one student, each panelist judges alone, and an outcome follows."""
