"""The demo district: generated people, evidence and calendars, and the driver of one defense season."""
