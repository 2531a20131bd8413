"""The operators' commands: `backpack queues`, `backpack parked …` and `backpack topology …`."""
