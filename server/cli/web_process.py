"""The web app on a listening socket that the supervisor made and keeps.

Nobody else can take the port between two starts, and who connects while the app restarts waits instead of being refused.
"""

import gc
import socket
import sys

import uvicorn

from server.app import create_app

STREAMS_END_S = 2  # live results never end by themselves: without a limit a stop would wait for every open page
SWITCH_S = 0.001  # threads take turns this often: a page that is being drawn does not hold up the others for long


def serve(descriptor: int) -> None:
    app = create_app()
    sys.setswitchinterval(SWITCH_S)
    spare_the_collector()
    config = uvicorn.Config(app, access_log=False, timeout_graceful_shutdown=STREAMS_END_S)
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=descriptor)])


def spare_the_collector() -> None:
    """Modules and routes stay; looking through them again and again would stop all requests for 30 ms each time."""
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
