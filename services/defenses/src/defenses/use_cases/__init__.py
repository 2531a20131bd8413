"""One function a job: what happens to candidates, calendars, runs and defenses."""
