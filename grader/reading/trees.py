"""Trees of sources: how they are read, what in them matters, and how to go through them without waiting for the collector."""

import ast
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

LEAVES = {ast.Constant, ast.Load, ast.Store, ast.Del, *ast.operator.__subclasses__(), *ast.cmpop.__subclasses__()}
_alone = Lock()


def parse(source: str | bytes) -> ast.Module:
    """As ast.parse, which raises the same, one thread after the other.

    Before Python 3.11.8 and 3.12.2 threads that parse at once share one count of how deep they are, and may all fail with a
    SystemError (python/cpython#106905).
    """
    with _alone:
        return ast.parse(source)


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """As ast.walk, in another order and without what neither binds nor uses anything. No recursion: a long sum is a deep tree."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list):
                waiting += [item for item in value if isinstance(item, ast.AST) and type(item) not in LEAVES]
            elif isinstance(value, ast.AST) and type(value) not in LEAVES:
                waiting.append(value)


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """A tree is up to a million objects that all stay while it is read; the collector looks at each of them again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
