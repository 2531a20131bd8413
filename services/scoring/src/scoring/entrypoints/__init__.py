"""How the scoring service is reached."""

from scoring.entrypoints.service import ScoringService

__all__ = ["ScoringService"]
