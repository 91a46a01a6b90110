"""Celery on the Redis protocol: hands ids to workers. It never holds anything that is not in the database too."""

from typing import Any

from celery import Celery
from celery.app.amqp import Queues
from kombu import Queue as Channel
from kombu.utils.scheduling import round_robin_cycle

from grader.sandbox.pool import READY_S
from server.settings import Settings, get_settings

START_S = READY_S + 60.0  # a worker process: its sandbox gets warm, then it looks at the walls
MAINTENANCE = "maintenance"
EXAM_LANES = {"cpu": "exam", "gpu": "exam_gpu"}  # by the queue whose workers empty it as well, and first
OUTSIDE = "outside"  # what needs a way to the internet; in docker-compose.yml a worker of its own has it
SWEEP = "grading.sweep"
REAP, REAP_S = "sandboxes.clean_up", 30.0
PREFLIGHT = "grading.preflight"
COMPARE, STAND = "similarity.compare", "similarity.add_submission"
SIMILARITY_SWEEP = "similarity.sweep"
SEND_SCORE, SWEEP_SCORES, SWEEP_SCORES_S = "lti.send", "lti.sweep", 30.0
ERASE_COMPARISONS = "similarity.erase_comparisons"
SEND_DELIVERY, SWEEP_DELIVERIES, SWEEP_DELIVERIES_S = "channels.send", "channels.sweep", 10.0
SEND_MAIL, SWEEP_MAIL, SWEEP_MAIL_S = "messages.mail", "messages.sweep", 30.0
PREVIEW, PREVIEWS_SWEEP, TELL_RERUN = "reruns.preview", "reruns.sweep", "reruns.tell"
HOUR_S = 3600.0
OPEN_QUESTIONS, MINUTE_S = "grading.open_questions", 60.0
ERASE_CASES, DAY_S = "cases.erase", 86_400.0
SWEEP_REHEARSALS, SWEEP_REHEARSALS_S = "rehearsals.sweep", 600.0

celery = Celery("gradus")


class ExamsFirst(round_robin_cycle):
    """In which order a worker with a free process asks Redis for work: a waiting exam before all else, the others in turn.

    Redis answers with the first of the lists, in the order asked, that holds anything. A process that works asks for nothing
    (acks_late, a prefetch of 1), so no other message lies in a worker before an exam's.
    """

    def consume(self, n: int) -> list[str]:
        return sorted(super().consume(n), key=lambda name: name not in EXAM_LANES.values())


def take_exams(queues: Queues) -> None:
    """Whoever takes cpu or gpu takes that lane of exams too, however the list of his queues was written."""
    for name in [lane for queue, lane in EXAM_LANES.items() if queue in queues.consume_from]:
        queues.select_add(queues[name])


def lanes() -> set[str]:
    """The queues that this worker takes; in a process that is none, those that a worker takes by default."""
    return set(celery.amqp.queues.consume_from)


def configure(settings: Settings) -> None:
    celery.conf.update(
        broker_url=settings.redis_url,
        broker_connection_retry_on_startup=True,
        broker_transport_options={
            "socket_connect_timeout": 3,
            "visibility_timeout": 6 * 3600,
            "queue_order_strategy": f"{__name__}:{ExamsFirst.__name__}",
        },
        # Workers take these; the gpu queue only where they are told to (--queues gpu).
        task_queues=[Channel(EXAM_LANES["cpu"]), Channel(MAINTENANCE), Channel(OUTSIDE), Channel("cpu")],
        task_default_queue="cpu",
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=True,
        task_time_limit=1800,
        worker_prefetch_multiplier=1,
        worker_proc_alive_timeout=START_S,  # a process warms its sandbox before it says that it is up
        beat_schedule=schedule(settings),
    )


def schedule(settings: Settings) -> dict[str, dict[str, Any]]:
    """What beat asks for, and how often; what nobody has taken by the next time is dropped."""
    every = {
        "sweep": (SWEEP, settings.sweep_s),
        "similarity": (SIMILARITY_SWEEP, settings.sweep_s),
        "previews": (PREVIEWS_SWEEP, settings.sweep_s),
        "deliveries": (SWEEP_DELIVERIES, SWEEP_DELIVERIES_S),
        "mail": (SWEEP_MAIL, SWEEP_MAIL_S),
        "open_questions": (OPEN_QUESTIONS, MINUTE_S),
        "scores": (SWEEP_SCORES, SWEEP_SCORES_S),
        "clean_up": (REAP, REAP_S),
        "erase_cases": (ERASE_CASES, DAY_S),
        "erase_comparisons": (ERASE_COMPARISONS, DAY_S),
        "preflight": (PREFLIGHT, HOUR_S),
        "rehearsals": (SWEEP_REHEARSALS, SWEEP_REHEARSALS_S),
    }
    return {
        name: {"task": task, "schedule": seconds, "options": {"queue": MAINTENANCE, "expires": max(seconds, 5.0)}}
        for name, (task, seconds) in every.items()
    }


def send(task: str, arguments: list, *, queue: str) -> None:
    """Publish straight into the queue.

    Celery then uses the anonymous exchange. Named exchanges need a binding table that lives in Redis: after a FLUSHALL
    messages for them would vanish without an error.
    """
    celery.send_task(task, args=arguments, queue=queue, retry=False)


configure(get_settings())
