"""The worker's side of the narrow path: the same engine as a local one, by way of `gradus sandbox serve`."""

import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from grader.sandbox.base import GraderFailure
from grader.sandbox.docker.narrow import LONGEST_S, MAX_ANSWER, Answer, Digest, Outcome, Ping, Question, Safety, Start, write_line

if TYPE_CHECKING:
    from grader.sandbox.docker.template import Order  # brings the SDK, which a health check does without

CONNECT_S = 5.0
ANSWER_S = 90.0  # a slot may have to become free first, then the container starts


class RemoteLine:
    """A container behind the service: its stream is the connection, and ends with it."""

    def __init__(self, id: str, connection: socket.socket) -> None:
        self.id, self.socket = id, connection

    def close(self) -> None:
        """The service destroys the container as soon as it sees this."""
        self.socket.close()


class RemoteEngine:
    """Asks the service at `path`. Raises GraderFailure where it does not answer or refuses."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def start(self, order: "Order") -> RemoteLine:
        """The service is the owner of what it starts; the owner in the order stays here."""
        lasts_s = min(max(order.deadline - time.time(), 1.0), LONGEST_S)
        connection = self.connect()
        try:
            answer = ask(connection, Start(isolation=order.isolation, device=order.device, deadline_s=lasts_s))
        except BaseException:
            connection.close()
            raise
        connection.settimeout(None)
        return RemoteLine(answer.id or "", connection)

    def digest(self, device: str | None = None) -> str:
        with self.connect() as connection:
            return ask(connection, Digest(device=device)).digest or ""

    def safety(self) -> Outcome | None:
        """None where the service has not yet come to the end of its look."""
        with self.connect() as connection:
            return ask(connection, Safety()).safety

    def ping(self) -> None:
        with self.connect() as connection:
            ask(connection, Ping())

    def connect(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(CONNECT_S)
        try:
            connection.connect(str(self.path))
        except OSError as error:
            connection.close()
            reason = f"the sandbox service does not answer at {self.path} ({error}); is `gradus sandbox serve` running?"
            raise GraderFailure(reason) from error
        return connection


def ask(connection: socket.socket, question: Question) -> Answer:
    """One line there, one line back; the stream that may follow stays unread."""
    connection.settimeout(ANSWER_S)
    try:
        connection.sendall(write_line(question))
        answer = Answer.model_validate_json(read_line(connection))
    except (OSError, ValidationError) as error:
        raise GraderFailure(f"the sandbox service gave no answer: {error}") from error
    if not answer.ok:
        raise GraderFailure(f"the sandbox service refused: {answer.error}")
    return answer


def read_line(connection: socket.socket) -> bytes:
    """Up to the end of the line and no further: what comes after it belongs to the container's stream."""
    line = b""
    while not line.endswith(b"\n"):
        seen = connection.recv(MAX_ANSWER - len(line), socket.MSG_PEEK)
        if not seen:
            raise ConnectionError("the line did not end")
        line += connection.recv(seen.find(b"\n") + 1 or len(seen))
    return line


if __name__ == "__main__":  # what the service's container is asked by its health check
    RemoteEngine(Path(sys.argv[1])).ping()
