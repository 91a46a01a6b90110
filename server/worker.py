"""The worker and beat processes: `celery --app server.worker worker --queues maintenance,outside,cpu`, `… beat`."""

import os
import signal
import sys
from functools import partial

from celery.signals import worker_init, worker_process_init, worker_process_shutdown

import server.alive
import server.cases.tasks
import server.channels.tasks
import server.grading.tasks
import server.lti.tasks
import server.messages.tasks
import server.models  # (every table is known before the first query)
import server.rehearsals.tasks
import server.reruns.tasks
import server.similarity.tasks  # noqa: F401  (as with the tables: every task is known before the first message)
from grader.preflight import asked_all
from server import database, sandboxes
from server.broker import celery, take_exams
from server.grading.dispatch import hand_over
from server.outbox import Relay
from server.settings import Settings, get_settings
from server.unprivileged import die_with_parent

__all__ = ["celery"]

_relays: list[Relay] = []


@worker_init.connect
def open_the_exam_lane(**_: object) -> None:
    take_exams(celery.amqp.queues)


@worker_init.connect
def load_torch(**_: object) -> None:
    """Once, before the processes are forked: they share its pages and are ready at once.

    One thread for each, as in the sandbox: references are small, and the threads of several judges would wait for each other.
    """
    import torch

    import grader.judge  # noqa: F401

    torch.set_num_threads(1)


@worker_init.connect
def clean_up(**_: object) -> None:
    """What the worker before this one left when it was killed."""
    sandboxes.clean_up()


@worker_init.connect
def try_devices(**_: object) -> None:
    """Once per worker, by the process that starts the others: each GPU is told of and tried out."""
    from server.grading import judging
    from server.grading.fleet import prepare_devices

    settings = get_settings()
    prepare_devices(settings, open_sandbox=judging.sandbox_on(settings))


@worker_process_init.connect
def start(**_: object) -> None:
    """Each process has its own connections and its own warm sandboxes, and ends with the worker."""
    from server.grading import judging
    from server.grading.warming import isolations

    settings = get_settings()
    die_with_parent(signal.SIGKILL)
    database.connect(settings.database_url, pool_size=4)
    _relays.append(Relay(hand_over).__enter__())
    for isolation in isolations(settings):
        judging.sandbox_for(isolation, settings)
    refuse_unsafe(settings)


def refuse_unsafe(settings: Settings) -> None:
    """On the sandboxes that are warm now. Where grading would be unsafe, the whole worker ends, and its exit status says so."""
    from server.grading import judging
    from server.grading.preflight import preflight, refusal, tell
    from server.grading.tasks import redis_client

    findings = asked_all(lambda: preflight(settings, partial(judging.sandbox_for, settings=settings)), "preflight")
    if not tell(findings, redis_client()):
        print(refusal(findings), file=sys.stderr, flush=True)
        os.kill(os.getppid(), signal.SIGKILL)  # asked to stop while it starts, Celery would end as if all were well


@worker_process_shutdown.connect
def stop(**_: object) -> None:
    from server.grading import judging

    while _relays:
        _relays.pop().__exit__()
    judging.close_sandboxes()
