"""The peers' workers: each is what a team would write with that library, at its best settings."""
