"""The embedded engines as long as a platform runs: started where no URL names others, started again when they die."""

from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from server.engines import Engine
    from server.settings import Settings


class Engines:
    """A context in which `settings` has both URLs."""

    def __init__(self, settings: "Settings") -> None:
        from server.engines import Postgres, Valkey

        self._configured = settings
        self._urls: dict[str, Engine] = {}
        if settings.database_url is None:
            self._urls["database_url"] = Postgres(settings.data)
        if settings.redis_url is None:
            self._urls["redis_url"] = Valkey(settings.data)
        self._running = ExitStack()
        self._down: set[Engine] = set()

    def __enter__(self) -> Self:
        with ExitStack() as starting:  # if the second does not start, the first is stopped
            for engine in self._urls.values():
                starting.enter_context(engine)
            self._running = starting.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._running.close()

    @property
    def settings(self) -> "Settings":
        """With the addresses of the moment: an engine may come back under another one."""
        return self._configured.model_copy(update={name: engine.url for name, engine in self._urls.items()})

    def find_dead(self) -> "list[Engine]":
        """Those that we started and that are no longer there."""
        return [engine for engine in self._urls.values() if engine in self._down or has_ended(engine)]

    def start_again(self, engine: "Engine") -> None:
        """Raises EngineFailure; it is then still among the dead, to be tried again."""
        self._down.add(engine)
        engine.start()
        self._down.discard(engine)


def has_ended(engine: "Engine") -> bool:
    return engine.process is not None and engine.process.poll() is not None
