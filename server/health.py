"""For operators and their machines: alive, ready, and numbers for Prometheus. Nothing here tells about a person."""

from collections.abc import Iterator

import redis
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from server.database import SessionDep, session_factory
from server.grading import preflight
from server.grading.devices import count_by_state
from server.outbox import Message
from server.submissions.models import Job, Queue, State

router = APIRouter(tags=["operation"])
OPEN = (State.received, State.queued, State.running)


@router.get("/healthz")
def healthz() -> dict[str, str]:
    """This process answers."""
    return {"status": "ok"}


@router.get("/readyz")
def readyz(request: Request) -> JSONResponse:
    """The engines answer as well."""
    checks = {"database": database_answers(), "broker": broker_answers(request.app.state.redis)}
    ready = all(checks.values())
    return JSONResponse({"status": "ready" if ready else "not ready", **checks}, status_code=200 if ready else 503)


@router.get("/metrics")
def metrics(request: Request, session: SessionDep) -> Response:
    registry = CollectorRegistry()
    registry.register(QueueNumbers(session))
    registry.register(Preflights(request.app.state.redis))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def database_answers() -> bool:
    try:
        with session_factory() as session:
            session.execute(text("SELECT 1"))
    except OperationalError:
        return False
    return True


def broker_answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False


class Preflights(Collector):
    """What the workers of each host saw last; a host that has not told for hours is not listed."""

    def __init__(self, client: redis.Redis) -> None:
        self.client = client

    def collect(self) -> Iterator[GaugeMetricFamily]:
        gauge = GaugeMetricFamily("gradus_preflight_ok", "1 if grading on this host is safe, 0 if not.", labels=["host"])
        for host, ok in preflight.outcomes(self.client).items():
            gauge.add_metric([host], float(ok))
        yield gauge


class QueueNumbers(Collector):
    """Read from the tables at the moment of asking: they are the queue of record."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def collect(self) -> Iterator[GaugeMetricFamily]:
        depth = GaugeMetricFamily("gradus_jobs", "Jobs by queue and state.", labels=["queue", "state"])
        for (queue, state), count in self.count_jobs().items():
            depth.add_metric([queue, state], count)
        yield depth
        oldest = GaugeMetricFamily("gradus_oldest_queued_seconds", "Age of the job that waits longest.", labels=["queue"])
        for queue, seconds in self.oldest_ages().items():
            oldest.add_metric([queue], seconds)
        yield oldest
        gpus = GaugeMetricFamily("gradus_devices", "GPUs of the workers by state.", labels=["state"])
        for state, count in count_by_state(self.session).items():
            gpus.add_metric([state.value], count)
        yield gpus
        waiting = self.session.scalar(select(func.count()).select_from(Message))
        yield GaugeMetricFamily("gradus_outbox_messages", "Messages not yet handed to the broker.", value=waiting)

    def count_jobs(self) -> dict[tuple[str, str], int]:
        counts = {(queue.value, state.value): 0 for queue in Queue for state in State}
        rows = self.session.execute(select(Job.queue, Job.state, func.count()).group_by(Job.queue, Job.state))
        return counts | {(queue.value, state.value): count for queue, state, count in rows}

    def oldest_ages(self) -> dict[str, float]:
        age = func.extract("epoch", func.clock_timestamp() - func.min(Job.created_at))
        waiting = Job.state.in_((State.received, State.queued))
        rows = self.session.execute(select(Job.queue, age).where(waiting).group_by(Job.queue))
        return {queue.value: 0.0 for queue in Queue} | {queue.value: float(seconds) for queue, seconds in rows}
