"""The competition's two checks: that the framework is kept, and the one run that the board ranks."""

import torch

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
    title=T(en="fit and predict on a few pictures", zh="fit 与 predict：几张图片"),
)
def fit_and_predict_keep_the_framework(case: Case) -> None:
    pictures = case.randint(0, 16, (67, 16, 16)).to(torch.uint8)
    train = {"inputs": pictures[:60], "labels": case.permutation(60) % 10}
    with case.grad():
        model = case.student.fit(train, TRY)
    valid_predictions(case, case.student.predict(model, pictures[60:]), 7, 10)


@check(
    part="run", points=90, visibility="public", seconds=SECONDS, diagnose=False, local=False,
    title=T(en="Trained once, measured on all test pictures", zh="训练一次，在全部测试图片上测量"),
)  # fmt: skip
def one_run_is_measured(case: Case) -> None:
    compete(case, contest(), BUDGET)
