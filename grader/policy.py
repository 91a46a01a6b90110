"""Finds uses of forbidden names by reading the source, before any of it runs. Evidence for a person, not proof."""

import ast
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from grader.outline import lines_of
from grader.protocol import Text
from grader.reading.names import Reader, Use
from grader.reading.reflection import reflections
from grader.reading.trees import collector_at_rest, parse

EVIDENCE_CHARACTERS = 160
HITS = 50
REFLECTION = "reflection"  # a rule of ours: shown to staff, never worth points
REFLECTION_MEANS = Text(
    en="Reaches around names: `__subclasses__`, a computed `getattr`, `exec`. For a person to look at; costs no points.",
    zh="绕过名称取用对象，例如 `__subclasses__`、拼出名字的 `getattr` 或 `exec`。仅供人工查看，不影响得分。",
)
OPERATORS = "torch.ops."
PRIVATE = {"torch._C._nn.": "torch.nn.functional."}
LAYERS = {  # operators whose function has another name
    "convolution": "torch.nn.functional.conv2d",
    "cross_entropy_loss": "torch.nn.functional.cross_entropy",
    "nll_loss_forward": "torch.nn.functional.nll_loss",
    "max_pool2d_with_indices": "torch.nn.functional.max_pool2d",
    "lstm": "torch.nn.LSTM",
    "gru": "torch.nn.GRU",
    "rnn_tanh": "torch.nn.RNN",
    "rnn_relu": "torch.nn.RNN",
    "lstm_cell": "torch.nn.LSTMCell",
    "gru_cell": "torch.nn.GRUCell",
}


@collector_at_rest()
def scan(files: Mapping[str, bytes], forbidden: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The hits in all files: rule, name, line and the line's text. A file that does not parse has none; importing it says why."""
    reader = Reader(dict(_trees(files)))
    hits: list[dict[str, Any]] = []
    walks: list[dict[str, Any]] = []
    names = [name for rule in forbidden for name in rule["names"]]
    for file in reader.sources:
        lines = lines_of(files[file].decode("utf-8", "replace"))
        uses = sorted({(line, name) for line, used in reader.uses(file) for name in spellings(used)})
        hits += [
            _hit(rule["rule"], name, line, file, lines) for rule in forbidden for name, line in _matching(uses, rule["names"])
        ]
        walks += [_hit(REFLECTION, name, line, file, lines) for line, name in _once_a_line(reflections(reader, file, names))]
    return [*hits[:HITS], *walks[: HITS - len(hits)]] if len(hits) < HITS else hits[:HITS]


def spellings(name: str) -> Iterator[str]:
    """The name, and the public one of what it stands for: `torch.ops.aten.linear` is torch.nn.functional.linear."""
    yield name
    for private, public in PRIVATE.items():
        if name.startswith(private):
            yield public + name.removeprefix(private)
    if name.startswith(OPERATORS) and name.count(".") >= name[: len(OPERATORS)].count(".") + 1:
        yield from _public_names(name.split(".")[3])


def _public_names(operator: str) -> Iterator[str]:
    """What is public by the operator's own name is judged by that name: who may call torch.tanh may call aten.tanh."""
    plain = operator.removeprefix("native_").removeprefix("_").removesuffix("_")
    if plain in LAYERS:
        yield LAYERS[plain]
    yield f"torch.{plain}"
    if not hasattr(sys.modules.get("torch"), plain):
        yield f"torch.nn.functional.{plain}"


def _trees(files: Mapping[str, bytes]) -> Iterator[tuple[str, ast.AST]]:
    for file, data in sorted(files.items()):
        try:
            yield file, parse(data)
        except (SyntaxError, ValueError):
            continue


def _matching(uses: Sequence[Use], names: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Each forbidden name once per line, under its longest spelling there."""
    found: dict[int, str] = {}
    for line, used in uses:
        if any(used == name or used.startswith(f"{name}.") for name in names):
            found[line] = max(found.get(line, ""), used, key=len)
    yield from ((name, line) for line, name in found.items())


def _once_a_line(uses: Iterator[Use]) -> list[Use]:
    return sorted({line: (line, name) for line, name in uses}.values())


def _hit(rule: str, name: str, line: int, file: str, lines: list[str]) -> dict[str, Any]:
    text = lines[line - 1].strip() if line <= len(lines) else ""
    return {"rule": rule, "name": name, "line": line, "evidence": f"{file}: {text}"[:EVIDENCE_CHARACTERS]}
