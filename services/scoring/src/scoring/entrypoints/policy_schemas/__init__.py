"""How a district writes its policies, a module an area."""
