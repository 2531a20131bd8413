"""The way of one student from kindergarten to grade 12: skills, artifacts, milestones and defenses."""
