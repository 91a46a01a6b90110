"""A board's changes as server-sent events. They say only that there is something to look at."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import datetime

from sqlalchemy import select
from starlette.concurrency import run_in_threadpool

from server.assignments.models import Assignment
from server.database import session_factory
from server.grading.events import HEADERS, MEDIA_TYPE
from server.grading.hints import Hints, board_channel_of
from server.grading.models import Run
from server.submissions.models import Submission

__all__ = ["HEADERS", "MEDIA_TYPE", "follow"]

REREAD_S = 5.0  # hints may be lost: the database is asked at least this often
PAUSE_S = 1.0  # at the busiest
LIFETIME_S = 300.0  # then the reader asks again, and has to be allowed to again
STILL_HERE_EVERY = 3  # unchanged readings between two signs of life

State = tuple[int | None, datetime | None]


async def follow(assignment_id: int, *, redis_url: str) -> AsyncIterator[str]:
    """`here` once every change from now on is told, then `changed` whenever there are new runs or a release.

    Comments in between keep the line open.
    """
    last, unchanged = await run_in_threadpool(read_state, assignment_id), 0
    yield "event: here\ndata: {}\n\n"
    ends_at = time.monotonic() + LIFETIME_S
    async with Hints(redis_url, board_channel_of(assignment_id)) as hints:
        while time.monotonic() < ends_at:
            await hints.wait(REREAD_S)
            state = await run_in_threadpool(read_state, assignment_id)
            unchanged = 0 if state != last else unchanged + 1
            if state != last:
                last = state
                yield "event: changed\ndata: {}\n\n"
                await asyncio.sleep(PAUSE_S)
            elif unchanged % STILL_HERE_EVERY == 0:
                yield ": still here\n\n"


def read_state(assignment_id: int) -> State:
    """The newest run and the release: what boards are made of. In a transaction of its own."""
    newest = select(Run.id).join(Submission, Submission.id == Run.submission_id).order_by(Run.id.desc()).limit(1)
    with session_factory.begin() as session:
        run_id = session.scalar(newest.where(Submission.assignment_id == assignment_id))
        return run_id, session.scalar(select(Assignment.released_at).where(Assignment.id == assignment_id))
