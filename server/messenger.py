"""The worker that alone has a way out: `celery --app server.messenger worker --queues outside`. It judges nothing.

On one machine `server.worker` takes that queue as well.
"""

import signal

from celery.signals import worker_process_init, worker_process_shutdown

import server.alive
import server.channels.tasks
import server.lti.tasks
import server.messages.tasks
import server.models  # noqa: F401  (every table and every task is known before the first message)
from server import database
from server.broker import celery
from server.grading.dispatch import hand_over
from server.outbox import Relay
from server.settings import get_settings
from server.unprivileged import die_with_parent

__all__ = ["celery"]

_relays: list[Relay] = []


@worker_process_init.connect
def start(**_: object) -> None:
    die_with_parent(signal.SIGKILL)
    database.connect(get_settings().database_url, pool_size=4)
    _relays.append(Relay(hand_over).__enter__())


@worker_process_shutdown.connect
def stop(**_: object) -> None:
    while _relays:
        _relays.pop().__exit__()
