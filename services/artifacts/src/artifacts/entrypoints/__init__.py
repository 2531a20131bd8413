"""How the artifacts service is reached."""

from artifacts.entrypoints.service import ArtifactsService

__all__ = ["ArtifactsService"]
