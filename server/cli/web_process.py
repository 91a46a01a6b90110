"""The web app on a listening socket that the supervisor made and keeps.

Nobody else can take the port between two starts, and who connects while the app restarts waits instead of being refused.
"""

import socket
import sys

import uvicorn

STREAMS_END_S = 2  # live results never end by themselves: without a limit a stop would wait for every open page


def serve(descriptor: int) -> None:
    config = uvicorn.Config("server.app:create_app", factory=True, access_log=False, timeout_graceful_shutdown=STREAMS_END_S)
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=descriptor)])


if __name__ == "__main__":
    serve(int(sys.argv[1]))
