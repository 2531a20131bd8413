"""Scoring: rubrics, who may read what, how reads become a score, and how well scorers agree."""
