"""Calibration: who may read, by papers whose levels are known, and who is stopped."""
