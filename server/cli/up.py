"""`gradus up`: the platform on this machine, until Ctrl-C."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Annotated

import typer

from server.cli.terminal import answers, remarks

PORT_HELP = "Port on 127.0.0.1; without it 8000, or a free one if that is taken."
Port = Annotated[int | None, typer.Option(help=PORT_HELP, min=1, max=65535)]
Workers = Annotated[int, typer.Option(help="How many submissions are graded at the same time.", min=1, max=64)]


def default_workers() -> int:
    """One core is left for the web app and the database."""
    return max(1, min(4, (os.cpu_count() or 2) - 1))


def up(port: Port = None, workers: Workers = default_workers()) -> None:
    """Start everything: engines, web, worker and beat; embedded where no URL is configured."""
    from server.cli.platform import running_platform
    from server.settings import get_settings

    console = remarks()
    with stopped_by_signals(), running_platform(get_settings(), port=port, workers=workers, tell=console.print) as platform:
        answers().print(f"Gradus is ready: [strong]{platform.url}[/]   logs: {platform.logs}   stop: Ctrl-C", soft_wrap=True)
        wait_for_signal()


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """SIGTERM and a closed terminal are taken like Ctrl-C: the block ends in order."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    yield
    remarks().print("stopped")


def wait_for_signal() -> None:
    """Returns at Ctrl-C; a second one meanwhile is not needed and does no harm."""
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
