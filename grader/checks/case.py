"""What a check works with: random inputs, the student, the reference, and the questions one can ask."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import torch

from grader.checks.answers import Answers, detached, float_tensors
from grader.checks.compare import find_difference
from grader.checks.describe import parameter_names
from grader.checks.drawing import curve_of, pictures_of, scatter_of
from grader.checks.failures import CheckFailed
from grader.checks.randomness import Randomness
from grader.checks.remote import Channel, RemoteObject, StudentModule, state_of
from grader.checks.wording import changed_input, gradient_of, named, no_gradient, not_written, returned_by
from grader.protocol import Detail, Figure, Measured, Metric, Text, Word

MOST_FIGURES = 8  # of one check


class Case(Randomness):
    """One run of one check against one submission."""

    def __init__(
        self,
        *,
        seed: str,
        check_id: str,
        channel: Channel,
        answers: Answers,
        draws: bool = True,
        files: Mapping[str, bytes] | None = None,
        variant: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(seed, check_id)
        self.variant: Mapping[str, Any] = variant or {}  # the constants that variant.py has drawn for this student
        self.student = StudentModule(channel)
        self.reference = answers.module
        self.metrics: dict[str, Metric] = {}
        self.measured: Measured | None = None
        self.is_concealed = False
        self.figures: list[Figure] = []
        self.files = files or {}  # what was handed in, for checks that read it themselves
        self.draws = draws  # False: nobody will look at the figures
        self.drawn_later: list[Callable[[], None]] = []
        self._channel = channel
        self._calls = 0
        channel.signature_of = answers.function
        channel.next_seed = self._next_call_seed
        self._answers = answers

    def compare(
        self,
        name: str,
        *args: Any,
        gradients: bool = False,
        rtol: float = 1e-4,
        atol: float = 1e-5,
        unchanged: bool = True,
        **kwargs: Any,
    ) -> Any:
        """Call student and reference with equal copies and compare everything there is; returns the student's value."""
        seed = self.next_generator().initial_seed()
        expected = self._answers.value(name, copied(args), copied(kwargs), seed=seed)
        reply = self._call(name, args, kwargs, seed=seed)
        value = self._channel.value_of(reply, name)
        self._same(value, expected, rtol, atol, returned_by(name))
        if unchanged:
            self._unchanged(name, reply.get("mutated"))
        if gradients:
            self._compare_gradients(name, args, kwargs, seed, expected, (rtol, atol))
        return value

    def close(self, actual: Any, expected: Any, rtol: float = 1e-4, atol: float = 1e-5, what: Text | None = None) -> None:
        """Require equal values within the tolerance. `what` names them: T(en="the loss", zh="损失")."""
        self._same(actual, detached(expected), rtol, atol, named(what))

    def equal(self, actual: Any, expected: Any, what: Text | None = None) -> None:
        """Require exactly equal values."""
        self.close(actual, expected, rtol=0.0, atol=0.0, what=what)

    def require(self, condition: Any, text: Text, word: Word = Word.wrong_value) -> None:
        if not bool(condition):
            self.fail(text, word=word)

    def fail(self, text: Text, word: Word = Word.wrong_value) -> NoReturn:
        raise CheckFailed(text, word=word, detail=Detail(call=self.last_call))

    def tensor(
        self,
        value: Any,
        shape: Sequence[int] | None = None,
        dtype: torch.dtype | None = None,
        what: Text | None = None,
    ) -> torch.Tensor:
        """The value itself, once it is certain to be a finite plain tensor of this shape and dtype."""
        is_tensor = isinstance(value, torch.Tensor)
        wanted_dtype = dtype or (value.dtype if is_tensor else torch.float32)
        wanted_shape = tuple(shape) if shape is not None else (value.shape if is_tensor else ())
        same_kind = is_tensor and value.dtype == wanted_dtype and value.shape == wanted_shape
        wanted = value if same_kind else torch.zeros(wanted_shape, dtype=wanted_dtype)
        if same_kind and (wanted.is_floating_point() or wanted.is_complex()):
            wanted = wanted.nan_to_num(0, 0, 0)
        self._same(value, wanted, 0.0, 0.0, named(what))
        return value

    def state(self, remote: RemoteObject) -> dict[str, torch.Tensor]:
        """The parameters of an object of the student's, by name."""
        return state_of(remote)

    def metric(self, name: str, public: float | None = None, private: float | None = None) -> None:
        """Report a number for the leaderboard; what is not finite does not count."""
        self.metrics[name] = Metric(public=_finite(public), private=_finite(private))

    def measure(self, name: str, measured: Measured) -> None:
        """Report what a competition's predictions reached."""
        self.measured = measured
        self.metric(name, public=measured.public.value, private=measured.private.value)

    def curve(
        self, title: Text, values: Mapping[int, float], band: tuple[float, float] | None = None, *, is_fraction: bool = False
    ) -> None:
        """Draw values by the number of updates after which they were seen, and the band in which the last one is expected."""
        self._draw(curve_of(title, values, band, is_fraction))

    def scatter(self, title: Text, points: torch.Tensor, marks: torch.Tensor) -> None:
        """Draw points (N, 2) and marks (M, 2) where they should be; what lies far from all marks is only counted."""
        self._draw(scatter_of(title, points, marks))

    def pictures(self, title: Text, pictures: torch.Tensor) -> None:
        """Draw the first of some grey pictures (N, H, W), from 0, black, to 1, white."""
        self._draw(pictures_of(title, pictures))

    def conceal(self) -> None:
        """From here on the student's code has inputs that are to stay hidden: what it says, prints or logs is for staff alone."""
        self.is_concealed = True

    @contextmanager
    def guard(self, *names: str) -> Iterator[None]:
        """While the block runs, calling any of these dotted names raises in the sandbox."""
        with self._channel.guarding(names):
            yield

    @contextmanager
    def grad(self) -> Iterator[None]:
        """While the block runs, remote calls keep autograd on."""
        with self._channel.keeping_grad():
            yield

    @property
    def last_call(self) -> str | None:
        """The student's call that the check is talking about, in words."""
        return self._channel.last_call

    @property
    def seconds_left(self) -> float:
        """How long the student's code may still run in this check."""
        return self._channel.seconds_left

    def draw_later(self, draw: Callable[[], None]) -> None:
        """Draw what takes more of the student's code once the points are given: nothing that happens then costs any."""
        if self.draws:
            self.drawn_later.append(draw)

    def _draw(self, figure: Figure) -> None:
        if len(self.figures) < MOST_FIGURES:
            self.figures.append(figure)

    def _next_call_seed(self) -> int:
        self._calls += 1
        return self.seed_for(f"call {self._calls}")

    def _call(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], **options: Any) -> Mapping[str, Any]:
        if name not in self._channel.names:
            raise CheckFailed(not_written(name), word=Word.missing)
        return self._channel.call(name, name, args, kwargs, **options)

    def _same(self, actual: Any, expected: Any, rtol: float, atol: float, subject: Text) -> None:
        found = find_difference(actual, expected, rtol=rtol, atol=atol)
        if found is None:
            return
        text = Text(en=f"{subject.en} {found.text.en}", zh=subject.zh + " " * subject.zh.endswith("`") + found.text.zh)
        detail = Detail(
            call=self.last_call,
            expected=found.expected,
            actual=found.actual,
            largest_error=found.largest_error,
            where=found.where,
            error_map=found.error_map,
        )
        raise CheckFailed(text, word=found.word, detail=detail)

    def _unchanged(self, name: str, positions: Any) -> None:
        if positions:
            first = positions[0]
            argument = self._argument_name(name, first) if isinstance(first, int) else str(first)
            raise CheckFailed(changed_input(name, argument), detail=Detail(call=self.last_call))

    def _compare_gradients(
        self,
        name: str,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        seed: int,
        value: Any,
        tolerance: tuple[float, float],
    ) -> None:
        """Compare d(sum of weight × output)/d(argument) for random weights, one per entry of every float output."""
        weights = [self.randn(*tensor.shape, dtype=tensor.dtype) for tensor in float_tensors(value)]
        expected = self._answers.gradients(name, copied(args), copied(kwargs), weights, seed=seed)
        found = self._call(name, args, kwargs, seed=seed, cotangents=weights).get("gradients")
        if not isinstance(found, list) or len(found) != len(expected):
            found = [None] * len(expected)
        for position, (actual, wanted) in enumerate(zip(found, expected, strict=True)):
            if wanted is None:
                continue
            argument = self._argument_name(name, position)
            if actual is None and bool(wanted.any()):
                raise CheckFailed(no_gradient(name, argument), detail=Detail(call=self.last_call))
            actual = torch.zeros_like(wanted) if actual is None else actual
            self._same(actual, wanted, *tolerance, gradient_of(name, argument))

    def _argument_name(self, name: str, position: int) -> str:
        return parameter_names(self._answers.function(name), position + 1)[position] or str(position + 1)


def _finite(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None


def copied(value: Any) -> Any:
    """Equal tensors in new memory, so that neither side sees what the other does to its own."""
    if isinstance(value, torch.Tensor):
        return value.detach().clone()
    if isinstance(value, list | tuple):
        return type(value)(copied(item) for item in value)
    if isinstance(value, Mapping):
        return {key: copied(item) for key, item in value.items()}
    return value
