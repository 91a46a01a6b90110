"""Reads the statements of a function in order, keeping what each name stands for; only what reaches an effect counts."""

import ast
from collections.abc import Iterator, Sequence

from grader.similarity.counting import assigned, counter_of
from grader.similarity.expressions import Expressions, is_text
from grader.similarity.graph import Graph
from grader.similarity.names import Names
from grader.similarity.spelling import Spelling

LEAVE = (ast.Return, ast.Raise, ast.Continue, ast.Break)


def graph_of(statements: Sequence[ast.stmt], arguments: ast.arguments | None, names: Names, spell: Spelling) -> Graph:
    """The values of one function, or of what stands outside of all functions where there are no arguments."""
    flow = Flow(names, spell)
    if arguments is not None:
        flow.bind_arguments(arguments, "argument")
    flow.run(statements)
    if arguments is None:
        spell.graph.roots += flow.env.values()
    return spell.graph


class Flow(Expressions):
    """Statements; `env` is what the names stand for at this point."""

    def run(self, statements: Sequence[ast.stmt]) -> None:
        for statement in statements:
            if not is_text(statement):
                self._statement(statement)

    def _root(self, node: int) -> None:
        self.spell.graph.roots.append(node)

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Assign():
                self._assign(node)
            case ast.AnnAssign() if node.value is not None:
                self.bind(node.target, self.read(node.value))
            case ast.AugAssign():
                self._add_to(node)
            case ast.Return():
                value = self.read(node.value)
                self._root(self.at(node).make("return", value))
            case ast.Expr():
                self._root(self.read(node.value))
            case ast.If():
                self._branch(node)
            case ast.For() | ast.AsyncFor():
                self._for(node)
            case ast.While():
                self._while(node)
            case ast.With() | ast.AsyncWith():
                self._with(node)
            case ast.Try() | ast.TryStar():
                self._try(node)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._inner(node)
            case ast.ClassDef():
                self._inner_class(node)
            case ast.Assert() | ast.Raise() | ast.Delete():
                self._mention(node)
            case ast.Match():
                self._match(node)

    def _assign(self, node: ast.Assign) -> None:
        if isinstance(node.value, ast.Tuple) and all(_is_parallel(target, node.value) for target in node.targets):
            values = [self.read(part) for part in node.value.elts]
            for target in node.targets:
                for one, value in zip(target.elts, values, strict=True):  # type: ignore[attr-defined]
                    self.bind(one, value)
            return
        value = self.read(node.value)
        for target in node.targets:
            self.bind(target, value)

    def _add_to(self, node: ast.AugAssign) -> None:
        before, value = self.read(node.target), self.read(node.value)
        self.bind(node.target, self.at(node).binary(type(node.op).__name__, before, value))

    def _branch(self, node: ast.If) -> None:
        if isinstance(node.test, ast.Constant):
            return self.run(node.body if node.test.value else node.orelse)
        condition = self.read(node.test)
        self._root(self.at(node.test).make("test", self._either(condition)))
        before = dict(self.env)
        self.run(node.body)
        then, self.env = self.env, dict(before)
        self.run(node.orelse)
        if _leaves(node.body):
            return None
        if _leaves(node.orelse):
            self.env = then
            return None
        self.at(node)
        self._merge(condition, then, self.env)
        return None

    def _either(self, condition: int) -> int:
        """Which of the two ways comes first does not matter."""
        return self.spell.operands(condition)[0] if self.spell.label(condition) == "Not" else condition

    def _merge(self, condition: int, then: dict[str, int], otherwise: dict[str, int]) -> None:
        merged = dict(otherwise)
        for name, value in then.items():
            merged[name] = self.spell.merged(condition, value, otherwise[name]) if name in otherwise else value
        self.env = merged

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        self.bind_elements(node.target, node.iter)
        self._rounds_of(node.body)
        self.run(node.orelse)

    def _while(self, node: ast.While) -> None:
        if isinstance(node.test, ast.Constant) and not node.test.value:
            return
        counter = counter_of(node)
        if counter and counter.name in self.env:
            bounds = [self.env[counter.name], self.read(counter.end)]
            if counter.is_early:
                bounds[0] = self.at(node.test).binary("Add", bounds[0], self.spell.constant(1))
            self.env[counter.name] = self.at(node.test).index(bounds)
            self._rounds_of([line for line in node.body if line is not counter.step], fixed={counter.name})
        else:
            self._rounds_of(node.body, test=node.test)
        self.run(node.orelse)

    def _rounds_of(self, body: Sequence[ast.stmt], *, test: ast.expr | None = None, fixed: set[str] = frozenset()) -> None:  # type: ignore[assignment]
        """The body once: what it changes stands for a value of the loop at its beginning, and is kept at its end."""
        changed = sorted(assigned(body) - fixed)
        carried: dict[str, int] = {}
        for name in changed:
            if name in self.env:
                carried[name] = self.env[name] = self.spell.loop_value(self.env[name])
        if test is not None:
            condition = self.read(test)
            self._root(self.at(test).make("test", condition))
        self.run(body)
        for name, value in carried.items():
            if self.env[name] != value:
                self._root(self.spell.make("carry", value, self.env[name]))

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            value = self.read(item.context_expr)
            self._root(value)
            if item.optional_vars is not None:
                self.bind(item.optional_vars, value)
        self.run(node.body)

    def _try(self, node: ast.Try | ast.TryStar) -> None:
        """Names hold afterwards what they hold where nothing was raised; what a handler gives them counts all the same."""
        self.run(node.body)
        self.run(node.orelse)
        done, raised = self.env, {}
        for handler in node.handlers:
            self.env = dict(done)
            self.run(handler.body)
            for name, value in self.env.items():
                if done.get(name) != value:
                    self._root(value)
                    raised[name] = value
        self.env = raised | done
        self.run(node.finalbody)

    def _inner(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """A function inside a function sees the names around it; it belongs to the outer one."""
        outer = dict(self.env)
        self.bind_arguments(node.args, "given")
        self.run(node.body)
        self.env = outer
        self.env[node.name] = self.at(node).make("own")

    def _inner_class(self, node: ast.ClassDef) -> None:
        """Its methods belong to the function around it, or to what stands outside of all; its own names stay inside."""
        outer = dict(self.env)
        self.run(node.body)
        self.env = outer
        self.env[node.name] = self.at(node).make("own")

    def _mention(self, node: ast.stmt) -> None:
        parts = [self.read(child) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
        self._root(self.at(node).make(type(node).__name__, *parts))

    def _match(self, node: ast.Match) -> None:
        subject = self.read(node.subject)
        self._root(subject)
        for case in node.cases:
            for name in _captured(case.pattern):
                self.env[name] = self.at(case.pattern).make("captured", subject)
            if case.guard is not None:
                self._root(self.read(case.guard))
            self.run(case.body)


def _is_parallel(target: ast.expr, value: ast.Tuple) -> bool:
    if not isinstance(target, ast.Tuple | ast.List) or len(target.elts) != len(value.elts):
        return False
    return not any(isinstance(one, ast.Starred) for one in (*target.elts, *value.elts))


def _captured(pattern: ast.pattern) -> Iterator[str]:
    for node in ast.walk(pattern):
        name = node.rest if isinstance(node, ast.MatchMapping) else getattr(node, "name", None)
        if name is not None:
            yield name


def _leaves(body: Sequence[ast.stmt]) -> bool:
    return bool(body) and isinstance(body[-1], LEAVE)
