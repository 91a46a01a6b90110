"""What only this exam has to show: its arithmetic is that of torch, and its layers are the ones that it names."""

import pytest
import torch
from torch import nn

from grader.questions.judging import paper_of
from grader.questions.paper import Paper
from grader.spec import Assignment
from grader.variants.binding import bound
from tests.assignments.test_questions_cnn import numbers_in


@pytest.fixture(params=range(8), ids=str)
def seed(request: pytest.FixtureRequest) -> str:
    return f"{request.param:064x}"


@pytest.fixture
def paper(seed: str, assignment: Assignment) -> Paper:
    return paper_of(assignment.folder, assignment, seed)


@pytest.fixture(scope="module")
def assignment() -> Assignment:
    from grader.spec import PROJECT, load_assignment

    return load_assignment(PROJECT / "assignments" / "exam-midterm")


def test_the_convolution_is_the_layers(paper: Paper) -> None:
    asked = paper.item("convolution_by_hand").asked
    layer = nn.Conv2d(1, 1, 2, bias=False)
    layer.weight.data = numbers_in(asked.prompt.en, "W = ")[None, None]
    found = layer(numbers_in(asked.prompt.en, "X = ")[None, None])[0, 0]
    assert torch.equal(found, torch.tensor(asked.answer, dtype=torch.float32))


def test_attention_is_a_softmax_and_a_product(paper: Paper) -> None:
    asked = paper.item("attention_by_hand").asked
    scores = numbers_in(asked.prompt.en.replace(r"\ln ", ""), "S = ").log()
    found = scores.softmax(dim=1) @ numbers_in(asked.prompt.en, "V = ")
    assert torch.allclose(found, torch.tensor([[float(cell) for cell in row] for row in asked.answer]), atol=1e-5)


def test_batch_normalisation_is_the_layers(paper: Paper) -> None:
    asked = paper.item("batch_norm_by_hand").asked
    batch, gamma, beta = (
        asked.prompt.en.split(opening)[1].split(closing)[0]
        for opening, closing in (("x = (", ")"), (r"\gamma = ", "$"), (r"\beta = ", "$"))
    )
    x, weight, bias = (torch.tensor(numbers, dtype=torch.float64) for numbers in (
        [[float(number)] for number in batch.split(",")], [float(gamma)], [float(beta)]
    ))  # fmt: skip
    found = nn.functional.batch_norm(x, None, None, weight, bias, training=True, eps=1e-12)
    assert float(found[0, 0]) == pytest.approx(float(asked.answer), abs=1e-4)


def test_the_output_has_the_layers_length(paper: Paper) -> None:
    asked = paper.item("output_length").asked
    layer, length = eval(asked.prompt.en.split("`")[1], {"nn": nn}), int(asked.prompt.en.split("for ")[1].split()[0])
    assert layer(torch.zeros(1, 1, length)).shape[-1] == asked.answer


def test_the_parameters_are_those_of_the_layer_that_is_named(paper: Paper) -> None:
    asked = paper.item("attention_parameters").asked
    layer = eval(asked.prompt.en.split("`")[1], {"nn": nn})
    assert sum(each.numel() for each in layer.parameters()) == asked.answer


def test_the_references_sizes_are_the_students(seed: str, assignment: Assignment) -> None:
    mine = bound(assignment, seed)
    width, stride, reach = (mine.variant[name] for name in ("width", "stride", "reach"))
    assert width != stride and f"windows of {width} steps that begin every {stride} steps" in mine.starter_source
    x = torch.arange(40.0)[None]
    assert float(mine.reference.pooled(x)[0, 1]) == stride + (width - 1) / 2
    assert int(mine.reference.visible(20)[-1].sum()) == reach
