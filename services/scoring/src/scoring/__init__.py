"""Artifacts are read by scorers with districtwide rubrics."""
