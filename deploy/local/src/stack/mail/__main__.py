"""The process of the mail sink: SMTP on one port, its pages and API on another."""

from __future__ import annotations

import asyncio
import signal
from functools import partial
from pathlib import Path

import click

from stack.mail.box import MailBox
from stack.mail.server import application
from stack.mail.smtp import protocol
from stack.trouble import Troublemaker


@click.command()
@click.option("--directory", type=click.Path(path_type=Path), required=True, help="Where mails are kept.")
@click.option("--smtp-port", type=int, required=True)
@click.option("--http-port", type=int, required=True)
def main(directory: Path, smtp_port: int, http_port: int) -> None:
    """Accept mails until told to stop."""
    asyncio.run(_serve(MailBox(directory), smtp_port=smtp_port, http_port=http_port))


async def _serve(box: MailBox, *, smtp_port: int, http_port: int) -> None:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    troublemaker = Troublemaker()
    smtp = await loop.create_server(partial(protocol, box, troublemaker), "127.0.0.1", smtp_port)
    http = application(box, troublemaker).listen(http_port, "127.0.0.1")
    await ended.wait()
    http.stop()
    smtp.close()


if __name__ == "__main__":
    main()
