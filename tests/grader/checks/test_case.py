"""The questions a check can ask."""

from collections.abc import Callable

import pytest
import torch

from grader.checks import Case, CheckFailed, StudentError, T, Word

MakeCase = Callable[..., Case]
AFFINE = "def affine(x, w, b): return x @ w + b\n"
INPUTS = (torch.ones(4, 5), torch.ones(5, 3), torch.ones(3))


def failure(case: Case, *args: object, **options: object) -> CheckFailed:
    with pytest.raises(CheckFailed) as caught:
        case.compare(*args, **options)
    return caught.value


def test_compare_returns_what_the_student_returned(make_case: MakeCase) -> None:
    assert torch.equal(make_case(AFFINE).compare("affine", *INPUTS, gradients=True), torch.full((4, 3), 6.0))


def test_a_wrong_value_comes_with_call_expectation_error_and_place(make_case: MakeCase) -> None:
    failed = failure(
        make_case("def affine(x, w, b):\n    y = x @ w + b\n    y[2, 1] += 3\n    return y", AFFINE), "affine", *INPUTS
    )
    assert failed.word is Word.wrong_value
    assert failed.detail.call == "affine(x: 4×5, w: 5×3, b: 3)"
    assert (failed.detail.largest_error, failed.detail.where) == (3.0, [2, 1])
    assert failed.detail.error_map[2] == [0, 3, 0]
    assert failed.text.en.startswith("What `affine` returned is off by up to 3 at [2, 1]: 9 instead of 6.")
    assert "affine" in failed.text.zh and "9" in failed.text.zh


def test_a_missing_function_is_said_politely(make_case: MakeCase) -> None:
    failed = failure(make_case("x = 1", AFFINE), "affine", *INPUTS)
    assert (failed.word, failed.text.en[:30]) == (Word.missing, "`affine` is not written yet. I")


@pytest.mark.parametrize("change", ["x += 1", "x.zero_()", "w[0] = 7", "b.resize_(1)"])
def test_a_changed_input_is_noticed(make_case: MakeCase, change: str) -> None:
    student = f"def affine(x, w, b):\n    y = x @ w + b\n    {change}\n    return y"
    failed = failure(make_case(student, AFFINE), "affine", *INPUTS)
    assert f"changed its argument `{change[0]}`" in failed.text.en
    make_case(student, AFFINE).compare("affine", *INPUTS, unchanged=False)


@pytest.mark.parametrize(
    ("student", "sentence"),
    [
        ("def affine(x, w, b): return x @ w.detach() + b", "No gradient reaches `w` through `affine`"),
        ("def affine(x, w, b): return x @ w + 2 * b - b.detach()", "The gradient of `affine` with respect to `b` is off by"),
        ("import torch\ndef affine(x, w, b): return torch.tensor((x @ w + b).tolist())", "No gradient reaches `x`"),
    ],
)
def test_gradients_are_compared_when_asked(make_case: MakeCase, student: str, sentence: str) -> None:
    make_case(student, AFFINE).compare("affine", *INPUTS)
    assert sentence in failure(make_case(student, AFFINE), "affine", *INPUTS, gradients=True).text.en


def test_gradients_go_through_several_outputs_and_mixed_arguments(make_case: MakeCase) -> None:
    source = "def f(x, labels, scale=1.0): return {'a': x * scale, 'b': (x[labels].sum(), labels)}"
    case = make_case(source)
    case.compare("f", case.randn(3, 2), case.randint(0, 3, (4,)), scale=0.5, gradients=True)


def test_the_reference_never_sees_what_the_student_did_to_the_inputs(make_case: MakeCase) -> None:
    student = "def f(x):\n    x.zero_()\n    return x"
    x = torch.ones(3)
    failure(make_case(student, "def f(x): return x"), "f", x)
    assert torch.equal(x, torch.ones(3))


def test_random_students_and_references_see_the_same_seed(make_case: MakeCase) -> None:
    make_case("import torch\ndef f(n): return torch.rand(n)").compare("f", 4)


def test_objects_generators_and_functions_are_used_through_proxies(make_case: MakeCase) -> None:
    case = make_case(
        "class Model:\n"
        "    def __init__(self, n): self.n, self.inner = n, [1]\n"
        "    def grow(self, by): self.n += by; return self\n"
        "    def __call__(self, x): return x * self.n\n"
        "def count(n):\n    yield from range(n)\n"
        "def apply(f, x): return f(x)\n"
        "SIZE = 7\n"
    )
    model = case.student.Model(2)
    assert model.grow(3).n == 5 and model(2) == 10
    model.n = 4
    assert case.student.apply(model, 2) == 8
    assert list(case.student.count(4)) == [0, 1, 2, 3]
    assert case.student.SIZE == 7
    assert case.student.apply(case.student.Model, 3).n == 3
    assert case.state(model) == {}


