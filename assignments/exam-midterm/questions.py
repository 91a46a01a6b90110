"""Midterm: convolution, attention and normalisation by hand, sizes, properties, and a few sentences."""

from collections.abc import Sequence
from fractions import Fraction

from grader.questions import Choice, Choices, Draw, Essay, Known, Matrix, Number, Option, Short, T, asks, latex

Rows = list[list[int]]
Numbers = Sequence[Sequence[Fraction]]
SPLITS = [(1, 1, 2), (1, 1, 3), (1, 2, 2), (1, 3, 6), (2, 3, 5), (1, 4, 5)]  # sums of 4, 5 and 10: decimals that end


def correlated(image: Rows, kernel: Rows) -> Rows:
    """What layers call a convolution: the kernel is not turned."""
    size, places = len(kernel), range(len(image) - len(kernel) + 1)
    steps = range(size)
    return [[sum(image[y + i][x + j] * kernel[i][j] for i in steps for j in steps) for x in places] for y in places]


def times(left: Numbers, right: Numbers) -> list[list[Fraction]]:
    columns = list(zip(*right, strict=True))
    return [[sum((a * b for a, b in zip(row, column, strict=True)), Fraction(0)) for column in columns] for row in left]


def unlike(answer: object, wrong: Sequence[object]) -> bool:
    return all(one != other for place, one in enumerate([answer, *wrong]) for other in wrong[place:])


@asks
def convolution_by_hand(draw: Draw) -> Matrix:
    while True:
        image, kernel = draw.matrix(4, 4, 0, 6), draw.matrix(2, 2, -2, 4)
        answer = correlated(image, kernel)
        turned = correlated(image, [row[::-1] for row in kernel[::-1]])
        transposed = correlated(image, [list(column) for column in zip(*kernel, strict=True)])
        if unlike(answer, [turned, transposed]):
            break
    shown = f"$$X = {latex(image)},\\qquad W = {latex(kernel)}$$"
    return Matrix(
        prompt=T(
            en=f"A layer `nn.Conv2d(1, 1, 2, bias=False)` has the weight $W$ and gets the image $X$:\n\n{shown}\n\n"
            "What does it return?",
            zh=f"层 `nn.Conv2d(1, 1, 2, bias=False)` 的权重为 $W$，输入图像为 $X$：\n\n{shown}\n\n输出是什么？",
        ),
        answer=answer,
        per_cell=True,
        mistakes=[
            Known(
                "turned",
                turned,
                T(en="The kernel was turned by 180°; `nn.Conv2d` does not.", zh="核被旋转了 180°；`nn.Conv2d` 不旋转核。"),
            ),
            Known("transposed", transposed, T(en="The kernel was transposed.", zh="核被转置了。")),
        ],
        solution=T(
            en="Lay $W$ on each of the nine places of $X$, multiply entry by entry and add.",
            zh="把 $W$ 依次放到 $X$ 的九个位置上，逐项相乘后求和。",
        ),
    )


@asks
def attention_by_hand(draw: Draw) -> Matrix:
    while True:
        counts = [draw.shuffled(draw.choice(SPLITS)) for _ in range(2)]
        values = draw.matrix(3, 2, -4, 7)
        answer = times([[Fraction(n, sum(row)) for n in row] for row in counts], values)
        raw = times(counts, values)
        columns = [sum(column) for column in zip(*counts, strict=True)]
        over_queries = times([[Fraction(n, total) for n, total in zip(row, columns, strict=True)] for row in counts], values)
        if unlike(answer, [raw, over_queries]) and all(any(row) for row in values):
            break
    scores = latex([[f"\\ln {n}" for n in row] for row in counts])
    shown = f"$$S = {scores},\\qquad V = {latex(values)}$$"
    return Matrix(
        prompt=T(
            en="The scores $S$, scaled already, have one row per query. Compute $\\operatorname{softmax}(S)\\,V$, exactly or "
            f"to two decimals.\n\n{shown}",
            zh=f"已缩放的分数 $S$ 每行对应一个查询。求 $\\operatorname{{softmax}}(S)\\,V$，写精确值或保留两位小数。\n\n{shown}",
        ),
        answer=answer,
        absolute=0.0051,
        per_cell=True,
        mistakes=[
            Known("not_normalised", raw, T(en="The weights of a query do not add up to one.", zh="同一查询的权重之和不为 1。")),
            Known(
                "over_queries",
                over_queries,
                T(en="The softmax runs over the queries, column by column.", zh="softmax 沿查询方向（按列）做了。"),
            ),
        ],
        solution=T(
            en="$e^{\\ln n} = n$, so each row of weights is its numbers divided by their sum; then multiply by $V$.",
            zh="$e^{\\ln n} = n$，所以每行权重就是这些数除以它们的和，再乘以 $V$。",
        ),
    )


