"""One messaging job for this platform's chassis and for what a team would pick instead."""
