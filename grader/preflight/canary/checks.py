from grader.checks import Case, T, check


@check(part="all", points=50, visibility="public", title=T(en="Doubling", zh="加倍"))
def doubles(case: Case) -> None:
    case.compare("double", case.randn(case.integer(5, 9)) + 3)


@check(part="all", points=50, title=T(en="Affine map", zh="仿射变换"))
def affine_matches(case: Case) -> None:
    case.compare("affine", case.randn(4, 5), case.randn(5, 3))
