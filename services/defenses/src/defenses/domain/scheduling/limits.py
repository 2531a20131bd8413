"""What a search may take, in words that the search and whoever starts it share."""

from __future__ import annotations

MIB = 2**20
#: Of a search with all of its processes, where nobody says otherwise.
MEMORY_BYTES = 2048 * MIB
#: The exit status of a search that has grown beyond its limit.
OUT_OF_MEMORY = 4
