"""What figures say in words."""

import pytest

from grader.figures import in_words
from grader.protocol import Curve, Figure, Pictures, Scatter, Text

TITLE = Text(en="A figure", zh="一幅图")
ACCURACY = Curve(title=TITLE, steps=[1, 10, 500], values=[0.104, None, 0.95], band=(0.8, 1.0), is_fraction=True)
LOSS = Curve(title=TITLE, steps=[2, 500], values=[2.3026, 0.1])
NOTHING = Curve(title=TITLE, steps=[1, 5], values=[None, None])
RING = Scatter(
    title=TITLE, points=[(0, 0), (0.1, 0), (2, 2)], marks=[(0, 0), (2, 2), (2, 0)], frame=(-1, -1, 4), outside=2, total=9
)
EMPTY = Scatter(title=TITLE, points=[], marks=[(0, 0)], frame=(-1, -1, 4), outside=0, total=0)
DIGITS = Pictures(title=TITLE, pixels=[[[0, 255, 0]] * 2] * 3, total=2000)


@pytest.mark.parametrize(
    ("figure", "en", "zh"),
    [
        (
            ACCURACY,
            "10% after 1 update, 95% after 500. No number after 10. 80% to 100% is expected at the end.",
            "1 次更新后为 10%，500 次后为 95%。第 10 次更新后没有得到数值。最后应在 80% 到 100% 之间。",
        ),
        (LOSS, "2.3 after 2 updates, 0.1 after 500.", "2 次更新后为 2.3，500 次后为 0.1。"),
        (NOTHING, "No number after 1, 5.", "第 1、5 次更新后没有得到数值。"),
        (
            RING,
            "3 of 9 points are drawn. Each of the 3 marks is the nearest one to 0 to 2 of them. "
            "2 more lie outside, or nowhere at all.",
            "共 9 个点，画出 3 个。共有 3 个标记，离每个标记最近的点有 0 到 2 个。另有 2 个点在图外，或者不是有限的数。",
        ),
        (EMPTY, "0 of 0 points are drawn.", "共 0 个点，画出 0 个。"),
        (DIGITS, "The first 3 of 2000 pictures, 2×3 pixels each.", "共 2000 张图像，这里是前 3 张，每张 2×3 像素。"),
    ],
)  # fmt: skip
def test_a_figure_says_what_it_shows(figure: Figure, en: str, zh: str) -> None:
    assert in_words(figure) == Text(en=en, zh=zh)