@asks
def batch_norm_by_hand(draw: Draw) -> Number:
    """Four numbers whose standard deviation is whole: deviations of 1 and 7 have one of 5."""
    while True:
        scale, mean = draw.integer(1, 4), draw.integer(-5, 11)
        gamma, beta = draw.integer(2, 7), draw.choice([-3, -2, -1, 1, 2, 3])
        steps = draw.shuffled([-7, -1, 1, 7])
        share = Fraction(steps[0], 5)
        answer, wrong = gamma * share + beta, [gamma * share / (5 * scale) + beta, share, gamma * share]
        if unlike(answer, wrong):
            break
    batch = ", ".join(str(mean + scale * step) for step in steps)
    return Number(
        prompt=T(
            en=f"Batch normalisation in training mode gets the batch $x = ({batch})$ of one feature, with $\\gamma = {gamma}$, "
            f"$\\beta = {beta}$ and $\\varepsilon = 0$. What does $x_1$ become?",
            zh=f"训练模式下的批归一化收到某个特征的一批数据 $x = ({batch})$，$\\gamma = {gamma}$，$\\beta = {beta}$，"
            "$\\varepsilon = 0$。$x_1$ 变成多少？",
        ),
        answer=answer,
        absolute=0.005,
        mistakes=[
            Known("by_variance", wrong[0], T(en="Divided by the variance, not by its root.", zh="除以了方差，应除以标准差。")),
            Known("without_gamma_and_beta", wrong[1], T(en="γ and β are missing.", zh="漏掉了 γ 和 β。")),
            Known("without_beta", wrong[2], T(en="β is missing.", zh="漏掉了 β。")),
        ],
        solution=T(
            en=f"The mean is {mean}, the (biased) standard deviation {5 * scale}, so ${gamma} \\cdot ({steps[0]}/5) + ({beta})$.",
            zh=f"均值为 {mean}，标准差（有偏）为 {5 * scale}，所以是 ${gamma} \\cdot ({steps[0]}/5) + ({beta})$。",
        ),
    )


