"""A TCP proxy that misbehaves on command.

`python proxy.py NAME=LISTEN_PORT:TARGET_PORT …` on loopback. Each line on standard input is a JSON object
`{"route": NAME, "mode": MODE, "value": NUMBER}` and is answered with a line `ok`:

- `open`: forward; what was half-open is cut, as nobody could revive it.
- `cut`: reset all connections, then forward.
- `refuse`: reset all connections and every new one.
- `delay`: hold every piece back for `value` seconds.
- `half_open`: swallow everything in both directions, and say nothing.
- `lose_replies`: forward requests, and reset the connection instead of its next reply.
- `cut_after`: reset all connections once `value` more bytes have been forwarded.
"""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass, field

_PIECE = 65536


@dataclass
class Route:
    """One port and where it leads."""

    listen: int
    target: int
    mode: str = "open"
    value: float = 0.0
    writers: set[asyncio.StreamWriter] = field(default_factory=set)

    def behave(self, mode: str, value: float) -> None:
        """Change what happens from now on."""
        was_half_open = self.mode == "half_open"
        self.mode, self.value = ("open" if mode == "cut" else mode), value
        if mode in ("cut", "refuse") or (was_half_open and mode != "half_open"):
            self.cut()

    def cut(self) -> None:
        """Reset every connection."""
        for writer in self.writers:
            writer.transport.abort()

    async def serve(self) -> None:
        server = await asyncio.start_server(self._connect, "127.0.0.1", self.listen)
        async with server:
            await server.serve_forever()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.add(writer)
        try:
            if self.mode == "refuse":
                return
            await self._join(reader, writer)
        except OSError:
            pass
        finally:
            self.writers.discard(writer)
            writer.transport.abort()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        self.writers.add(far_writer)
        try:
            ways = [
                asyncio.create_task(self._forward(reader, far_writer)),
                asyncio.create_task(self._forward(far_reader, writer, replies=True)),
            ]
            # One direction's end is the connection's end.
            _, other = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in other:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
        finally:
            self.writers.discard(far_writer)
            far_writer.transport.abort()

    async def _forward(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, replies: bool = False
    ) -> None:
        while piece := await reader.read(_PIECE):
            if self.mode == "half_open":
                continue
            if self.mode == "delay":
                await asyncio.sleep(self.value)
            if self.mode == "lose_replies" and replies:
                return
            if self.mode == "cut_after":
                self.value -= len(piece)
                if self.value < 0:
                    writer.write(piece[: len(piece) // 2])
                    self.behave("cut", 0)
                    return
            writer.write(piece)
            await writer.drain()


async def main(arguments: list[str]) -> None:
    """Serve until standard input ends."""
    routes: dict[str, Route] = {}
    for argument in arguments:
        name, _, ports = argument.partition("=")
        listen, _, target = ports.partition(":")
        routes[name] = Route(int(listen), int(target))
    serving = [asyncio.create_task(route.serve()) for route in routes.values()]
    while line := await asyncio.to_thread(sys.stdin.readline):
        command = json.loads(line)
        routes[command["route"]].behave(command["mode"], float(command.get("value", 0)))
        sys.stdout.write("ok\n")
        sys.stdout.flush()
    for task in serving:
        task.cancel()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
