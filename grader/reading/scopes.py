"""Which expressions a name may stand for, scope by scope. Reads the tree of a file, runs nothing."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from grader.reading.trees import LEAVES

MOST_BINDINGS = 64  # of one name; a file with more of them is odd enough without
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
SITES = {ast.Attribute, ast.Call, ast.Name, ast.Subscript, ast.Import, ast.ImportFrom}
UNCHANGED = {ast.Attribute, ast.Subscript, ast.Expr, ast.BinOp, ast.Tuple, ast.keyword, ast.If, ast.Compare, ast.UnaryOp}


@dataclass(eq=False)
class Binding:
    """One way in which a name gets a value: an expression or one of its elements, an import, a definition."""

    scope: "Scope"
    node: ast.AST | None = None
    element: int | None = None  # -1: any element
    imported: str | None = None


@dataclass(eq=False)
class Scope:
    """A module, class, function or comprehension with what it binds. A name without bindings is bound to something unknown."""

    node: ast.AST
    parent: "Scope | None" = None
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    returns: list[ast.expr] = field(default_factory=list)
    elsewhere: dict[str, "Scope"] = field(default_factory=dict)  # declared global or nonlocal

    @property
    def is_class(self) -> bool:
        return isinstance(self.node, ast.ClassDef)

    def add(self, name: str, binding: Binding | None = None) -> None:
        found = self.elsewhere.get(name, self).bindings.setdefault(name, [])
        if binding is not None and len(found) < MOST_BINDINGS:
            found.append(binding)

    def find(self, name: str) -> "Scope | None":
        """The scope that binds a name seen from here; a class is not seen from inside its methods."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.bindings and (scope is self or not scope.is_class):
                return scope
            scope = scope.parent
        return None

    def top(self) -> "Scope":
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope


class Source:
    """One file: its scopes, the places where something is used, and what is stored in attributes."""

    def __init__(self, tree: ast.AST, scope: Scope | None = None) -> None:
        self.scope = scope or Scope(tree)
        self.inner: dict[ast.AST, Scope] = {}
        self.sites: list[tuple[ast.AST, Scope]] = []
        self.attributes: dict[str, list[Binding]] = {}
        self.calls: list[tuple[ast.Call, Scope]] = []
        waiting = [(node, self.scope) for node in ast.iter_child_nodes(tree)]
        while waiting:  # no recursion: a long sum is a deep tree
            node, scope = waiting.pop()
            kind = type(node)
            if kind in SITES:
                self.sites.append((node, scope))
            if kind is ast.Name:  # by far the most of all nodes, and nothing lies below
                _note_name(node, scope)
                continue
            waiting += _children(node, scope) if kind in UNCHANGED else self._enter(node, scope)

    def _enter(self, node: ast.AST, scope: Scope) -> Iterable[tuple[ast.AST, Scope]]:
        """Note what this node binds; its children, each with the scope that it lies in."""
        if isinstance(node, FUNCTIONS):
            return self._enter_function(node, scope)
        if isinstance(node, ast.ClassDef):
            return self._enter_class(node, scope)
        if isinstance(node, COMPREHENSIONS):
            return self._enter_comprehension(node, scope)
        self._note(node, scope)
        return _children(node, scope)

    def _enter_function(self, node: ast.AST, scope: Scope) -> Iterator[tuple[ast.AST, Scope]]:
        inner = self.inner[node] = Scope(node, scope)
        self._note_parameters(node, inner, scope)
        body = [node.body] if isinstance(node, ast.Lambda) else node.body
        if isinstance(node, ast.Lambda):
            inner.returns.append(node.body)
        else:
            scope.add(node.name, Binding(scope, node))
        outside = [*node.args.defaults, *filter(None, node.args.kw_defaults), *getattr(node, "decorator_list", [])]
        yield from ((child, scope) for child in outside)
        yield from ((child, inner) for child in body)

    def _note_parameters(self, node: ast.AST, inner: Scope, scope: Scope) -> None:
        """Defaults are values that a parameter may have; the first one of a method is the class's own object."""
        arguments = node.args
        plain = [*arguments.posonlyargs, *arguments.args]
        for argument in [*plain, *arguments.kwonlyargs, *filter(None, (arguments.vararg, arguments.kwarg))]:
            inner.add(argument.arg)
        defaults = zip(plain[len(plain) - len(arguments.defaults) :], arguments.defaults, strict=True)
        for argument, value in [*defaults, *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]:
            if value is not None:
                inner.add(argument.arg, Binding(scope, value))
        if scope.is_class and plain and scope.parent is not None:
            inner.add(plain[0].arg, Binding(scope.parent, scope.node))

    def _enter_class(self, node: ast.ClassDef, scope: Scope) -> Iterator[tuple[ast.AST, Scope]]:
        inner = self.inner[node] = Scope(node, scope)
        scope.add(node.name, Binding(scope, node))
        outside = [*node.bases, *(keyword.value for keyword in node.keywords), *node.decorator_list]
        yield from ((child, scope) for child in outside)
        yield from ((child, inner) for child in node.body)

    def _enter_comprehension(self, node: ast.AST, scope: Scope) -> Iterator[tuple[ast.AST, Scope]]:
        inner = self.inner[node] = Scope(node, scope)
        for generator in node.generators:
            self._bind(generator.target, Binding(inner, generator.iter, element=-1), inner)
        yield from ((child, inner) for child in ast.iter_child_nodes(node))

    def _note(self, node: ast.AST, scope: Scope) -> None:
        match node:
            case ast.Call():
                self.calls.append((node, scope))
            case ast.Import() | ast.ImportFrom():
                _note_import(node, scope)
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._bind(target, Binding(scope, value), scope)
            case ast.AnnAssign(target=target, value=value) | ast.NamedExpr(target=target, value=value) if value is not None:
                holder = _outside_comprehensions(scope) if isinstance(node, ast.NamedExpr) else scope
                self._bind(target, Binding(scope, value), holder)
            case ast.For(target=target, iter=items) | ast.AsyncFor(target=target, iter=items):
                self._bind(target, Binding(scope, items, element=-1), scope)
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                _bind_elsewhere(names, scope, scope.top() if isinstance(node, ast.Global) else scope.parent)
            case ast.Return(value=value) if value is not None:
                scope.returns.append(value)
            case ast.Call():
                self.calls.append((node, scope))
            case ast.ExceptHandler(name=str(name)):
                scope.add(name)
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                scope.add(name)

    def _bind(self, target: ast.AST, binding: Binding, scope: Scope) -> None:
        """`target` takes this value; a tuple of targets takes its elements one by one."""
        match target:
            case ast.Name(id=name):
                scope.add(name, binding)
            case ast.Attribute(attr=name):
                stored = self.attributes.setdefault(name, [])
                stored += [binding] if len(stored) < MOST_BINDINGS else []
            case ast.Starred(value=inner):
                self._bind(inner, Binding(binding.scope, binding.node, element=-1), scope)
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                for index, inner in enumerate(targets):
                    element = index if binding.element is None else -1
                    self._bind(inner, Binding(binding.scope, binding.node, element=element), scope)


