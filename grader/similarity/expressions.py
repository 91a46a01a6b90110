"""Reads expressions: each becomes a node made of the definitions that reach it, so names and temporaries leave no trace."""

import ast
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from grader.similarity.names import BUILTINS, Names
from grader.similarity.spelling import Keywords, Spelling

INLINED = 3  # calls inside of one another
MOST_INLINED = 500  # calls of one function: each may stand for many

Environment = dict[str, int]


class Expressions:
    """Turns expressions into nodes of `spell`, under what the names stand for right now."""

    def __init__(self, names: Names, spell: Spelling) -> None:
        self.names = names
        self.spell = spell
        self.env: Environment = {}
        self._held_nodes: dict[str, int] = {}
        self._resolving: set[str] = set()
        self._inlined = self._inlined_ever = 0

    def read(self, node: ast.expr | None) -> int:
        if node is None:
            return self.spell.constant(None)
        return READERS.get(type(node), Expressions._any)(self, node)

    def _any(self, node: ast.expr) -> int:
        parts = [self.read(child) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
        return self.at(node).make(type(node).__name__, *parts)

    def at(self, node: ast.AST) -> Spelling:
        self.spell.place = node  # type: ignore[assignment]
        return self.spell

    def _constant(self, node: ast.Constant) -> int:
        return self.at(node).constant(node.value)

    def _name(self, node: ast.Name) -> int:
        if node.id in self.env:
            return self.env[node.id]
        spell = self.at(node)
        if node.id in self.names.own:
            return spell.make("own")
        if node.id in self.names.imported or node.id in BUILTINS:
            return spell.make(f"name {node.id}")
        return spell.make("unknown")

    def _attribute(self, node: ast.Attribute) -> int:
        if self.is_library(node):
            return self.at(node).library(node.attr)
        if isinstance(node.value, ast.Name) and node.value.id == "self":
            if (known := self.env.get(f"self.{node.attr}")) is not None:
                return known
            if node.attr in self.names.held:
                return self._held(node)
            if node.attr in self.names.own:
                return self.at(node).make("own")
        base = self.read(node.value)
        return self.at(node).attribute(base, node.attr)

    def _held(self, node: ast.Attribute) -> int:
        """An object's attribute by what it was given: its name is the student's."""
        if (known := self._held_nodes.get(node.attr)) is not None:
            return known
        if node.attr in self._resolving:
            return self.at(node).make("held")
        self._resolving.add(node.attr)
        outer, self.env = self.env, {}
        try:
            value = self.read(self.names.held[node.attr])
        finally:
            self.env = outer
            self._resolving.discard(node.attr)
        if not self.spell.operands(value) and "Linear" not in self.spell.label(value):
            value = self.at(node).make("held", value)
        self._held_nodes[node.attr] = value
        return value

    def is_library(self, node: ast.expr) -> bool:
        """`np.random.randn`, with np an import that nothing hides."""
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and node.id in self.names.imported and node.id not in self.env

    def _binop(self, node: ast.BinOp) -> int:
        left, right = self.read(node.left), self.read(node.right)
        return self.at(node).binary(type(node.op).__name__, left, right)

    def _unaryop(self, node: ast.UnaryOp) -> int:
        value = self.read(node.operand)
        return self.at(node).unary(type(node.op).__name__, value)

    def _boolop(self, node: ast.BoolOp) -> int:
        values = [self.read(value) for value in node.values]
        return self.at(node).boolean(type(node.op).__name__, values)

    def _compare(self, node: ast.Compare) -> int:
        values = [self.read(value) for value in (node.left, *node.comparators)]
        spell = self.at(node)
        made = [spell.compare(type(operator).__name__, *pair) for operator, pair in zip(node.ops, pairwise(values), strict=True)]
        return made[0] if len(made) == 1 else spell.boolean("And", made)

    def _ifexp(self, node: ast.IfExp) -> int:
        parts = [self.read(part) for part in (node.test, node.body, node.orelse)]
        return self.at(node).choose(*parts)

    def _namedexpr(self, node: ast.NamedExpr) -> int:
        value = self.read(node.value)
        self.env[node.target.id] = value
        return value

    def _subscript(self, node: ast.Subscript) -> int:
        base = self.read(node.value)
        indices = [self.read(index) for index in indices_of(node)]
        return self.at(node).item(base, indices)

    def _slice(self, node: ast.Slice) -> int:
        bounds = [self.read(bound) for bound in (node.lower, node.upper, node.step)]
        return self.at(node).slice(bounds)

    def _tuple(self, node: ast.Tuple) -> int:
        elements = [self.read(element) for element in node.elts]
        return self.at(node).collection("tuple", elements)

    def _list(self, node: ast.List) -> int:
        elements = [self.read(element) for element in node.elts]
        return self.at(node).collection("list", elements)

    def _dict(self, node: ast.Dict) -> int:
        keys, values = [self.read(key) for key in node.keys], [self.read(value) for value in node.values]
        return self.at(node).pairs(keys, values)

    def _starred(self, node: ast.Starred) -> int:
        return self.read(node.value)

    def _lambda(self, node: ast.Lambda) -> int:
        outer = dict(self.env)
        self.bind_arguments(node.args, "given")
        body = self.read(node.body)
        self.env = outer
        return self.at(node).make("lambda", body)

    def bind_arguments(self, arguments: ast.arguments, label: str) -> None:
        """Arguments by their place, `self` apart: what they are called is the student's."""
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [one for one in (arguments.vararg, arguments.kwarg) if one]
        for place, one in enumerate([one for one in every if one.arg != "self"]):
            self.env[one.arg] = self.at(one).make(f"{label} {place}")
        if every and every[0].arg == "self":
            self.env["self"] = self.at(every[0]).make("self")

    def _listcomp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> int:
        outer = dict(self.env)
        conditions = self._rounds(node.generators)
        element = self.read(node.elt)
        self.env = outer
        return self.at(node).make("each", element, *conditions)

    def _dictcomp(self, node: ast.DictComp) -> int:
        outer = dict(self.env)
        conditions = self._rounds(node.generators)
        key, value = self.read(node.key), self.read(node.value)
        self.env = outer
        return self.at(node).make("each", self.spell.make("entry", key, value), *conditions)

    def _rounds(self, generators: list[ast.comprehension]) -> list[int]:
        conditions = []
        for generator in generators:
            self.bind_elements(generator.target, generator.iter)
            conditions += [self.read(condition) for condition in generator.ifs]
        return conditions

    def bind_elements(self, target: ast.expr, iterable: ast.expr) -> None:
        """Give the targets of a loop what it gives: of `range`, `enumerate` and `zip` what they stand for."""
        name = iterable.func.id if isinstance(iterable, ast.Call) and isinstance(iterable.func, ast.Name) else ""
        targets = target.elts if isinstance(target, ast.Tuple | ast.List) else []
        if name == "enumerate" and len(targets) == 2 and iterable.args:  # type: ignore[attr-defined]
            values = self.read(iterable.args[0])  # type: ignore[attr-defined]
            spell = self.at(iterable)
            self.bind(targets[0], spell.index([spell.call("len", [values], is_method=False)]))
            self.bind(targets[1], spell.element(values))
        elif name == "zip" and len(targets) == len(iterable.args):  # type: ignore[attr-defined]
            for one, part in zip(targets, iterable.args, strict=True):  # type: ignore[attr-defined]
                self.bind_elements(one, part)
        else:
            values = self.read(iterable)
            self.bind(target, self.at(iterable).element(values))

    def bind(self, target: ast.expr, value: int) -> None:
        """Let a target stand for a value. What is stored into an object or an array is a root of the graph."""
        match target:
            case ast.Name():
                self.env[target.id] = value
            case ast.Tuple() | ast.List():
                self._bind_parts(target.elts, value)
            case ast.Starred():
                self.bind(target.value, value)
            case ast.Subscript():
                place = self.read(target)
                self.spell.graph.roots.append(self.at(target).make("store", place, value))
            case ast.Attribute():
                self._bind_attribute(target, value)

    def _bind_parts(self, targets: list[ast.expr], value: int) -> None:
        label, parts = self.spell.label(value), self.spell.operands(value)
        known = label in ("tuple", "list") and len(parts) == len(targets)
        for place, one in enumerate(targets):
            part = parts[place] if known else self.at(one).item(value, [self.spell.constant(place)])
            self.bind(one, part)

    def _bind_attribute(self, target: ast.Attribute, value: int) -> None:
        if isinstance(target.value, ast.Name) and target.value.id == "self":
            self.env[f"self.{target.attr}"] = value
            self.spell.graph.roots.append(self.at(target).make("hold", value))
        else:
            base = self.read(target.value)
            self.spell.graph.roots.append(self.at(target).make(f"set {target.attr}", base, value))

    def _call(self, node: ast.Call) -> int:
        function = node.func
        if isinstance(function, ast.Attribute) and not self.is_library(function) and not self._is_own_method(function):
            receiver = [self.read(function.value)]
            operands, keywords = self._arguments(node)
            return self.at(node).call(function.attr, receiver + operands, keywords, is_method=True)
        operands, keywords = self._arguments(node)
        if isinstance(function, ast.Attribute) and self.is_library(function):
            return self._library(node, function.attr, operands, keywords)
        if isinstance(function, ast.Name) and function.id not in self.env:
            if (body := self._inlined_body(function.id, node)) is not None:
                return self._inline(function.id, body, operands)
            if function.id in self.names.imported or (function.id in BUILTINS and function.id not in self.names.own):
                return self._library(node, function.id, operands, keywords)
        value = self.read(function)
        return self.at(node).apply(value, operands, keywords)

    def _library(self, node: ast.Call, name: str, operands: list[int], keywords: Keywords) -> int:
        return self.at(node).call(name, operands, keywords, is_method=False)

    def _is_own_method(self, function: ast.Attribute) -> bool:
        is_self = isinstance(function.value, ast.Name) and function.value.id == "self"
        return is_self and (function.attr in self.names.own or function.attr in self.names.held)

    def _arguments(self, node: ast.Call) -> tuple[list[int], list[tuple[str, int]]]:
        operands = [self.read(argument) for argument in node.args]
        return operands, [(keyword.arg or "**", self.read(keyword.value)) for keyword in node.keywords]

    def _inlined_body(self, name: str, node: ast.Call) -> ast.expr | None:
        """The expression that a function of the student's own stands for, where it is no more than one."""
        function = self.names.functions.get(name)
        if (
            function is None
            or node.keywords
            or self._inlined >= INLINED
            or self._inlined_ever >= MOST_INLINED
            or len(function.args.args) != len(node.args)
        ):
            return None
        body = [line for line in function.body if not is_text(line)]
        return body[0].value if len(body) == 1 and isinstance(body[0], ast.Return) else None

    def _inline(self, name: str, body: ast.expr, operands: list[int]) -> int:
        arguments = self.names.functions[name].args.args
        outer, self.env = self.env, dict(zip((one.arg for one in arguments), operands, strict=True))
        self._inlined += 1
        self._inlined_ever += 1
        try:
            return self.read(body)
        finally:
            self._inlined -= 1
            self.env = outer


READERS: dict[type[ast.expr], Callable[[Expressions, Any], int]] = {
    ast.Attribute: Expressions._attribute,
    ast.BinOp: Expressions._binop,
    ast.BoolOp: Expressions._boolop,
    ast.Call: Expressions._call,
    ast.Compare: Expressions._compare,
    ast.Constant: Expressions._constant,
    ast.Dict: Expressions._dict,
    ast.DictComp: Expressions._dictcomp,
    ast.GeneratorExp: Expressions._listcomp,
    ast.IfExp: Expressions._ifexp,
    ast.Lambda: Expressions._lambda,
    ast.List: Expressions._list,
    ast.ListComp: Expressions._listcomp,
    ast.Name: Expressions._name,
    ast.NamedExpr: Expressions._namedexpr,
    ast.SetComp: Expressions._listcomp,
    ast.Slice: Expressions._slice,
    ast.Starred: Expressions._starred,
    ast.Subscript: Expressions._subscript,
    ast.Tuple: Expressions._tuple,
    ast.UnaryOp: Expressions._unaryop,
}


def indices_of(node: ast.Subscript) -> list[ast.expr]:
    return node.slice.elts if isinstance(node.slice, ast.Tuple) and node.slice.elts else [node.slice]


def is_text(statement: ast.stmt) -> bool:
    """A docstring, or a text that stands as a comment."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
