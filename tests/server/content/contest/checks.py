"""One run, measured on both halves."""

from grader.checks import Case, T, check, compete

from .data import contest

CONTEST = contest()


@check(part="score", points=100, visibility="public", local=False, diagnose=False, title=T(en="Scored", zh="评分"))
def scored(case: Case) -> None:
    compete(case, CONTEST, {"seconds": 5.0})
