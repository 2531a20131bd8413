"""A TCP proxy that misbehaves on command.

`python proxy.py NAME=LISTEN_PORT:TARGET_PORT …` on loopback. Each line on standard input is a JSON object
`{"route": NAME, "mode": MODE, "value": NUMBER}` and is answered with a line `ok`:

- `open`: forward; what was half-open, or met a secondary, is cut, as nobody could revive it.
- `cut`: reset all connections, then forward.
- `refuse`: reset all connections and every new one.
- `delay`: hold every piece back for `value` seconds.
- `half_open`: swallow everything in both directions, and say nothing.
- `lose_replies`: forward requests, and reset the connection instead of its next reply.
- `cut_after`: reset all connections once `value` more bytes have been forwarded.
- `not_primary`: reset all connections; on new ones, answer writes as a store's node that is a secondary.
"""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass, field

import secondary

_PIECE = 65536


@dataclass
class Route:
    """One port and where it leads."""

    listen: int
    target: int
    mode: str = "open"
    value: float = 0.0
    writers: set[asyncio.StreamWriter] = field(default_factory=set)
    watchers: set[asyncio.StreamWriter] = field(default_factory=set)

    def behave(self, mode: str, value: float) -> None:
        """Change what happens from now on."""
        was = self.mode
        self.mode, self.value = ("open" if mode == "cut" else mode), value
        resets = mode in ("cut", "refuse", "not_primary")
        if resets or (was in ("half_open", "not_primary") and mode != was):
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
            # Who joins in the middle of a conversation cannot tell where its messages begin.
            requests = self._listen(reader, far_writer, writer) if self.mode == "not_primary" else None
            ways = [
                asyncio.create_task(requests or self._forward(reader, far_writer)),
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
            if self.mode == "lose_replies" and replies:
                return
            if not await self._pass_on(piece, writer):
                return

    async def _listen(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, back: asyncio.StreamWriter
    ) -> None:
        """Forward requests to a store message by message, and refuse writes while it is not the primary."""
        try:
            while True:
                header = await reader.readexactly(secondary.HEADER.size)
                length = secondary.HEADER.unpack(header)[0]
                message = header + await reader.readexactly(length - len(header))
                if secondary.watches(message):
                    self.watchers.add(back)
                refused = secondary.refusal(message) if self.mode == "not_primary" else None
                if refused is not None:
                    back.write(refused)
                    self._alarm()
                elif not await self._pass_on(message, writer):
                    return
        except asyncio.IncompleteReadError:
            return
        finally:
            self.watchers.discard(back)

    def _alarm(self) -> None:
        """Hang up on whoever watches: a voted-down node tells them, else they would not look for seconds."""
        for watcher in self.watchers:
            watcher.transport.abort()

    async def _pass_on(self, piece: bytes, writer: asyncio.StreamWriter) -> bool:
        """Forward one piece in the way of the mode; False if the connection is at its end."""
        if self.mode == "half_open":
            return True
        if self.mode == "delay":
            await asyncio.sleep(self.value)
        if self.mode == "cut_after":
            self.value -= len(piece)
            if self.value < 0:
                writer.write(piece[: len(piece) // 2])
                self.behave("cut", 0)
                return False
        writer.write(piece)
        await writer.drain()
        return True


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
