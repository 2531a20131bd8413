"""What goes over HTTP, a module an area: what callers may ask and send, and the shapes of the answers."""
