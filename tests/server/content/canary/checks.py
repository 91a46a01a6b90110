from grader.checks import Case, T, check


@check(part="canarypart", points=10, visibility="public", title=T(en="CANARYcheck a vector", zh="CANARYcheck 向量"))
def canary_public_check(case: Case) -> None:
    case.compare("canaryfunction", case.randn(4))


@check(part="canarypart", points=20, visibility="hidden", title=T(en="SECRETcheck a matrix", zh="SECRETcheck 矩阵"))
def canary_hidden_check(case: Case) -> None:
    value = case.student.canaryfunction(case.randn(3, 2))
    case.require(value.shape == (3, 2), T(en="SECRETmessage wrong shape", zh="SECRETmessage 形状不对"))
    case.fail(T(en="SECRETmessage always", zh="SECRETmessage 总是"))