def test_what_the_student_raises_can_be_caught(make_case: MakeCase) -> None:
    case = make_case("def f(x):\n    raise ValueError('negative')")
    with pytest.raises(StudentError) as caught:
        case.student.f(-1)
    assert (caught.value.type, caught.value.message, caught.value.line) == ("ValueError", "negative", 2)


def test_a_guarded_name_raises_only_inside_the_block(make_case: MakeCase) -> None:
    case = make_case("import torch\ndef f(x): return torch.relu(x)")
    with case.guard("torch.relu"), pytest.raises(StudentError) as caught:
        case.student.f(torch.ones(2))
    assert caught.value.kind == "forbidden"
    assert torch.equal(case.student.f(torch.ones(2)), torch.ones(2))


def test_a_guard_is_said_again_after_a_call_without_it(make_case: MakeCase) -> None:
    case = make_case("import torch\ndef f(x): return torch.relu(x)")
    for _ in range(2):
        with case.guard("torch.relu", "torch.nn"):
            for _ in range(2):
                with pytest.raises(StudentError, match="may not be used"):
                    case.student.f(torch.ones(2))
                assert torch.equal(case.reference.f(-torch.ones(2)), torch.zeros(2))  # the judge itself is never guarded
        assert torch.equal(case.student.f(torch.ones(2)), torch.ones(2))


def test_a_name_in_code_and_chinese_are_apart(make_case: MakeCase) -> None:
    case = make_case("def f(x): return x + 1", "def f(x): return x")
    with pytest.raises(CheckFailed) as caught:
        case.close(torch.ones(2), torch.zeros(2), what=T(en="the `weight`", zh="一轮之后的 `weight`"))
    assert caught.value.text.zh.startswith("一轮之后的 `weight` 的最大误差是")
    with pytest.raises(CheckFailed) as caught:
        case.compare("f", torch.ones(2))
    assert caught.value.text.zh.startswith("`f` 的返回值的最大误差是")


def test_autograd_is_off_unless_asked_for(make_case: MakeCase) -> None:
    case = make_case("import torch\ndef f(): return torch.is_grad_enabled()")
    assert case.student.f() is False
    with case.grad():
        assert case.student.f() is True


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (torch.zeros(2, 3), None),
        (torch.zeros(3, 2), Word.wrong_shape),
        (torch.zeros(2, 3, dtype=torch.float64), Word.wrong_type),
        (torch.full((2, 3), float("nan")), Word.not_finite),
        (None, Word.wrong_type),
        ([[0.0]], Word.wrong_type),
    ],
)
def test_tensor_lets_only_finite_plain_tensors_through(make_case: MakeCase, value: object, word: Word | None) -> None:
    case = make_case(AFFINE)
    if word is None:
        assert case.tensor(value, shape=(2, 3), dtype=torch.float32) is value
        return
    with pytest.raises(CheckFailed) as caught:
        case.tensor(value, shape=(2, 3), dtype=torch.float32)
    assert caught.value.word is word


def test_close_equal_and_require_name_what_they_are_about(make_case: MakeCase) -> None:
    case = make_case(AFFINE)
    case.close(1.0, 1.0 + 1e-9)
    case.require(True, T(en="never", zh="不会"))
    with pytest.raises(CheckFailed, match="The loss is off by"):
        case.close(torch.tensor(1.0), torch.tensor(2.0), what=T(en="the loss", zh="损失"))
    with pytest.raises(CheckFailed, match="is 1, but 2 is expected"):
        case.equal(1, 2)
    with pytest.raises(CheckFailed, match="too few") as caught:
        case.require(False, T(en="too few", zh="太少"), word=Word.incomplete)
    assert caught.value.word is Word.incomplete


def test_a_metric_that_is_not_finite_does_not_count(make_case: MakeCase) -> None:
    case = make_case(AFFINE)
    case.metric("loss", public=float("nan"), private=0.5)
    assert (case.metrics["loss"].public, case.metrics["loss"].private) == (None, 0.5)


def test_random_numbers_of_a_direct_call_can_be_repeated(make_case: MakeCase) -> None:
    student = "import torch\ndef f(n): return torch.rand(n)"
    one, other = make_case(student), make_case(student)
    first, second = one.student.f(4), one.student.f(4)
    assert torch.equal(first, other.student.f(4))
    assert not torch.equal(first, second)
