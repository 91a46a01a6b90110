"""What the platform does about sandboxes as such: it has them cleaned up, now and then and when a worker starts."""

import logging

from grader.sandbox.base import GraderFailure
from grader.sandbox.docker.engine import find_local
from grader.sandbox.options import Options
from grader.sandbox.reaper import reap
from server.broker import REAP, celery

log = logging.getLogger(__name__)


@celery.task(name=REAP, ignore_result=True)
def clean_up() -> None:
    """Remove what dead workers of this machine left. An engine that does not answer is asked again the next time."""
    try:
        reaped = reap(find_local(Options()))
    except GraderFailure as failure:
        log.warning("Nothing was cleaned up: %s", failure)
        return
    for container, why in reaped.containers.items():
        log.info("Removed container %s: %s", container[:12], why)
    for folder in reaped.folders:
        log.info("Removed folder %s: its owner is gone", folder)
