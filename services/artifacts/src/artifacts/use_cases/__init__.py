"""What the service does: one function a job, and the Protocols of what it needs."""
