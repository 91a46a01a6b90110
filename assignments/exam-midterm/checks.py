"""Checks of the two code questions. Sizes follow the student's own constants."""

from grader.checks import Case, T, check


@check(part="code", points=4, visibility="public", title=T(en="Pooling, one signal", zh="池化：单条信号"))
def pooling_of_one_signal(case: Case) -> None:
    """It fits exactly: four windows."""
    steps = case.variant["width"] + 3 * case.variant["stride"]
    case.compare("pooled", case.randn(1, steps))


@check(part="code", points=8, title=T(en="Pooling of any length, with its gradient", zh="池化：任意长度与梯度"))
def pooling_of_any_length(case: Case) -> None:
    width, stride = case.variant["width"], case.variant["stride"]
    case.compare("pooled", case.randn(3, width + 4 * stride + 1), gradients=True)
    case.compare("pooled", case.randn(2, width).double())
    case.compare("pooled", case.randn(5, width + 2 * stride - 1))


@check(part="code", points=4, visibility="public", title=T(en="Attention, one sequence", zh="注意力：单条序列"))
def attention_of_one_sequence(case: Case) -> None:
    steps = case.variant["reach"] + 3
    case.compare("attend", case.randn(1, steps, 4), case.randn(1, steps, 4), case.randn(1, steps, 3))


@check(part="code", points=8, title=T(en="Attention of any length, with its gradients", zh="注意力：任意长度与梯度"))
def attention_of_any_length(case: Case) -> None:
    reach = case.variant["reach"]
    for batch, steps, size, out in ((3, reach + 5, 6, 2), (2, 2 * reach + 1, 5, 7)):
        q, k = case.randn(batch, steps, size), case.randn(batch, steps, size)
        case.compare("attend", q, k, case.randn(batch, steps, out), gradients=True)
    shortest = [case.randn(2, 2, 3).double() for _ in range(3)]
    case.compare("attend", *shortest)