def _children(node: ast.AST, scope: Scope) -> list[tuple[ast.AST, Scope]]:
    """As ast.iter_child_nodes, without what neither binds nor uses anything."""
    found: list[tuple[ast.AST, Scope]] = []
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, list):
            found += [(item, scope) for item in value if isinstance(item, ast.AST) and type(item) not in LEAVES]
        elif isinstance(value, ast.AST) and type(value) not in LEAVES:
            found.append((value, scope))
    return found


def _note_name(node: ast.Name, scope: Scope) -> None:
    if not isinstance(node.ctx, ast.Load):
        scope.add(node.id)


def _bind_elsewhere(names: list[str], scope: Scope, outside: Scope | None) -> None:
    for name in names:
        where = (outside and outside.find(name)) or scope.top()
        where.bindings.setdefault(name, []).extend(scope.bindings.pop(name, []))
        scope.elsewhere[name] = where


def _outside_comprehensions(scope: Scope) -> Scope:
    """`:=` in a comprehension binds in the function around it."""
    while isinstance(scope.node, COMPREHENSIONS) and scope.parent is not None:
        scope = scope.parent
    return scope


def _note_import(node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
    for alias, full in imports_of(node):
        if alias == "*":
            stars = scope.top().stars
            stars += [full] if full not in stars and len(stars) < MOST_BINDINGS else []
        elif isinstance(node, ast.Import) and alias is None:
            head = full.split(".")[0]
            scope.add(head, Binding(scope, imported=head))
        else:
            scope.add(alias or full.rpartition(".")[2], Binding(scope, imported=full))


def imports_of(node: ast.Import | ast.ImportFrom) -> list[tuple[str | None, str]]:
    """(name it gets here, full dotted name) of each; "*" for all of a module, None where it keeps its own."""
    if isinstance(node, ast.Import):
        return [(alias.asname, alias.name) for alias in node.names]
    module = node.module or ""
    return [("*", module) if alias.name == "*" else (alias.asname, f"{module}.{alias.name}".lstrip(".")) for alias in node.names]
