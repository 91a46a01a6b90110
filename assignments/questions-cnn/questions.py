"""Convolutions on paper. Numbers are drawn for each student; prompts and explanations are not."""

import math

from grader.questions import (
    Attachment,
    Choice,
    Choices,
    Draw,
    Essay,
    Known,
    Matrix,
    Number,
    Option,
    Short,
    T,
    asks,
    latex,
)

Rows = list[list[int]]


def turned(kernel: Rows) -> Rows:
    """By 180 degrees."""
    return [row[::-1] for row in kernel[::-1]]


def padded(image: Rows, by: int) -> Rows:
    width = len(image[0]) + 2 * by
    empty = [[0] * width for _ in range(by)]
    return [*empty, *([0] * by + row + [0] * by for row in image), *empty]


def correlate(image: Rows, kernel: Rows) -> Rows:
    """Without padding."""
    size = len(kernel)
    places = range(len(image) - size + 1)
    steps = range(size)
    return [[sum(image[y + i][x + j] * kernel[i][j] for i in steps for j in steps) for x in places] for y in places]


def wrong_turns(image: Rows, kernel: Rows) -> tuple[Rows, Rows, Rows]:
    """The kernel not turned at all, and flipped along one axis only: its rows, its columns."""
    return correlate(image, kernel), correlate(image, kernel[::-1]), correlate(image, [row[::-1] for row in kernel])


def mistaken_convolutions(image: Rows, kernel: Rows) -> list[Known]:
    correlation, upside_down, mirrored = wrong_turns(image, kernel)
    return [
        Known(
            "cross_correlation",
            correlation,
            T(
                en="This is the cross-correlation. A convolution turns the kernel by 180° first.",
                zh="这是互相关。真正的卷积要先把核旋转 180°。",
            ),
        ),
        Known(
            "flipped_up_down",
            upside_down,
            T(en="The kernel was flipped along one axis only: its rows.", zh="核只沿一个方向翻转了：只颠倒了行。"),
        ),
        Known(
            "flipped_left_right",
            mirrored,
            T(en="The kernel was flipped along one axis only: its columns.", zh="核只沿一个方向翻转了：只颠倒了列。"),
        ),
        Known(
            "padded_to_the_same_size",
            correlate(padded(image, 1), turned(kernel)),
            T(
                en="The image was padded with zeros, so that the result has its size. Here nothing is padded.",
                zh="你给图像补了一圈零，使结果与原图同样大小。本题不加填充。",
            ),
        ),
        Known(
            "full",
            correlate(padded(image, 2), turned(kernel)),
            T(
                en="This is the full convolution, with every place where kernel and image touch. Without padding the kernel "
                "has to lie inside.",
                zh="这是完全（full）卷积，核与图像只要有重叠就算。不加填充时，核必须完全落在图像内。",
            ),
        ),
    ]


@asks
def true_convolution(draw: Draw) -> Matrix:
    """A kernel that no half turn and no mirror maps onto itself, so that every mistake shows."""
    image = draw.matrix(5, 5, 0, 6)
    while True:
        kernel = draw.matrix(3, 3, -2, 3)
        answer = correlate(image, turned(kernel))
        wrong = wrong_turns(image, kernel)
        if answer not in wrong and wrong[0] not in wrong[1:]:
            break
    given = f"$$X = {latex(image)},\\qquad K = {latex(kernel)}$$"
    return Matrix(
        prompt=T(
            en=f"Let\n\n{given}\n\nCompute the *true* convolution $X * K$ without padding, with stride 1. "
            "The grid is larger than the result: begin at its upper left corner and leave the rest empty.",
            zh=f"设\n\n{given}\n\n请计算**真正的**卷积 $X * K$，不加填充，步幅为 1。表格比结果大：从左上角填起，其余留空。",
        ),
        answer=answer,
        grid=(7, 7),
        per_cell=True,
        mistakes=mistaken_convolutions(image, kernel),
        solution=T(
            en="Turn $K$ by 180°, lay it on each of the nine places where it fits into $X$, multiply and add.",
            zh="先把 $K$ 旋转 180°，再放到 $X$ 中它放得下的九个位置上，逐项相乘后求和。",
        ),
    )


