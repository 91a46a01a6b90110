"""Sessions, the clock, and what every table has in common."""

from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, TypeVar

from alembic import command
from alembic.config import Config
from anyio import CapacityLimiter
from anyio.lowlevel import RunVar
from fastapi import Depends
from fastapi.concurrency import contextmanager_in_threadpool, run_in_threadpool
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Engine,
    Enum,
    MetaData,
    Numeric,
    Text,
    any_,
    create_engine,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

T = TypeVar("T")
CLOCK = select(func.clock_timestamp())
AT_ONCE = 8  # requests with a transaction, in one process; more threads would only queue for the one interpreter
IN_ROOMS = 4  # those of exams' rooms, beside them: a save does not wait until slow pages have had their turn
KEPT = 16  # connections of one process, some for streams and beats: each beyond would be made anew and thrown away

MIGRATIONS = Path(__file__).parent / "migrations"

session_factory = sessionmaker(expire_on_commit=False)  # bound by `connect`


class Turns:
    """So many at once in each event loop: a request that waits for its turn holds neither a thread nor a connection."""

    def __init__(self, name: str, at_once: int) -> None:
        self.at_once = at_once
        self._limiter: RunVar[CapacityLimiter] = RunVar(name)

    def __call__(self) -> CapacityLimiter:
        try:
            return self._limiter.get()
        except LookupError:
            self._limiter.set(limiter := CapacityLimiter(self.at_once))
            return limiter


turns, turns_in_rooms = Turns("turns", AT_ONCE), Turns("turns in rooms", IN_ROOMS)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012
        datetime: DateTime(timezone=True),
        Decimal: Numeric(12, 4),
        str: Text,
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        StrEnum: Enum(StrEnum, native_enum=False, length=20, create_constraint=True),
    }


def connect(url: str, *, pool_size: int = KEPT) -> Engine:
    """Open the pool and bind the session factory of this process to it."""
    engine = make_engine(url, pool_size=pool_size)
    session_factory.configure(bind=engine)
    return engine


@lru_cache
def make_engine(url: str, *, pool_size: int = KEPT) -> Engine:
    return create_engine(use_psycopg(url), pool_size=pool_size, max_overflow=10, pool_pre_ping=True)


def use_psycopg(url: str) -> str:
    """Accept the usual spelling `postgresql://…` and name our driver."""
    scheme, separator, rest = url.partition("://")
    return f"postgresql+psycopg{separator}{rest}" if scheme in ("postgres", "postgresql") else url


def migrate(url: str) -> None:
    """Bring the tables to the newest revision."""
    command.upgrade(alembic_config(url), "head")


def alembic_config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = use_psycopg(url)
    return config


@contextmanager
def begin() -> Iterator[Session]:
    """A transaction that knows when it began; commits unless something is raised."""
    with session_factory.begin() as session:
        session.info["began"] = current_time(session)
        yield session


async def open_session() -> AsyncIterator[Session]:
    """One request, one transaction: commit if the route returns, roll back if it raises."""
    async with turns(), contextmanager_in_threadpool(begin()) as session:
        yield session


async def in_one_turn(work: Callable[[Session], T]) -> T:
    """A whole request of a room in one turn of a thread, its transaction as `open_session` has it."""
    async with turns_in_rooms():
        return await run_in_threadpool(_transact, work)


def _transact(work: Callable[[Session], T]) -> T:
    with begin() as session:
        return work(session)


# scope="function" commits before the response is sent, so 201 always means saved.
SessionDep = Annotated[Session, Depends(open_session, scope="function")]


def current_time(session: Session) -> datetime:
    """The database's clock: the only one that decides about dates, leases and quotas."""
    return session.execute(CLOCK).scalar_one()


def is_among(column: Any, ids: Collection[int]) -> ColumnElement[bool]:
    """As `in_`, for hundreds of ids: they go to the database as one value."""
    return column == any_(literal(list(ids), ARRAY(BigInteger)))


def began(session: Session) -> datetime:
    """When its transaction began, which is now for all that it does."""
    return session.info["began"]


async def read_clock(session: SessionDep) -> datetime:
    return began(session)


Now = Annotated[datetime, Depends(read_clock, scope="function")]
