"""A submission's life as server-sent events, until it is final."""

from collections.abc import AsyncIterator

from starlette.concurrency import run_in_threadpool

from server.database import session_factory
from server.grading.hints import Hints, channel_of
from server.grading.queries import Snapshot, take_snapshot
from server.grading.schemas import ProgressOut

REREAD_S = 2.0  # hints may be lost: the database is asked at least this often
STILL_HERE_EVERY = 7  # unchanged readings between two signs of life

MEDIA_TYPE = "text/event-stream"
HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


async def follow(submission_id: int, *, redis_url: str) -> AsyncIterator[str]:
    """`progress` for every change, `final` as the last one; comments in between keep the line open."""
    last, unchanged = None, 0
    async with Hints(redis_url, channel_of(submission_id)) as hints:
        while True:
            snapshot = await run_in_threadpool(read_snapshot, submission_id)
            unchanged = 0 if snapshot != last else unchanged + 1
            if snapshot != last:
                yield event(snapshot)
            elif unchanged % STILL_HERE_EVERY == 0:
                yield ": still here\n\n"
            if snapshot.state.is_final:
                return
            last = snapshot
            await hints.wait(REREAD_S)


def read_snapshot(submission_id: int) -> Snapshot:
    """In a transaction of its own: the stream outlives the request's."""
    with session_factory.begin() as session:
        return take_snapshot(session, submission_id)


def event(snapshot: Snapshot) -> str:
    name = "final" if snapshot.state.is_final else "progress"
    return f"event: {name}\ndata: {ProgressOut.of(snapshot).model_dump_json()}\n\n"
