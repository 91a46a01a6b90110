"""How far a comparison is, as server-sent events, until it is done."""

from collections.abc import AsyncIterator

from starlette.concurrency import run_in_threadpool

from server.assignments.models import Assignment
from server.database import session_factory
from server.grading.events import HEADERS, MEDIA_TYPE
from server.grading.hints import Hints
from server.similarity import queries
from server.similarity.schemas import ComparisonOut

__all__ = ["HEADERS", "MEDIA_TYPE", "channel_of", "follow"]

REREAD_S = 2.0  # hints may be lost: the database is asked at least this often
STILL_HERE_EVERY = 7  # unchanged readings between two signs of life


def channel_of(assignment_id: int) -> str:
    return f"gradus:similarity:{assignment_id}"


async def follow(assignment_id: int, *, redis_url: str) -> AsyncIterator[str]:
    """`progress` for every change of the newest comparison, `final` as the last one; comments keep the line open."""
    last, unchanged = None, 0
    async with Hints(redis_url, channel_of(assignment_id)) as hints:
        while True:
            found = await run_in_threadpool(read_newest, assignment_id)
            unchanged = 0 if found != last else unchanged + 1
            is_final = found is None or found.state.is_final
            if found != last or found is None:
                yield f"event: {'final' if is_final else 'progress'}\ndata: {found.model_dump_json() if found else '{}'}\n\n"
            elif unchanged % STILL_HERE_EVERY == 0:
                yield ": still here\n\n"
            if is_final:
                return
            last = found
            await hints.wait(REREAD_S)


def read_newest(assignment_id: int) -> ComparisonOut | None:
    """In a transaction of its own: the stream outlives the request's."""
    with session_factory.begin() as session:
        found = queries.newest(session, assignment=session.get_one(Assignment, assignment_id))
        return ComparisonOut.of(found) if found else None