@asks
def output_length(draw: Draw) -> Number:
    while True:
        length, kernel = draw.integer(40, 100), draw.choice([3, 5, 7])
        stride, dilation, padding = draw.integer(2, 5), draw.integer(2, 4), draw.integer(1, 4)
        reach = dilation * (kernel - 1) + 1
        answer = (length + 2 * padding - reach) // stride + 1
        wrong = [(length + 2 * padding - kernel) // stride + 1, (length + padding - reach) // stride + 1, answer - 1]
        if unlike(answer, wrong):
            break
    layer = f"`nn.Conv1d(1, 8, {kernel}, stride={stride}, padding={padding}, dilation={dilation})`"
    return Number(
        prompt=T(
            en=f"How many steps has the output of {layer} for {length} steps?", zh=f"输入有 {length} 步，{layer} 的输出有多少步？"
        ),
        answer=answer,
        mistakes=[
            Known("without_dilation", wrong[0], T(en="The dilation was left out.", zh="没有考虑空洞（dilation）。")),
            Known("padded_on_one_side", wrong[1], T(en="Padding is on both sides.", zh="填充在两侧都有。")),
            Known("forgot_one", wrong[2], T(en="The first place is missing: add one.", zh="漏掉了第一个位置，应加一。")),
        ],
        solution=T(
            en=f"The kernel spans {reach} steps: $\\lfloor({length} + 2 \\cdot {padding} - {reach})/{stride}\\rfloor + 1$.",
            zh=f"核跨越 {reach} 步：$\\lfloor({length} + 2 \\cdot {padding} - {reach})/{stride}\\rfloor + 1$。",
        ),
    )


@asks
def attention_parameters(draw: Draw) -> Number:
    size, heads = draw.choice([16, 24, 32, 40, 48, 64]), draw.choice([2, 4, 8])
    square = size * size
    return Number(
        prompt=T(
            en=f"How many parameters has `nn.MultiheadAttention({size}, {heads})`? It has biases.",
            zh=f"`nn.MultiheadAttention({size}, {heads})`（带偏置）共有多少个参数？",
        ),
        answer=4 * (square + size),
        mistakes=[
            Known("without_biases", 4 * square, T(en="The biases are missing.", zh="漏掉了偏置。")),
            Known("without_output", 3 * (square + size), T(en="The output projection is missing.", zh="漏掉了输出投影。")),
            Known(
                "per_head",
                4 * (square + size) * heads,
                T(en="The heads share the width; they do not multiply it.", zh="各个头平分宽度，参数不随头数成倍增加。"),
            ),
        ],
        solution=T(
            en=f"Four projections, of queries, keys, values and output: $4({size}^2 + {size})$, whatever the number of heads.",
            zh=f"查询、键、值与输出四个投影：$4({size}^2 + {size})$，与头数无关。",
        ),
    )


@asks
def attention_multiplications(draw: Draw) -> Number:
    while True:
        steps, size = draw.sample([10, 20, 30, 40, 50, 60], 2)
        answer, wrong = 2 * steps * steps * size, [steps * steps * size, 2 * steps * size * size]
        if unlike(answer, wrong):
            break
    return Number(
        prompt=T(
            en=f"One head, {steps} steps, queries, keys and values of size {size}: how many multiplications do "
            "$QK^\\top$ and the product of the weights with $V$ take together?",
            zh=f"单个头、{steps} 步，查询、键、值的维数都是 {size}：$QK^\\top$ 与“权重乘 $V$”一共需要多少次数的乘法？",
        ),
        answer=answer,
        mistakes=[
            Known("one_product", wrong[0], T(en="This is one of the two products.", zh="这只是两个乘积中的一个。")),
            Known(
                "size_squared",
                wrong[1],
                T(en="Quadratic in the size; it is quadratic in the number of steps.", zh="应是步数的平方，而不是维数的平方。"),
            ),
        ],
        solution=T(en=f"Each takes ${steps}^2 \\cdot {size}$.", zh=f"每个乘积需要 ${steps}^2 \\cdot {size}$ 次。"),
    )


@asks
def permuted_tokens(draw: Draw) -> Choice:
    return Choice(
        prompt=T(
            en="Self-attention without mask and positions gets its tokens in another order. What happens to its outputs?",
            zh="不带掩码、不带位置信息的自注意力，输入词元换了顺序，输出会怎样？",
        ),
        options=[
            Option(T(en="They stay the same, in the new order.", zh="数值不变，顺序随之改变。"), is_right=True),
            Option(T(en="They stay the same, in the old order.", zh="数值与顺序都不变。")),
            Option(T(en="All of them change.", zh="数值全都改变。")),
            Option(T(en="Only those of tokens that moved change.", zh="只有移动过的词元的数值改变。")),
        ],
        solution=T(en="It is permutation equivariant.", zh="它对置换是等变的。"),
    )


@asks
def looks_ahead(draw: Draw) -> Choices:
    return Choices(
        prompt=T(
            en="A model predicts the next step. In which of these may the output at step $t$ depend on inputs after $t$?",
            zh="模型要预测下一步。下列哪些情形中，第 $t$ 步的输出可能依赖 $t$ 之后的输入？",
        ),
        options=[
            Option(T(en="`nn.Conv1d(1, 1, 3, padding=1)`", zh="`nn.Conv1d(1, 1, 3, padding=1)`"), is_right=True),
            Option(T(en="Layer normalisation over all steps and features", zh="对所有时间步与特征做的层归一化"), is_right=True),
            Option(
                T(en="Batch normalisation over batch and time, in training", zh="训练时对批与时间做的批归一化"), is_right=True
            ),
            Option(T(en="A one-directional RNN", zh="单向 RNN")),
            Option(T(en="A `1×1` convolution over time", zh="沿时间的 `1×1` 卷积")),
            Option(T(en="Attention under a lower triangular mask", zh="下三角掩码下的注意力")),
            Option(T(en="ReLU", zh="ReLU")),
        ],
    )


@asks
def where_to_mask(draw: Draw) -> Short:
    return Short(
        prompt=T(
            en="Which value is put in the place of a masked score before the softmax, so that its weight is exactly zero?",
            zh="在 softmax 之前，被遮蔽的分数应替换成什么值，权重才恰好为零？",
        ),
        accepted=[
            "-inf",
            "-∞",
            "-infinity",
            "minus infinity",
            "negative infinity",
            "负无穷",
            "负无穷大",
            "-math.inf",
            'float("-inf")',
        ],
        mistakes=[Known("zero", "0", T(en="$e^0$ is one, not zero.", zh="$e^0$ 是 1，不是 0。"))],
        solution=T(en="$-\\infty$, since $e^{-\\infty} = 0$.", zh="$-\\infty$，因为 $e^{-\\infty} = 0$。"),
    )


@asks
def why_scaled(draw: Draw) -> Essay:
    return Essay(
        prompt=T(
            en="Why are the scores of attention divided by $\\sqrt{D}$? Say what happens to the softmax and to its gradient "
            "without it.",
            zh="注意力的分数为什么要除以 $\\sqrt{D}$？不除的话，softmax 及其梯度会怎样？",
        ),
        solution=T(
            en="A sum of $D$ products has variance $D$; large scores saturate the softmax, whose gradient then vanishes.",
            zh="$D$ 项乘积之和的方差为 $D$；分数过大使 softmax 饱和，梯度趋于零。",
        ),
    )


@asks
def one_by_one(draw: Draw) -> Essay:
    return Essay(
        prompt=T(
            en="What does a $1 \\times 1$ convolution compute, and what is it used for? Name one use.",
            zh="$1 \\times 1$ 卷积计算的是什么？有什么用途？举一例。",
        ),
        solution=T(
            en="The same linear map of the channels at each place; it changes their number, e.g. in a bottleneck.",
            zh="在每个位置对通道做同一个线性变换，用来改变通道数，例如瓶颈结构。",
        ),
    )


@asks
def far_apart(draw: Draw) -> Essay:
    return Essay(
        prompt=T(
            en="Two positions lie 500 steps apart. Compare how a stack of small convolutions and one layer of attention let them "
            "influence one another, and at which cost.",
            zh="两个位置相距 500 步。比较多层小卷积与一层注意力如何让它们相互影响，各自代价如何。",
        ),
        solution=T(
            en="Convolutions need many layers or dilation, at a cost linear in length; attention one layer, at a quadratic cost.",
            zh="卷积需要很多层或空洞，代价随长度线性增长；注意力只需一层，代价随长度平方增长。",
        ),
    )
