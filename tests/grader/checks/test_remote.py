"""The line to the sandbox: limits, releases, and replies that are lies."""

import gc
from collections.abc import Mapping
from typing import Any

import pytest
import torch

from grader.checks import remote
from grader.checks.answers import LiveAnswers
from grader.checks.case import Case
from grader.checks.failures import CheckFailed, StudentError
from grader.checks.remote import HANDLE_BYTES, RECEIVED_BYTES, RELEASE_AT, RELEASE_MOST, Channel, StudentModule
from grader.runner.wire import Handle
from grader.sandbox.base import BoxEnded, Ending


class ScriptedBox:
    """Answers every request with the next of the given replies; each takes a second."""

    def __init__(self, *replies: Mapping[str, Any]) -> None:
        self.replies = list(replies)
        self.requests: list[tuple[str, Mapping[str, Any], float]] = []
        self.student_seconds = 0.0

    def request(self, op: str, payload: Mapping[str, Any], *, seconds: float) -> Mapping[str, Any]:
        sent = {name: list(value) if isinstance(value, list) else value for name, value in payload.items()}
        self.requests.append((op, sent, seconds))
        self.student_seconds += 1.0
        return {} if op == "release" else self.replies.pop(0)

    def output(self) -> str:
        return ""


NAMES = {"f": "function", "Model": "class"}


def test_each_request_may_take_only_what_is_left_of_the_check() -> None:
    box = ScriptedBox({"value": 1}, {"value": 2}, {"value": 3})
    student = StudentModule(Channel(box, NAMES, seconds=2.5))
    assert [student.f(), student.f(), student.f()] == [1, 2, 3]
    assert [seconds for _, _, seconds in box.requests] == [2.5, 1.5, 0.5]
    with pytest.raises(BoxEnded) as caught:
        student.f()
    assert caught.value.ending is Ending.timed_out


def test_objects_nobody_holds_are_released_together() -> None:
    count = 2 * RELEASE_AT
    box = ScriptedBox(*({"value": Handle(n, "Model")} for n in range(count)))
    student = StudentModule(Channel(box, NAMES, seconds=1e9))
    for _ in range(count):
        student.Model()
    gc.collect()
    released = [handle for op, payload, _ in box.requests if op == "release" for handle in payload["handles"]]
    assert len(released) >= RELEASE_AT and len(set(released)) == len(released)


def test_an_object_in_use_is_not_released() -> None:
    box = ScriptedBox(*({"value": Handle(n, "Model")} for n in range(RELEASE_AT + 2)))
    student = StudentModule(Channel(box, NAMES, seconds=1e9))
    kept = student.Model()
    for _ in range(RELEASE_AT + 1):
        student.Model()
    released = [handle for op, payload, _ in box.requests if op == "release" for handle in payload["handles"]]
    assert kept._handle not in released


def test_an_object_that_outlives_a_release_is_released_later() -> None:
    box = ScriptedBox(*({"value": Handle(n, "Model")} for n in range(3 * RELEASE_AT)))
    student = StudentModule(Channel(box, NAMES, seconds=1e9))
    kept = student.Model()
    for _ in range(RELEASE_AT + 1):
        student.Model()
    handle = kept._handle
    del kept
    for _ in range(2 * RELEASE_AT - 2):
        student.Model()
    assert handle in [handle for op, payload, _ in box.requests if op == "release" for handle in payload["handles"]]


def test_a_reply_of_very_many_objects_is_released_in_requests_that_can_be_sent() -> None:
    box = ScriptedBox({"value": [Handle(n, "Model") for n in range(3 * RELEASE_MOST)]}, {"value": 1})
    student = StudentModule(Channel(box, NAMES, seconds=1e9))
    student.f()
    student.f()
    sizes = [len(payload["handles"]) for op, payload, _ in box.requests if op == "release"]
    assert sum(sizes) == 3 * RELEASE_MOST and max(sizes) <= RELEASE_MOST


def test_endless_objects_do_not_fill_the_judges_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "RECEIVED_BYTES", 4000 * HANDLE_BYTES)
    many = [Handle(n, "Model") for n in range(1000)]
    box = ScriptedBox(*({"value": many} for _ in range(5)))
    student = StudentModule(Channel(box, NAMES, seconds=1e9))
    with pytest.raises(BoxEnded):
        for _ in range(5):
            student.f()


def test_endless_replies_do_not_fill_the_judges_memory() -> None:
    large = torch.empty(RECEIVED_BYTES // 16)
    box = ScriptedBox(*({"value": large} for _ in range(10)))
    student = StudentModule(Channel(box, NAMES, seconds=1e9))
    with pytest.raises(BoxEnded):
        for _ in range(10):
            student.f()


def test_python_does_not_reach_the_sandbox_by_itself() -> None:
    box = ScriptedBox({"value": Handle(1, "Model")})
    model = StudentModule(Channel(box, NAMES, seconds=1.5)).Model()
    assert not hasattr(model, "__array__") and not hasattr(model, "__torch_function__")
    assert "Model" in repr(model)
    assert len(box.requests) == 1


@pytest.mark.parametrize(
    "reply",
    [
        {"error": 3},
        {"error": {"kind": ["x"], "type": None, "message": 7, "line": -4, "source": "no", "function": {}}},
        {"error": {"message": "m" * 10_000_000, "traceback": "t" * 10_000_000, "line": 1 << 40}},
        {"error": {"source": [[1, "a"], [2], "x", [True, "b"], ["3", "c"], [4, 5]] * 100}},
    ],
)
def test_an_error_reply_may_hold_anything(reply: Mapping[str, Any]) -> None:
    student = StudentModule(Channel(ScriptedBox(reply), NAMES, seconds=9))
    with pytest.raises(StudentError) as caught:
        student.f()
    assert len(caught.value.message) <= 2000 and len(caught.value.source) <= 7
    assert caught.value.line is None


@pytest.mark.parametrize("gradients", [None, [], [torch.zeros(2)], 7, {"a": 1}, torch.zeros(2, 2), [None, None], ["x", "y"]])
def test_a_reply_without_all_gradients_is_a_wrong_answer(gradients: Any) -> None:
    value = torch.ones(2) * 2
    box = ScriptedBox({"value": value, "mutated": []}, {"value": value, "mutated": [], "gradients": gradients})

    class Reference:
        f = staticmethod(lambda x, y: x + y)

    case = Case(seed="00" * 32, check_id="c", channel=Channel(box, NAMES, seconds=9), answers=LiveAnswers(Reference))
    with pytest.raises(CheckFailed):
        case.compare("f", torch.ones(2), torch.ones(2), gradients=True)
