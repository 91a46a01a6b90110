from grader.checks import Case, T, check


@check(part="doubling", points=24, visibility="public", title=T(en="A vector", zh="向量"))
def doubles_a_vector(case: Case) -> None:
    case.compare("double", case.randn(4))


@check(part="doubling", points=36, visibility="hidden", title=T(en="A matrix", zh="矩阵"))
def doubles_a_matrix(case: Case) -> None:
    case.compare("double", case.randn(3, 2))
    case.metric("accuracy", public=0.5, private=0.25)
