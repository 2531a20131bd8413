"""The jobs of the notifications service, one function each."""
