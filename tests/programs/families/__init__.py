"""The notifications service with faults inside: it kills itself at a named point."""
