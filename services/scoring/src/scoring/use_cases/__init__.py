"""What the scoring service does: a module an area, one function a job."""
