"""One check that shows everything, and one that shows a word."""

from grader.checks import Case, T, check


@check(part="code", points=20, visibility="public", title=T(en="A small matrix", zh="小矩阵"))
def a_small_matrix(case: Case) -> None:
    case.compare("mean_square", case.randn(3, 4))


@check(part="code", points=20, title=T(en="Other sizes", zh="其他尺寸"))
def other_sizes(case: Case) -> None:
    case.compare("mean_square", case.randn(5, 2).double())
    case.compare("mean_square", case.randn(2, 7), gradients=True)
