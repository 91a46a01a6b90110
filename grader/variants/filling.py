"""Puts constants into handout, starter and reference. Pure: text in, text out."""

import ast
import re
from collections.abc import Callable

from grader.protocol import Text
from grader.questions.asked import latex
from grader.reading.trees import parse
from grader.variants.variant import Constant, Variant

PLACEHOLDER = re.compile(r"\{\{ *([A-Za-z_][A-Za-z0-9_]*)(?: *: *([a-z]+))? *\}\}")
EXAMPLE = "VARIANT"  # the constant of a reference that the drawn one replaces
FORMS: dict[str, Callable[[Constant], str]] = {
    "text": str,  # a text as it is, a list as Python writes it
    "python": repr,  # a text in quotes
    "latex": lambda value: latex(value) if _is_matrix(value) else str(value),
}


class NotFillable(Exception):
    """A placeholder that stands for nothing, or a reference whose example cannot be read."""


def filled(text: str, variant: Variant, *, language: str = "en") -> str:
    """Every `{{name}}` and `{{name:form}}` once: what is put in is not read again. Raises NotFillable."""
    return PLACEHOLDER.sub(lambda found: _said(found, variant, language), text)


def placeholders(text: str) -> set[str]:
    """The names that a text states."""
    return {found.group(1) for found in PLACEHOLDER.finditer(text)}


def _said(found: re.Match[str], variant: Variant, language: str) -> str:
    name, form = found.group(1), found.group(2) or "text"
    if name not in variant:
        raise NotFillable(f"{found.group()}: variant.py draws no {name!r}")
    if form not in FORMS:
        raise NotFillable(f"{found.group()}: there is no form {form!r}; there are {', '.join(FORMS)}")
    value = variant[name]
    return FORMS[form](value.in_language(language) if isinstance(value, Text) else value)


def _is_matrix(value: Constant) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(row, list | tuple) for row in value)


def example_of(source: str) -> Variant:
    """The constants that a reference names as an example, `VARIANT = {"stride": 2}`; none where it names none."""
    if (node := _example(source)) is None:
        return Variant()
    try:
        return Variant(**ast.literal_eval(node.value))
    except (TypeError, ValueError) as error:
        raise NotFillable(f"{EXAMPLE}: a dict of plain constants by name is wanted ({error})") from error


def with_constants(source: str, variant: Variant) -> str:
    """The reference with drawn constants in the place of its example's. Every line keeps its number."""
    if (node := _example(source)) is None:
        return source
    lines = source.split("\n")
    before, after = lines[: node.lineno - 1], lines[node.end_lineno :]
    return "\n".join([*before, f"{EXAMPLE} = {variant.numbers!r}", *[""] * (node.end_lineno - node.lineno), *after])


def _example(source: str) -> ast.Assign | None:
    """Of the module itself, a statement with lines of its own."""
    for node in parse(source).body:
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == [EXAMPLE]:
            return node
    return None
