"""Hearings: opened, judged, recorded, released, corrected and scored again."""
