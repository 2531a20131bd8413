"""Milestones: planned for many students at once, kept on record one by one, and looked after every hour."""
