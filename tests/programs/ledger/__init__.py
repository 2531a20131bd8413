"""A small service with which the tests drive the chassis."""
