"""A worker on our broker whose one task notes that it has begun: in which order messages are taken, without any judging."""

import time

import redis
from celery.signals import worker_init

from server.broker import celery, take_exams
from server.settings import get_settings

NOTE, ORDER, TAKES_S = "tests.note", "tests:order", 0.1


@worker_init.connect
def open_the_exam_lane(**_: object) -> None:
    take_exams(celery.amqp.queues)


@celery.task(name=NOTE)
def note(name: str) -> None:
    with redis.Redis.from_url(get_settings().redis_url) as client:
        client.rpush(ORDER, name)
    time.sleep(TAKES_S)
