"""The bodies, queries and answers of the HTTP routes, a module an area."""
