"""The process of the SMS simulator."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import click

from stack.sms.ledger import Ledger
from stack.sms.provider import Provider
from stack.sms.server import application


@click.command()
@click.option("--directory", type=click.Path(path_type=Path), required=True, help="Where messages are kept.")
@click.option("--port", type=int, required=True)
@click.option("--account", required=True, help="The account's id, AC….")
@click.option("--auth-token", envvar="SMS_AUTH_TOKEN", required=True, help="Its secret.")
@click.option("--inbound-url", default="", help="Where replies are reported.")
@click.option("--step", "step_s", type=float, default=0.2, help="Seconds that a message is in each state.")
def main(
    *, directory: Path, port: int, account: str, auth_token: str, inbound_url: str, step_s: float
) -> None:
    """Accept text messages until told to stop."""
    ledger = Ledger(directory)
    provider = Provider(
        ledger, account=account, auth_token=auth_token, inbound_url=inbound_url, step_s=step_s
    )
    asyncio.run(_serve(provider, port))
    ledger.close()


async def _serve(provider: Provider, port: int) -> None:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    http = application(provider).listen(port, "127.0.0.1")
    provider.resume()
    await ended.wait()
    http.stop()


if __name__ == "__main__":
    main()
