"""Checks that a reply has the fields its request asked for: the student's process may send anything."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import torch

from grader.runner.wire import WireError

Test = Callable[[Any], bool]
MOST_NAMES = 200
OPERATOR = re.compile(r"\w{1,40}::\w{1,80}", re.ASCII)
KINDS = {"syntax", "import", "missing", "not_implemented", "exception", "forbidden", "exit", "memory", "unsupported"}


def is_text(value: Any) -> bool:
    return type(value) is str


def is_line(value: Any) -> bool:
    return value is None or (type(value) is int and 0 <= value < 1 << 31)


def is_text_or_none(value: Any) -> bool:
    return value is None or is_text(value)


def each(test: Test) -> Test:
    return lambda value: type(value) is list and all(map(test, value))


def record(**fields: Test) -> Test:
    return lambda value: type(value) is dict and all(test(value.get(name)) for name, test in fields.items())


def is_source_line(value: Any) -> bool:
    return type(value) is tuple and len(value) == 2 and type(value[0]) is int and is_text(value[1])


def is_tensor_or_none(value: Any) -> bool:
    return value is None or isinstance(value, torch.Tensor)


def is_dict_of(test: Test) -> Test:
    return lambda value: type(value) is dict and all(map(test, value.values()))


def is_count_by_name(value: Any) -> bool:
    """Few names of operators, and numbers that JSON can hold."""
    if type(value) is not dict or len(value) > MOST_NAMES:
        return False
    return all(OPERATOR.fullmatch(name) and type(count) is int and 0 < count < 1 << 53 for name, count in value.items())


ERROR = record(
    kind=lambda value: is_text(value) and value in KINDS,
    type=is_text,
    message=is_text,
    file=is_text_or_none,
    line=is_line,
    function=is_text_or_none,
    source=each(is_source_line),
    traceback=is_text,
)
FIELDS: dict[str, dict[str, Test]] = {
    "load": {"names": is_dict_of(is_text)},
    "call": {
        "mutated": each(lambda value: type(value) in (int, str)),
        "gradients": lambda value: value is None or each(is_tensor_or_none)(value),
        "operators": lambda value: value is None or is_count_by_name(value),
    },
    "state": {"value": is_dict_of(lambda value: isinstance(value, torch.Tensor))},
    "memory": {"value": lambda value: value is None or (type(value) is int and 0 <= value < 1 << 50)},
}
WITH_VALUE = {"call", "get", "state", "memory"}


def check_reply(op: str, reply: Mapping[str, Any]) -> None:
    """Raise WireError if this is no answer to `op`."""
    if "error" in reply:
        if not ERROR(reply["error"]):
            raise WireError("an error of the wrong form")
        return
    if op in WITH_VALUE and "value" not in reply:
        raise WireError("an answer without a value")
    if op == "next" and "value" not in reply and reply.get("done") is not True:
        raise WireError("an answer without a value")
    wrong = [name for name, test in FIELDS.get(op, {}).items() if not test(reply.get(name))]
    if wrong:
        raise WireError(f"wrong in the answer: {', '.join(wrong)}")