@asks
def pooling_backward(draw: Draw) -> Matrix:
    image = rows_of_four(draw.sample(range(1, 30), 16))
    gradient = [[draw.choice([-3, -2, -1, 1, 2, 3]) * 4 for _ in range(2)] for _ in range(2)]
    answer, spread = [[0] * 4 for _ in range(4)], [[0] * 4 for _ in range(4)]
    for y in range(2):
        for x in range(2):
            window = [(2 * y + i, 2 * x + j) for i in range(2) for j in range(2)]
            top = max(window, key=lambda place: image[place[0]][place[1]])
            answer[top[0]][top[1]] = gradient[y][x]
            for place in window:
                spread[place[0]][place[1]] = gradient[y][x] // 4
    given = f"$$X = {latex(image)},\\qquad \\frac{{\\partial L}}{{\\partial Y}} = {latex(gradient)}$$"
    return Matrix(
        prompt=T(
            en=f"$Y$ is the max pooling of $X$ with windows of 2×2 and stride 2.\n\n{given}\n\n"
            "What is $\\partial L / \\partial X$? Fill in every cell, the zeros too.",
            zh=f"$Y$ 是对 $X$ 做 2×2、步幅 2 的最大池化的结果。\n\n{given}\n\n"
            "求 $\\partial L / \\partial X$。每一格都要填，零也要写。",
        ),
        answer=answer,
        mistakes=[
            Known(
                "spread_evenly",
                spread,
                T(
                    en="The gradient was spread over each window, as average pooling does. Which entry made the maximum?",
                    zh="你把梯度均分到了窗口内，那是平均池化的做法。最大值来自哪个元素？",
                ),
            ),
            Known(
                "copied_to_all",
                [[gradient[y // 2][x // 2] for x in range(4)] for y in range(4)],
                T(
                    en="Each entry of a window got the whole gradient. What is not the maximum does not change the output.",
                    zh="窗口内每个元素都得到了整个梯度。改变非最大的元素并不影响输出。",
                ),
            ),
        ],
        solution=T(
            en="Each gradient goes to the entry that was the maximum of its window; the others get 0.",
            zh="每个梯度只传给所在窗口的最大元素，其余为 0。",
        ),
    )


def rows_of_four(values: list[int]) -> Rows:
    return [values[start : start + 4] for start in range(0, len(values), 4)]


@asks
def output_size(draw: Draw) -> Number:
    """So drawn that the division has a remainder."""
    while True:
        size, kernel, padding = draw.integer(24, 65), draw.choice([3, 5, 7]), draw.integer(4, 8)
        stride, dilation = draw.integer(2, 4), draw.integer(2, 4)
        free = size + 2 * padding - dilation * (kernel - 1) - 1
        if free % stride:
            break
    answer = free // stride + 1
    facts_en = f"kernel {kernel}×{kernel}, stride {stride}, padding {padding} on every side, dilation {dilation}"
    facts_zh = f"卷积核 {kernel}×{kernel}，步幅 {stride}，四周各填充 {padding}，空洞率 {dilation}"
    wrong = [
        (
            "rounded_up",
            answer + 1,
            "The division was rounded up; a kernel that sticks out is left out.",
            "除法向上取整了；放不下的位置应舍去。",
        ),
        ("forgot_one", answer - 1, "The first place is missing: `+ 1` after the division.", "漏掉了第一个位置：除完之后要加 1。"),
        (
            "no_dilation",
            (size + 2 * padding - kernel) // stride + 1,
            f"The dilation is missing: the kernel covers {dilation * (kernel - 1) + 1} pixels.",
            f"没有考虑空洞率：核实际覆盖 {dilation * (kernel - 1) + 1} 个像素。",
        ),
        (
            "padded_once",
            (free - padding) // stride + 1,
            "The padding was counted once; it is on both sides.",
            "填充只算了一边，应算两边。",
        ),
    ]
    return Number(
        prompt=T(
            en=f"An image of {size}×{size} goes through a convolution with {facts_en}. How many rows has the output?",
            zh=f"{size}×{size} 的图像经过一层卷积：{facts_zh}。输出有多少行？",
        ),
        answer=answer,
        mistakes=distinct(answer, wrong),
        solution=T(
            en=f"$\\lfloor ({size} + 2·{padding} - {dilation}·({kernel} - 1) - 1) / {stride} \\rfloor + 1 = {answer}$",
            zh=f"$\\lfloor ({size} + 2·{padding} - {dilation}·({kernel} - 1) - 1) / {stride} \\rfloor + 1 = {answer}$",
        ),
    )


def distinct(answer: int, wrong: list[tuple[str, int, str, str]]) -> list[Known]:
    """Two mistakes with one value could not be told apart: the first is named."""
    first = {}
    for id, value, en, zh in wrong:
        if value != answer:
            first.setdefault(value, Known(id, value, T(en=en, zh=zh)))
    return list(first.values())


@asks
def parameters(draw: Draw) -> Number:
    into, out, kernel = draw.choice([3, 6, 8, 16]), draw.choice([12, 24, 32, 64]), draw.choice([3, 5, 7])
    answer = out * (into * kernel * kernel + 1)
    wrong = [
        (
            "no_bias",
            out * into * kernel * kernel,
            "The biases are missing: one for each output channel.",
            "漏了偏置：每个输出通道一个。",
        ),
        (
            "one_input_channel",
            out * (kernel * kernel + 1),
            "Each output channel has a kernel for every input channel.",
            "每个输出通道对每个输入通道都有一个核。",
        ),
        (
            "bias_for_each_kernel",
            out * into * (kernel * kernel + 1),
            "There is one bias for each output channel, not for each kernel.",
            "偏置是每个输出通道一个，不是每个核一个。",
        ),
    ]
    return Number(
        prompt=T(
            en=f"How many parameters has `nn.Conv2d({into}, {out}, kernel_size={kernel})`, biases included?",
            zh=f"`nn.Conv2d({into}, {out}, kernel_size={kernel})` 共有多少个参数（含偏置）？",
        ),
        answer=answer,
        mistakes=distinct(answer, wrong),
        solution=T(
            en=f"${out}·({into}·{kernel}·{kernel} + 1) = {answer}$", zh=f"${out}·({into}·{kernel}·{kernel} + 1) = {answer}$"
        ),
    )


@asks
def receptive_field(draw: Draw) -> Number:
    layers = [(draw.choice([3, 5]), 2), (draw.choice([3, 5, 7]), draw.integer(1, 3)), (draw.choice([3, 5]), 1)]
    answer, jump = 1, 1
    for kernel, stride in layers:
        answer += (kernel - 1) * jump
        jump *= stride
    plain = 1 + sum(kernel - 1 for kernel, _ in layers)
    wrong = [
        (
            "no_strides",
            plain,
            "This ignores the strides: after a stride of 2 a step is two pixels wide.",
            "没有考虑步幅：经过步幅 2 之后，走一步相当于两个像素。",
        ),
        (
            "added_kernels",
            sum(kernel for kernel, _ in layers),
            "The kernels overlap: each adds its size less one.",
            "相邻的核有重叠：每层增加的是核大小减一。",
        ),
    ]
    listed_en = ", then ".join(f"{kernel}×{kernel} with stride {stride}" for kernel, stride in layers)
    listed_zh = "，".join(f"{kernel}×{kernel}（步幅 {stride}）" for kernel, stride in layers)
    return Number(
        prompt=T(
            en=f"Three convolutions follow each other: {listed_en}. How many pixels wide is the receptive field of one output?",
            zh=f"依次经过三层卷积：{listed_zh}。一个输出的感受野有多少像素宽？",
        ),
        answer=answer,
        mistakes=distinct(answer, wrong),
        solution=T(
            en="Each layer adds (kernel − 1) times the product of the strides before it.",
            zh="每层增加（核大小 − 1）乘以之前各层步幅之积。",
        ),
    )


@asks
def first_loss(draw: Draw) -> Number:
    classes = draw.choice([5, 10, 20, 50, 100, 200])
    return Number(
        prompt=T(
            en=f"A network with {classes} classes has just been initialised: its logits are close to zero. About which value "
            "does `F.cross_entropy` return? Two decimals are enough.",
            zh=f"一个 {classes} 类的网络刚初始化，logits 都接近零。`F.cross_entropy` 大约返回多少？保留两位小数即可。",
        ),
        answer=math.log(classes),
        absolute=0.011,
        mistakes=[
            Known(
                "base_two",
                math.log2(classes),
                T(
                    en="This is the logarithm to base 2; PyTorch takes the natural one.",
                    zh="这是以 2 为底的对数，PyTorch 用自然对数。",
                ),
            ),
            Known(
                "probability",
                1 / classes,
                T(
                    en="This is the probability of a class. The loss is its negative logarithm.",
                    zh="这是一个类别的概率，损失是它的负对数。",
                ),
            ),
            Known(
                "sign",
                -math.log(classes),
                T(en="The sign: a negative log-likelihood is positive.", zh="符号反了：负对数似然是正数。"),
            ),
        ],
        solution=T(en=f"$-\\log(1/{classes}) = \\log {classes}$", zh=f"$-\\log(1/{classes}) = \\log {classes}$"),
    )


@asks
def pooling(draw: Draw) -> Choice:
    return Choice(
        prompt=T(
            en="Which statement on max pooling with windows of 2×2 and stride 2 is true?",
            zh="关于 2×2、步幅 2 的最大池化，哪种说法正确？",
        ),
        options=[
            Option(T(en="It has no parameters, and halves height and width.", zh="它没有参数，高和宽都减半。"), is_right=True),
            Option(
                T(en="It learns which entry of a window to keep.", zh="它学习保留窗口中的哪个元素。"),
                why=T(en="The largest one is kept: nothing is learnt.", zh="总是保留最大的，没有可学的东西。"),
            ),
            Option(
                T(en="Shifting the input by one pixel never changes the output.", zh="输入平移一个像素，输出绝不改变。"),
                why=T(
                    en="Only where the maxima stay inside their windows; across a border the output changes.",
                    zh="仅当最大值仍在原窗口内时才不变，越过边界输出就变了。",
                ),
            ),
            Option(
                T(en="It mixes the channels of a place.", zh="它会混合同一位置的各个通道。"),
                why=T(en="Every channel is pooled by itself.", zh="各通道分别池化。"),
            ),
        ],
    )


@asks
def equivariance(draw: Draw) -> Choices:
    return Choices(
        prompt=T(
            en="Shift the input and the output shifts with it: which of these layers have that property? Think of images without "
            "borders (circular padding).",
            zh="输入平移，输出随之平移：下列哪些层具有这一性质？假设图像没有边界（循环填充）。",
        ),
        options=[
            Option(T(en="Convolution with stride 1", zh="步幅为 1 的卷积"), is_right=True),
            Option(T(en="ReLU", zh="ReLU"), is_right=True),
            Option(T(en="Batch normalisation in evaluation mode", zh="评测模式下的批归一化"), is_right=True),
            Option(
                T(en="A fully connected layer on the flattened image", zh="展平后的全连接层"),
                why=T(en="Each pixel has weights of its own.", zh="每个像素有各自的权重。"),
            ),
            Option(
                T(en="Adding a learnt position embedding", zh="加上可学习的位置嵌入"),
                why=T(en="What is added stays where it is.", zh="加上去的量不会随之移动。"),
            ),
            Option(
                T(en="Convolution with stride 2", zh="步幅为 2 的卷积"),
                why=T(
                    en="A shift by one pixel meets other places; only shifts by two show as one.",
                    zh="平移一个像素会采到别的位置；只有平移两个像素才对应输出的一步。",
                ),
            ),
        ],
    )


@asks
def what_conv2d_computes(draw: Draw) -> Short:
    return Short(
        prompt=T(
            en="`nn.Conv2d` does not turn its kernel. What is the operation called that it computes?",
            zh="`nn.Conv2d` 并不翻转卷积核。它计算的运算叫什么？",
        ),
        accepted=[
            "cross-correlation",
            "crosscorrelation",
            "互相关",
            "互相关运算",
            "cross correlation (互相关)",
            "correlation",
            "相关",
        ],
        mistakes=[
            Known("convolution", "convolution", T(en="A convolution turns its kernel first.", zh="卷积要先翻转核。")),
            Known("convolution_zh", "卷积", T(en="A convolution turns its kernel first.", zh="卷积要先翻转核。")),
        ],
    )


@asks
def small_kernels(draw: Draw) -> Essay:
    channels = draw.choice([32, 64, 128])
    return Essay(
        prompt=T(
            en=f"Two layers of 3×3 stand in the place of one of 5×5, all with {channels} channels in and out. What is gained? "
            "Two or three sentences, with numbers.",
            zh=f"用两层 3×3 卷积代替一层 5×5，输入输出都是 {channels} 个通道。好处是什么？两三句话，并给出数字。",
        )
    )


@asks
def batch_norm_modes(draw: Draw) -> Essay:
    return Essay(
        prompt=T(
            en="Somebody forgets `model.eval()` before measuring on the test set. What does batch normalisation do then, and how "
            "does one notice?",
            zh="有人在测试集上评测前忘了 `model.eval()`。这时批归一化在做什么？怎样才能发现？",
        )
    )


@asks
def residuals(draw: Draw) -> Essay:
    return Essay(
        prompt=T(
            en="Why can networks with residual connections be trained when they are a hundred layers deep? Use $y = x + f(x)$.",
            zh="为什么带残差连接的网络可以训练到上百层？请结合 $y = x + f(x)$ 说明。",
        )
    )


@asks
def dropout_scale(draw: Draw) -> Essay:
    drop = draw.choice([20, 30, 40])
    return Essay(
        prompt=T(
            en=f"In training, dropout with $p = 0.{drop // 10}$ divides what it keeps by $0.{10 - drop // 10}$. Why?",
            zh=f"训练时，$p = 0.{drop // 10}$ 的 dropout 会把保留下来的值除以 $0.{10 - drop // 10}$。为什么？",
        )
    )


@asks
def augmentation(draw: Draw) -> Essay:
    return Essay(
        prompt=T(
            en="A team augments its pictures first and splits them into training and validation sets afterwards. What is wrong "
            "with that?",
            zh="有小组先做数据增广，再划分训练集和验证集。问题出在哪里？",
        )
    )


@asks
def zero_weights(draw: Draw) -> Essay:
    return Essay(
        prompt=T(
            en="All weights of a network are initialised to zero. What does training do with them, and why?",
            zh="把网络的所有权重初始化为零，训练时会发生什么？为什么？",
        )
    )


@asks
def field_drawing(draw: Draw) -> Attachment:
    row, column = draw.integer(1, 5), draw.integer(1, 5)
    return Attachment(
        prompt=T(
            en="An image of 7×7 goes through two convolutions of 3×3 with padding 1 and stride 1. Draw the three grids and mark "
            f"in each what the output at row {row}, column {column} (counted from 1) depends on. "
            "A photo of a sheet of paper will do.",
            zh="7×7 的图像经过两层 3×3、填充 1、步幅 1 的卷积。画出三张网格，并在每张上标出"
            f"第 {row} 行第 {column} 列的输出（从 1 数起）依赖哪些位置。拍一张手绘稿的照片即可。",
        )
    )
