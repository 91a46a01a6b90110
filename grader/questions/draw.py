"""Random numbers for a question: the same seed gives the same question on every machine and under every Python."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

BYTES = 8
Item = TypeVar("Item")


class Draw:
    """Draws for one question. Of Python's own generator only `random()` promises its sequence, so this one is written down."""

    def __init__(self, seed: str, question: str, variant: Mapping[str, Any] | None = None) -> None:
        """seed: hex digits, of the paper; question: its id, so that no question depends on those before it.

        variant: the constants of the paper's code, for questions about it.
        """
        self.variant: Mapping[str, Any] = variant or {}
        self._key = hmac.new(bytes.fromhex(seed), f"question {question}".encode(), hashlib.sha256).digest()
        self._count = 0

    def integer(self, low: int, high: int) -> int:
        """From low to high - 1, each equally likely."""
        if high <= low:
            raise ValueError(f"nothing lies from {low} to below {high}")
        size, span = 1 << (8 * BYTES), high - low
        limit = size - size % span
        while (number := self._next()) >= limit:
            pass
        return low + number % span

    def integers(self, low: int, high: int, count: int) -> list[int]:
        return [self.integer(low, high) for _ in range(count)]

    def matrix(self, rows: int, columns: int, low: int, high: int) -> list[list[int]]:
        return [self.integers(low, high, columns) for _ in range(rows)]

    def choice(self, items: Sequence[Item]) -> Item:
        return items[self.integer(0, len(items))]

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        """A copy in another order (Fisher and Yates)."""
        mixed = list(items)
        for last in range(len(mixed) - 1, 0, -1):
            other = self.integer(0, last + 1)
            mixed[last], mixed[other] = mixed[other], mixed[last]
        return mixed

    def sample(self, items: Sequence[Item], count: int) -> list[Item]:
        return self.shuffled(items)[:count]

    def _next(self) -> int:
        self._count += 1
        return int.from_bytes(hmac.new(self._key, str(self._count).encode(), hashlib.sha256).digest()[:BYTES], "big")
