"""Expressions brought to one form, by the table of `canonical.py`: sums without order, one name for each function."""

from collections.abc import Sequence

from grader.similarity.canonical import (
    AXIS,
    BINARY,
    COMMUTE,
    COMPARE,
    COPIES,
    KEYWORDS,
    LAYERS,
    MIRRORED,
    NAMES,
    OPPOSITE,
    UNARY,
    WANT_SHAPES,
)  # fmt: skip
from grader.similarity.spelling import Keywords, Spelling

MOST_TERMS = 12  # of one sum: x += x, thirty times over, must not become 2 ** 30 of them
NOTHING = "is None"


class Canonical(Spelling):
    """The same nodes for expressions that mean the same."""

    def __init__(self) -> None:
        super().__init__()
        self._negatives: dict[int, int] = {}  # of sums: a long one is turned around once, not term by term each time it is met

    def constant(self, value: object) -> int:
        if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
            value = int(value)
        return super().constant(value)

    def library(self, name: str) -> int:
        return self.constant(None) if name == "newaxis" else super().library(NAMES.get(name, name))

    def binary(self, operator: str, left: int, right: int) -> int:
        match operator:
            case "Add":
                return self._sum(left, right)
            case "Sub":
                return self._sum(left, self._negative(right))
            case "Mult":
                return self._product(left, right)
            case "Div":
                return self._product(left, self._inverse(right))
            case "MatMult":
                return self.make("matmul", left, right)
            case "Pow":
                return self._power(left, right)
            case "BitAnd" | "BitOr":
                return self.boolean(operator.removeprefix("Bit"), (left, right))
        return self.make(operator, left, right)

    def _sum(self, *terms: int) -> int:
        flat = self._flat("Add", terms)
        if all(self._number(term) is not None for term in flat):
            return self.constant(sum(self._number(term) or 0 for term in flat))
        kept = [term for term in flat if self.label(term) != "is 0"] or [flat[0]]
        return kept[0] if len(kept) == 1 else self.make("Add", *kept, commutes=True)

    def _flat(self, label: str, operands: Sequence[int]) -> list[int]:
        flat = [inner for one in operands for inner in (self.operands(one) if self.label(one) == label else (one,))]
        return flat if len(flat) <= MOST_TERMS else list(operands)

    def _product(self, *factors: int) -> int:
        flat, is_negative = [], False
        for factor in self._flat("Mult", factors):
            negative = self._positive(factor)
            is_negative ^= negative is not None
            flat.append(factor if negative is None else negative)
        kept = [factor for factor in flat if self.label(factor) != "is 1"] or [flat[0]]
        made = kept[0] if len(kept) == 1 else self._made_product(kept)
        return self._negative(made) if is_negative else made

    def _made_product(self, factors: list[int]) -> int:
        if len(factors) == 2:
            left, right = factors
            if left == right:
                return self.make("square", left)
            for value, mask in ((left, right), (right, left)):
                if self.label(mask) == "Lt" and self.operands(mask)[1] == value and self._is_zero(self.operands(mask)[0]):
                    return self.make("relu", value)
        return self.make("Mult", *factors, commutes=True)

    def _positive(self, node: int) -> int | None:
        """What it is the negative of, where it is one."""
        if self.label(node) == "USub":
            return self.operands(node)[0]
        number = self._number(node)
        return self.constant(-number) if number is not None and number < 0 else None

    def _number(self, node: int) -> int | float | None:
        label = self.label(node)
        if not label.startswith("is ") or label[3:] in ("True", "False", "None", "Ellipsis"):
            return None
        try:
            return int(label[3:])
        except ValueError:
            try:
                return float(label[3:])
            except ValueError:
                return None

    def _is_zero(self, node: int) -> bool:
        return self.label(node) == "is 0"

    def _negative(self, node: int) -> int:
        if (inner := self._positive(node)) is not None:
            return inner
        number = self._number(node)
        if number is not None:
            return self.constant(-number)
        if self.label(node) == "Add":
            return self._negative_sum(node)
        return self.make("USub", node)

    def _negative_sum(self, node: int) -> int:
        found = self._negatives.get(node)
        if found is None:
            found = self._negatives[node] = self._sum(*(self._negative(term) for term in self.operands(node)))
            self._negatives.setdefault(found, node)
        return found

    def _inverse(self, node: int) -> int:
        number = self._number(node)
        if number:
            return self.constant(1 / number)
        if self.label(node) == "inverse":
            return self.operands(node)[0]
        if self.label(node) == "Add" and len(terms := self.operands(node)) == 2:  # 1 / (1 + exp(-x))
            for one, power in (terms, terms[::-1]):
                if self.label(one) == "is 1" and self.label(power) == "exp" and len(self.operands(power)) == 1:
                    return self.make("sigmoid", self._negative(self.operands(power)[0]))
        return self.make("inverse", node)

    def _power(self, base: int, exponent: int) -> int:
        match self.label(exponent):
            case "is 2":
                return self.make("square", base)
            case "is 0.5":
                return self.make("sqrt", base)
            case "is -1":
                return self._inverse(base)
            case "is -0.5":
                return self._inverse(self.make("sqrt", base))
        return self.make("Pow", base, exponent)

    def unary(self, operator: str, value: int) -> int:
        match operator:
            case "USub":
                return self._negative(value)
            case "UAdd":
                return value
            case "Not" | "Invert":
                return self._opposite(value)
        return self.make(operator, value)

    def _opposite(self, value: int) -> int:
        label, operands = self.label(value), self.operands(value)
        if label == "Not":
            return operands[0]
        if label in OPPOSITE:
            return self.make(OPPOSITE[label], *operands[::-1])
        return self.make("Not", value)

    def compare(self, operator: str, left: int, right: int) -> int:
        operator = {"Is": "Eq", "IsNot": "NotEq"}.get(operator, operator)
        if operator in ("NotEq", "NotIn"):
            return self._opposite(self.compare({"NotEq": "Eq", "NotIn": "In"}[operator], left, right))
        if operator in MIRRORED:
            operator, left, right = MIRRORED[operator], right, left
        return self.make(operator, left, right, commutes=operator in COMMUTE)

    def boolean(self, operator: str, values: Sequence[int]) -> int:
        return self.make(operator, *self._flat(operator, values), commutes=True)

    def choose(self, condition: int, then: int, otherwise: int) -> int:
        if self.label(condition) == "Not":
            return self.choose(self.operands(condition)[0], otherwise, then)
        if self.label(condition) == "LtE":  # a <= b ? x : y is b < a ? y : x
            low, high = self.operands(condition)
            condition, then, otherwise = self.make("Lt", high, low), otherwise, then
        if self.label(condition) == "Lt":
            low, high = self.operands(condition)
            if self._is_zero(low) and high == then and self._is_zero(otherwise):
                return self.make("relu", then)
            if self._is_zero(high) and low == otherwise and self._is_zero(then):
                return self.make("relu", otherwise)
        return self.make("choose", condition, then, otherwise)

    def call(self, name: str, operands: Sequence[int], keywords: Keywords = (), *, is_method: bool) -> int:
        name = NAMES.get(name, name)
        named = {KEYWORDS.get(keyword, keyword): value for keyword, value in keywords}
        operands = list(operands)
        if name in COPIES and len(operands) == 1 and not (is_method and name == "array"):
            return operands[0]
        if len(operands) == 2 and not named:
            if name in BINARY:
                return self.binary(BINARY[name], *operands)
            if name in COMPARE:
                return self.compare(COMPARE[name], *operands)
        if len(operands) == 1 and not named and name in UNARY:
            return self.unary(UNARY[name], *operands)
        if name in WANT_SHAPES:
            operands = [inner for one in operands for inner in self._unpacked(one)]
        if name in AXIS and len(operands) == 2 and not (name in ("max", "min") and not is_method and "axis" not in named):
            named.setdefault("axis", operands.pop())
        special = self._special(name, operands, named)
        return self.make(name, *operands, *self.named(tuple(named.items()))) if special is None else special

    def _unpacked(self, node: int) -> tuple[int, ...]:
        return self.operands(node) if self.label(node) in ("tuple", "list") else (node,)

    def _special(self, name: str, operands: list[int], named: dict[str, int]) -> int | None:
        """Functions that are another expression."""
        count = len(operands)
        match name:
            case "max" | "min" | "maximum" | "minimum" if count == 2 and not named:
                return self._extreme({"max": "maximum", "min": "minimum"}.get(name, name), *operands)
            case "clip" | "clip_min" if count == 1 and set(named) == {"min"}:
                return self._extreme("maximum", operands[0], named["min"])
            case "clip_min" if count == 2:
                return self._extreme("maximum", *operands)
            case "clip" if count == 3 and self.label(operands[2]) == NOTHING:
                return self._extreme("maximum", *operands[:2])
            case "where" if count == 3:
                return self.choose(*operands)
            case "len" if count == 1:
                return self.make("size", operands[0], self.constant(0))
            case "shape" if count == 1:
                return self.make("shape", operands[0])
            case "size" if count == 1:
                return self.make("shape", operands[0])
            case "transpose" if count == 1 and not named:
                return self.make("T", operands[0])
            case "range" if count in (2, 3):
                return self._range(operands)
            case "zeros" | "ones" if count == 1 and self.label(operands[0]) == "shape":
                return self.make(f"{name}_like", *self.operands(operands[0]), *self.named(tuple(named.items())))
            case "unsqueeze" | "expand_dims" if count == 2 and self.label(operands[1]) in ("is 1", "is -1"):
                return self.make("column", operands[0])
            case "reshape" if count == 3 and self.label(operands[2]) == "is 1":
                return self.make("column", operands[0])
            case "list" | "tuple" | "dict" if not count and not named:
                return self.make(name, commutes=name == "dict")
            case "linear" if count == 3 and not named:
                return self._sum(self.make("matmul", operands[0], self.make("T", operands[1])), operands[2])
            case "sum" | "max" | "mean" | "min" if "keepdims" in named:
                return self._kept(name, operands, named)
        return None

    def _kept(self, name: str, operands: list[int], named: dict[str, int]) -> int:
        """With `keepdims`, a sum over rows is a column of the sum without."""
        kept = self.label(named["keepdims"]) == "is True"
        rest = tuple((key, value) for key, value in named.items() if key != "keepdims")
        made = self.make(name, *operands, *self.named(rest))
        return self.make("column", made) if kept else made

    def _extreme(self, name: str, left: int, right: int) -> int:
        if name == "maximum" and (self._is_zero(left) or self._is_zero(right)):
            return self.make("relu", right if self._is_zero(left) else left)
        return self.make(name, left, right, commutes=True)

    def _range(self, bounds: list[int]) -> int:
        if len(bounds) == 3 and self.label(bounds[2]) == "is 1":
            bounds = bounds[:2]
        if len(bounds) == 2 and self._is_zero(bounds[0]):
            bounds = bounds[1:]
        return self.make("range", *bounds)

    def apply(self, function: int, operands: Sequence[int], keywords: Keywords = ()) -> int:
        layer = self.label(function)
        if layer in LAYERS and len(operands) == 1:
            return self.call(LAYERS[layer], operands, keywords, is_method=False)
        return super().apply(function, operands, keywords)

    def attribute(self, base: int, name: str) -> int:
        match name:
            case "shape":
                return self.make("shape", base)
            case "T" | "mT":
                return self.make("T", base)
            case "data":
                return base
        return super().attribute(base, name)

    def item(self, base: int, indices: Sequence[int]) -> int:
        if self.label(base) == "shape" and len(indices) == 1:
            return self.make("size", *self.operands(base), indices[0])
        indices = list(indices)
        if self.label(base) == "item":
            indices = [*self.operands(base)[1:], *indices]
            base = self.operands(base)[0]
        if len(indices) == 2 and self._is_all(indices[0]) and self.label(indices[1]) == NOTHING:
            return self.make("column", base)
        while len(indices) > 1 and self._is_all(indices[-1]):
            indices.pop()
        if len(indices) == 1 and (element := self._element_at(base, indices[0])) is not None:
            return element
        return self.make("item", base, *indices)

    def _is_all(self, node: int) -> bool:
        return self.label(node) == "slice" and all(self.label(bound) == NOTHING for bound in self.operands(node))

    def _element_at(self, base: int, index: int) -> int | None:
        """`xs[i]` with i from 0 to len(xs) is what a loop over xs gives."""
        if self.label(index) == "element":
            (bounds,) = self.operands(index)
            if self.label(bounds) == "range" and len(self.operands(bounds)) == 1:
                (end,) = self.operands(bounds)
                if self.label(end) == "size" and self.operands(end) == (base, self.constant(0)):
                    return self.element(base)
        return None

    def slice(self, bounds: Sequence[int]) -> int:
        bounds = list(bounds)
        if self._is_zero(bounds[0]):
            bounds[0] = self.constant(None)
        return self.make("slice", *bounds)
