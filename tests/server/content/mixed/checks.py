from grader.checks import Case, T, check


@check(part="doubling", points=30, visibility="public", title=T(en="A vector", zh="向量"))
def doubles_a_vector(case: Case) -> None:
    case.compare("double", case.randn(4))
