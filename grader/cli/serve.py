"""`gradus sandbox serve`: the narrow path from workers in containers to the Docker engine."""

import asyncio
import logging
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from grader.cli.terminal import ExitCode, stop


def serve(
    socket: Annotated[Path, typer.Option(help="Where workers connect; its folder must be there.")],
    device: Annotated[
        list[str] | None,
        typer.Option(help="UUID of a GPU that may be asked for; repeat for more. Default: GRADUS_SANDBOX_DEVICES."),
    ] = None,
) -> None:
    """Hand out sandbox containers over a Unix socket. Only this process needs the engine's own socket.

    A connection asks for one container and nothing else about it; closing the connection destroys the container.
    """
    from grader.preflight import asked_all
    from grader.sandbox.docker.check import check
    from grader.sandbox.docker.engine import LocalEngine
    from grader.sandbox.docker.service import Service, run_service
    from grader.sandbox.options import Options
    from grader.sandbox.owner import this_process
    from grader.sandbox.reaper import reap

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    options = Options()
    devices = device or [name.strip() for name in options.devices.split(",") if name.strip()]
    if wrong := [name for name in devices if not name.startswith(("GPU-", "MIG-"))]:
        stop(ExitCode.usage, f"{', '.join(wrong)} is no GPU's UUID.", "nvidia-smi -L lists them: GPU-…, MIG-…")
    engine = LocalEngine(options.model_copy(update={"engine": None}))

    async def run() -> None:
        service = Service(engine, owner=this_process(), slots=options.slots, devices=devices)
        look = partial(asked_all, partial(check, engine.options), "check")
        await run_service(service, socket, reap=lambda: reap(engine), look=look)

    asyncio.run(run())
