"""The web app on a listening socket that the supervisor made and keeps.

Nobody else can take the port between two starts, and who connects while the app restarts waits instead of being refused.
"""

import gc
import multiprocessing
import os
import signal
import socket
import sys
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.supervisors import Multiprocess

from server.unprivileged import die_with_parent

if TYPE_CHECKING:
    from fastapi import FastAPI

STREAMS_END_S = 2  # live results never end by themselves: without a limit a stop would wait for every open page
KEEP_ALIVE_S = 30  # a room of an exam asks every few seconds, over the same connection
SILENT_S = 60  # a process that says nothing for so long is started anew; a busy machine may need some of it


def serve(descriptor: int, processes: int) -> None:
    """With several processes the kernel gives each connection to one of them; uvicorn starts one anew that dies."""
    sockets = [socket.socket(fileno=descriptor)]
    known = {"access_log": False, "timeout_graceful_shutdown": STREAMS_END_S, "timeout_keep_alive": KEEP_ALIVE_S}
    if processes == 1:
        uvicorn.Server(uvicorn.Config(make_app, factory=True, **known)).run(sockets=sockets)
        return
    app = "server.cli.web_process:make_app_of_several"
    config = uvicorn.Config(app, factory=True, workers=processes, timeout_worker_healthcheck=SILENT_S, **known)
    Multiprocess(config, sockets=sockets).run()


def make_app_of_several() -> "FastAPI":
    """The parent may have died before anybody asked the kernel to tell: then nobody would ever end this process."""
    die_with_parent(signal.SIGTERM)
    parent = multiprocessing.parent_process()
    if parent is not None and os.getppid() != parent.pid:
        sys.exit("The one that started this process has died.")
    return make_app()


def make_app() -> "FastAPI":
    from server.app import create_app, prepare_routes  # not by whoever only looks after the others

    app = create_app()
    prepare_routes()
    spare_the_collector()
    return app


def spare_the_collector() -> None:
    """Modules and routes stay; looking through them again and again would stop all requests for 30 ms each time."""
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
