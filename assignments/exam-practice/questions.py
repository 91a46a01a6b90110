"""Three easy questions: what is practised is the pages."""

from grader.questions import Choice, Draw, Known, Number, Option, Short, T, asks


@asks
def dot_product(draw: Draw) -> Number:
    a, b = draw.integers(1, 10, 3), draw.integers(2, 10, 3)
    answer = sum(x * y for x, y in zip(a, b, strict=True))
    return Number(
        prompt=T(
            en=f"What is the dot product of $({', '.join(map(str, a))})$ and $({', '.join(map(str, b))})$?",
            zh=f"向量 $({', '.join(map(str, a))})$ 与 $({', '.join(map(str, b))})$ 的点积是多少？",
        ),
        answer=answer,
        mistakes=[
            Known("last_left_out", answer - a[2] * b[2], T(en="The last product is missing.", zh="漏掉了最后一项乘积。")),
        ],
        solution=T(en="Multiply entry by entry and add.", zh="逐项相乘后求和。"),
    )


@asks
def activation(draw: Draw) -> Choice:
    return Choice(
        prompt=T(en="Which of these is never negative?", zh="下列哪个函数的值不会为负？"),
        options=[
            Option(T(en="ReLU", zh="ReLU"), is_right=True),
            Option(T(en="tanh", zh="tanh")),
            Option(T(en="The identity", zh="恒等函数")),
            Option(T(en="Leaky ReLU", zh="Leaky ReLU")),
        ],
    )


@asks
def optimiser(draw: Draw) -> Short:
    return Short(
        prompt=T(en="What does the G in SGD stand for? One word.", zh="SGD 中的 G 是哪个词的缩写？写一个词。"),
        accepted=["gradient", "梯度"],
        mistakes=[Known("descent", "descent", T(en="That is the D.", zh="那是 D。"))],
        solution=T(en="Stochastic gradient descent.", zh="随机梯度下降（stochastic gradient descent）。"),
    )
