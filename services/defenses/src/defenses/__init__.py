"""Who is ready for a transition, and when they defend."""
