"""CANARY-in-the-checks"""

from grader.checks import Case, T, check


@check(part="all", points=60, visibility="public", title=T(en="Doubling", zh="加倍"))
def doubles(case: Case) -> None:
    size = case.integer(5, 9)
    for _ in range(3):  # of one size: who keeps answers by their shape is wrong from the second on
        case.compare("double", case.randn(size) + 3)


@check(part="all", points=40, title=T(en="Affine map and its gradient", zh="仿射变换及其梯度"))
def affine_matches(case: Case) -> None:
    x = case.randn(4, 5)
    x[0, 0] = 73128.5  # a number that no student may see in a report
    case.compare("affine", x, case.randn(5, 3), gradients=True)
