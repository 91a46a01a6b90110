"""The competition's two checks: that the framework is kept, and the one run that the board ranks."""

from string import ascii_lowercase

from grader.checks import Case, T, check, compete, valid_predictions

from .data import contest

SECONDS = 90
BUDGET = {"seconds": 60.0, "cores": 1, "memory_bytes": 1 << 30}
TRY = {"seconds": 10.0, "cores": 1, "memory_bytes": 1 << 30}


@check(
    part="framework",
    points=10,
    visibility="public",
    seconds=15,
    title=T(en="fit and predict on a few words", zh="fit 与 predict：几个词"),
)
def fit_and_predict_keep_the_framework(case: Case) -> None:
    letters = case.randint(0, 26, (67, 8)).tolist()
    words = ["".join(ascii_lowercase[k] for k in row[: 4 + n % 5]) for n, row in enumerate(letters)]
    with case.grad():
        model = case.student.fit({"inputs": words[:60], "labels": case.permutation(60) % 10}, TRY)
    valid_predictions(case, case.student.predict(model, words[60:]), 7, 10)


@check(
    part="run", points=90, visibility="public", seconds=SECONDS, diagnose=False, local=False,
    title=T(en="Trained once, measured on all test words", zh="训练一次，在全部测试词上测量"),
)  # fmt: skip
def one_run_is_measured(case: Case) -> None:
    compete(case, contest(), BUDGET)
