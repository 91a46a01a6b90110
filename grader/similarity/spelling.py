"""Expressions as they are written: the plain way to make nodes. `rules.py` makes equal things equal."""

import ast
from collections.abc import Sequence

from grader.similarity.graph import Graph, Place

LONGEST_TEXT = 48
LONGEST_INTEGER = 128  # bits

Keywords = Sequence[tuple[str, int]]


class Spelling:
    """Makes the nodes of one function; `place` is where the expression stands that is being made."""

    def __init__(self) -> None:
        self.graph = Graph()
        self.place: Place = ast.Pass(lineno=1, end_lineno=1)

    def make(self, label: str, *operands: int, commutes: bool = False) -> int:
        return self.graph.node(label, operands, self.place, commutes=commutes)

    def label(self, node: int) -> str:
        return self.graph.labels[node]

    def operands(self, node: int) -> tuple[int, ...]:
        return self.graph.operands[node]

    def constant(self, value: object) -> int:
        if isinstance(value, str | bytes):
            return self.make(f"text {value!r}" if len(value) <= LONGEST_TEXT else "text")
        if isinstance(value, int) and value.bit_length() > LONGEST_INTEGER:
            return self.make("number")
        return self.make(f"is {value!r}")

    def library(self, name: str) -> int:
        """Something of a module that is not called: `np.pi`, or a function that is handed on."""
        return self.make(f"name {name}")

    def binary(self, operator: str, left: int, right: int) -> int:
        return self.make(operator, left, right)

    def unary(self, operator: str, value: int) -> int:
        return self.make(operator, value)

    def compare(self, operator: str, left: int, right: int) -> int:
        return self.make(operator, left, right)

    def boolean(self, operator: str, values: Sequence[int]) -> int:
        return self.make(operator, *values)

    def choose(self, condition: int, then: int, otherwise: int) -> int:
        return self.make("choose", condition, then, otherwise)

    def call(self, name: str, operands: Sequence[int], keywords: Keywords = (), *, is_method: bool) -> int:
        """A function of a library, or a method with its object as the first operand."""
        return self.make(f"{'method' if is_method else 'call'} {name}", *operands, *self.named(keywords))

    def apply(self, function: int, operands: Sequence[int], keywords: Keywords = ()) -> int:
        """A call of a value: of a layer, an argument, a function that the student wrote."""
        return self.make("apply", function, *operands, *self.named(keywords))

    def named(self, keywords: Keywords) -> list[int]:
        return [self.make(f"named {name}", value) for name, value in sorted(keywords)]

    def attribute(self, base: int, name: str) -> int:
        return self.make(f"attribute {name}", base)

    def item(self, base: int, indices: Sequence[int]) -> int:
        return self.make("item", base, *indices)

    def slice(self, bounds: Sequence[int]) -> int:
        return self.make("slice", *bounds)

    def collection(self, kind: str, elements: Sequence[int]) -> int:
        return self.make(kind, *elements)

    def pairs(self, keys: Sequence[int], values: Sequence[int]) -> int:
        """A dict; the order of what is in it does not matter in either spelling."""
        entries = [self.make("entry", key, value) for key, value in zip(keys, values, strict=True)]
        return self.make("dict", *entries, commutes=True)

    def element(self, iterable: int) -> int:
        """What a loop over it gives, one after the other."""
        return self.make("element", iterable)

    def index(self, bounds: Sequence[int]) -> int:
        """What counts from one bound to the other."""
        return self.make("element", self.call("range", bounds, is_method=False))

    def loop_value(self, before: int | None) -> int:
        """What a name holds at the beginning of a round: what it had before the loop, or what the last round left."""
        return self.make("loop") if before is None else self.make("loop", before)

    def merged(self, condition: int, then: int, otherwise: int) -> int:
        return then if then == otherwise else self.choose(condition, then, otherwise)
