"""Redis pub/sub says "look again"; what is true is read from the database."""

import asyncio
import logging
from contextlib import suppress
from types import TracebackType

import redis
import redis.asyncio

log = logging.getLogger(__name__)


def channel_of(submission_id: int) -> str:
    return f"gradus:submission:{submission_id}"


def board_channel_of(assignment_id: int) -> str:
    """Where runs of any submission to this assignment are told of."""
    return f"gradus:board:{assignment_id}"


def give_hint(client: redis.Redis, channel: str) -> None:
    """Best effort: a lost hint delays a page by a few seconds."""
    try:
        client.publish(channel, "changed")
    except redis.RedisError as error:
        log.warning("No hint in %s: %s", channel, error)


class Hints:
    """One listener to the hints of one channel."""

    def __init__(self, url: str, channel: str) -> None:
        self.client = redis.asyncio.Redis.from_url(url, socket_connect_timeout=2)
        self.pubsub = self.client.pubsub(ignore_subscribe_messages=True)
        self.channel = channel

    async def __aenter__(self) -> "Hints":
        try:
            await self.pubsub.subscribe(self.channel)
        except redis.RedisError as error:
            log.warning("Hints are not available: %s", error)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with suppress(redis.RedisError):  # the connection may be gone, and so are we
            await self.pubsub.aclose()
            await self.client.aclose()

    async def wait(self, seconds: float) -> None:
        """Until the next hint, at most so long; just that long when Redis is away."""
        try:
            async with asyncio.timeout(seconds):
                while await self.pubsub.get_message(timeout=seconds) is None:
                    await asyncio.sleep(0.01)
        except TimeoutError:
            return
        except (redis.RedisError, RuntimeError) as error:
            log.warning("Waiting without hints: %s", error)
            await asyncio.sleep(seconds)
