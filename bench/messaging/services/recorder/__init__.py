"""The job as a service on the chassis."""
