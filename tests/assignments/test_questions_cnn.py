"""What only this assignment has to show: that the arithmetic of its answers is the textbook's."""

import pytest
import torch
from torch import nn

from grader.questions.judging import paper_of
from grader.questions.paper import Paper
from grader.spec import PROJECT, Assignment, load_assignment


@pytest.fixture(scope="module")
def assignment() -> Assignment:
    return load_assignment(PROJECT / "assignments" / "questions-cnn")


@pytest.fixture(params=range(5), ids=str)
def paper(request: pytest.FixtureRequest, assignment: Assignment) -> Paper:
    return paper_of(assignment.folder, assignment, f"{request.param:064x}")


def numbers_in(prompt: str, opening: str) -> torch.Tensor:
    """The matrix that a formula of the prompt holds after these words."""
    rows = prompt.split(opening + r"\begin{bmatrix}")[1].split(r"\end{bmatrix}")[0].split(r"\\")
    return torch.tensor([[float(cell) for cell in row.split("&")] for row in rows])


def test_the_true_convolution_is_what_torch_computes_with_the_kernel_turned(paper: Paper) -> None:
    asked = paper.item("true_convolution").asked
    image, kernel = numbers_in(asked.prompt.en, "X = "), numbers_in(asked.prompt.en, "K = ")
    found = nn.functional.conv2d(image[None, None], kernel.flip(0, 1)[None, None])[0, 0]
    assert torch.equal(found, torch.tensor(asked.answer, dtype=torch.float32))


def test_the_gradient_through_pooling_is_autograds(paper: Paper) -> None:
    asked = paper.item("pooling_backward").asked
    image = numbers_in(asked.prompt.en, "X = ").requires_grad_()
    upstream = numbers_in(asked.prompt.en, r"\frac{\partial L}{\partial Y} = ")
    nn.functional.max_pool2d(image[None, None], 2)[0, 0].backward(upstream)
    assert torch.equal(image.grad, torch.tensor(asked.answer, dtype=torch.float32))


def test_the_parameters_are_those_of_the_layer_that_is_named(paper: Paper) -> None:
    asked = paper.item("parameters").asked
    layer = eval(asked.prompt.en.split("`")[1], {"nn": nn})
    assert sum(each.numel() for each in layer.parameters()) == asked.answer


def test_the_output_size_is_that_of_a_real_layer(paper: Paper) -> None:
    asked = paper.item("output_size").asked
    size, kernel, stride, padding, dilation = (
        int(asked.prompt.en.split(before)[1].split()[0].split("×")[0].strip(",."))
        for before in ("An image of ", "with kernel ", "stride ", "padding ", "dilation ")
    )
    layer = nn.Conv2d(1, 1, kernel, stride=stride, padding=padding, dilation=dilation)
    assert layer(torch.zeros(1, 1, size, size)).shape[-1] == asked.answer
