"""Homework 2. What the student's file must establish, part by part; conventions are those of starter.py.

Height and width, kernels and channels all differ, so that no axis can stand for another; most hidden cases are float64, where
a difference quotient shows and so does a stray float32. Two values of a window are never equal where a gradient is asked for.
"""

import torch
from torch import Tensor, tensor

from grader.checks import Case, Skill, T, check, labels_that_matter, share_of_band, skill_of, watched

FLOAT32 = {"rtol": 1e-5, "atol": 1e-6}
SUMS = {"rtol": 1e-5, "atol": 2e-5}  # float32 sums of some dozen products
NETWORK = {"rtol": 1e-4, "atol": 1e-5}  # float32 through five layers
FLOAT64 = {"rtol": 1e-11, "atol": 1e-11}  # out of reach of central differences
DOUBLE = torch.float64
LECTURE_X = tensor([[1, 1, 1, 1, 1], [-1, 0, -3, 0, 1], [2, 1, 1, -1, 0], [0, -1, 1, 2, 1], [1, 2, 1, 1, 1]]).float()
LECTURE_W = tensor([[1.0, 0, 0], [0, 0, 0], [0, 0, -1]])
LECTURE_Y = tensor([[0.0, -2, -1], [2, 2, 4], [-1, 0, 0]])
WIDE = tensor([[1.0, 2, 3, 4], [5, 6, 7, 8], [0, 1, 0, 1]])
SLANTED = tensor([[1.0, 2], [0, -1]])
POOLED = tensor([[[[3.0, 6, 1, 4], [4, 7, 7, 8], [2, 2, 1, 2], [2, 4, 3, 4]]]])
ROW = tensor([[[[1.0, 5, 2, 4, 3]]]])
X = tensor([[[[1.0, 0, 2], [-1, 3, 1], [0, 2, 1]], [[0, 1, 1], [2, 0, -1], [1, 1, 0]]]])
WEIGHT, BIAS = tensor([[[[1.0, 0], [0, -1]], [[0, 1], [1, 0]]]]), tensor([0.5])
# Overlapping and with a rest, with gaps, the whole image, one row; the window is never the output's size.
POOLINGS = [((2, 3, 8, 9), (3, 2), 2), ((3, 1, 8, 7), (2, 1), 3), ((1, 2, 4, 5), (4, 5), 1), ((2, 2, 1, 9), (1, 3), 1)]
MANY = (4, 16, 24, 24), (3, 3), 2  # 36 864 inputs: not by perturbing each of them, exact though that would be
BATCH_X = tensor([[[[1.0, 3]], [[0, 2]]], [[[5, 7]], [[0, 2]]]])
GAMMA, BETA = tensor([2.0, 1.0]), tensor([1.0, 0.5])
RUNNING = tensor([0.0, 2.0]), tensor([1.0, 4.0])  # mean, variance
LENET = {
    "conv1.weight": (6, 1, 5, 5), "conv1.bias": (6,), "conv2.weight": (16, 6, 5, 5), "conv2.bias": (16,),
    "fc1.weight": (120, 400), "fc1.bias": (120,), "fc2.weight": (84, 120), "fc2.bias": (84,),
    "fc3.weight": (10, 84), "fc3.bias": (10,),
}  # fmt: skip
LENET_LAYERS = [
    ("conv", 6, 5, 1, 0, 1), ("pool", 2, 2), ("conv", 16, 5, 1, 0, 1), ("pool", 2, 2),
    ("flatten",), ("linear", 120), ("linear", 84), ("linear", 10),
]  # fmt: skip
STEPS, BATCH, SEEN = 250, 32, 40  # a step sees 32 labels; rounding may make a few more seem to matter
# Accuracy on 360 held-out digits, 250 steps of 32, over several splits: MLP with 512 hidden units and a well-chosen rate 0.57 to
# 0.70, two 3×3 convolutions and a flatten 0.74 to 0.78, two 5×5 with a global maximum 0.78 to 0.83 with Adam's default rate,
# the reference 0.87 to 0.95, accepted variants likewise.
GUESSING, BAND = 0.65, 0.85


# --- 1 convolution --------------------------------------------------------------------------------------------------
@check(part="convolution", points=2, visibility="public", title=T(en="Convolution: the lecture's example", zh="卷积：讲义算例"))
def convolution_gives_the_worked_numbers(case: Case) -> None:
    found = case.student.convolve(LECTURE_X, LECTURE_W)
    case.close(found, LECTURE_Y, **FLOAT32, what=T(en="`convolve` on the lecture's X and w", zh="讲义中 X 与 w 的卷积"))
    case.compare("convolve", WIDE, SLANTED, **FLOAT32)


@check(part="convolution", points=2, visibility="public", title=T(en="Cross-correlation: worked numbers", zh="互相关：讲义数值"))
def cross_correlation_gives_the_worked_numbers(case: Case) -> None:
    case.compare("cross_correlate", WIDE, SLANTED, **FLOAT32)
    case.compare("cross_correlate", LECTURE_X, LECTURE_W, **FLOAT32)


@check(part="convolution", points=1, visibility="public", title=T(en="Full convolution: worked numbers", zh="宽卷积：讲义数值"))
def full_convolution_gives_the_worked_numbers(case: Case) -> None:
    case.compare("convolve_full", tensor([[1.0, 2], [3, 4]]), tensor([[1.0, -1]]), **FLOAT32)


@check(part="convolution", points=3, title=T(en="Convolution and cross-correlation for any sizes", zh="任意尺寸的卷积与互相关"))
def both_hold_for_any_sizes(case: Case) -> None:
    for rows, columns, kernel in [(6, 9, (2, 4)), (case.integer(5, 8), 4, (3, 1)), (3, 5, (3, 5)), (1, 7, (1, 3))]:
        x, w = case.randn(rows, columns, dtype=DOUBLE), case.randn(*kernel, dtype=DOUBLE)
        case.compare("convolve", x, w, **FLOAT64)
        case.compare("cross_correlate", x, w, **FLOAT64)


@check(part="convolution", points=2, title=T(en="Full convolution commutes", zh="宽卷积满足交换律"))
def full_convolution_commutes(case: Case) -> None:
    for size, kernel in [((5, 7), (3, 2)), ((4, 3), (2, 5)), ((1, 6), (4, 1))]:
        x, w = case.randn(*size, dtype=DOUBLE), case.randn(*kernel, dtype=DOUBLE)
        there = case.compare("convolve_full", x, w, **FLOAT64)
        back = case.student.convolve_full(w, x)
        case.close(back, there, **FLOAT64, what=T(en="`convolve_full(w, x)`", zh="`convolve_full(w, x)` 的结果"))


# --- 2 the convolutional layer --------------------------------------------------------------------------------------
@check(part="layer", points=1, visibility="public", title=T(en="Output sizes of the table", zh="输出尺寸：表中的例子"))
def output_sizes_of_the_table(case: Case) -> None:
    for arguments in [(32, 5), (227, 11, 4), (8, 3, 2), (7, 3, 1, 2, 2)]:
        case.compare("output_size", *arguments)


@check(part="layer", points=1, title=T(en="Output sizes for any kernel", zh="任意卷积核的输出尺寸"))
def output_sizes_for_any_kernel(case: Case) -> None:
    for kernel, stride, padding, dilation in [(3, 2, 0, 1), (2, 3, 1, 4), (5, 1, 3, 2)]:
        for size in range(dilation * (kernel - 1) + 1, dilation * (kernel - 1) + 1 + stride):
            case.compare("output_size", size, kernel, stride, padding, dilation)


@check(part="layer", points=3, visibility="public", title=T(en="The layer: worked numbers", zh="卷积层：讲义数值"))
def the_layer_gives_the_worked_numbers(case: Case) -> None:
    case.compare("conv2d_forward", X, WEIGHT, BIAS, **FLOAT32)
    case.compare("conv2d_forward", X, WEIGHT, BIAS, 2, 1, **FLOAT32)
    case.compare("conv2d_forward", X, WEIGHT, BIAS, 1, 0, 2, **FLOAT32)


@check(part="layer", points=3, title=T(en="Many samples, channels and kernels", zh="多样本、多通道、多卷积核"))
def the_layer_for_any_sizes(case: Case) -> None:
    for n, channels, out in [(2, 3, 5), (1, 4, 2), (3, 1, 1)]:
        x, weight, bias = case.randn(n, channels, 6, 7), case.randn(out, channels, 2, 3), case.randn(out)
        if n > 1:
            case.compare("conv2d_forward", x, weight, bias, **SUMS)
        case.compare("conv2d_forward", x.double(), weight.double(), bias.double(), **FLOAT64)


@check(part="layer", points=4, title=T(en="Stride and padding, also with a rest", zh="步长与填充，含除不尽的情形"))
def stride_and_padding(case: Case) -> None:
    for stride, padding, kernel in [(2, 0, (3, 2)), (3, 1, (2, 4)), (1, 2, (3, 3)), (4, 3, (1, 1))]:
        layer = some_layer(case, (2, 3, case.integer(7, 9), 10), kernel)
        case.compare("conv2d_forward", *layer, padding=padding, stride=stride, **FLOAT64)


@check(part="layer", points=2, title=T(en="Dilation, alone and with the rest", zh="空洞卷积，单独使用与组合使用"))
def dilation(case: Case) -> None:
    for stride, padding, dilation in [(1, 0, 2), (2, 1, 3), (3, 2, 2)]:
        case.compare("conv2d_forward", *some_layer(case, (2, 2, 8, 9), (3, 2)), stride, padding, dilation, **FLOAT64)
    case.compare("conv2d_forward", *some_layer(case, (1, 2, 7, 5), (3, 2)), 1, 0, 3, **FLOAT64)  # reaches over all rows


# --- 3 pooling ------------------------------------------------------------------------------------------------------
@check(part="pooling", points=2, visibility="public", title=T(en="Max pooling: worked numbers", zh="最大汇聚：讲义算例"))
def max_pooling_gives_the_worked_numbers(case: Case) -> None:
    found = case.student.max_pool2d_forward(POOLED, (2, 2), 2)
    what = T(en="max pooling of the lecture's matrix", zh="讲义中矩阵的最大汇聚")
    case.close(found, tensor([[[[7.0, 8], [4, 4]]]]), **FLOAT32, what=what)
    case.compare("max_pool2d_forward", POOLED, (3, 3), 1, **FLOAT32)


@check(part="pooling", points=2, visibility="public", title=T(en="Average pooling: worked numbers", zh="平均汇聚：讲义算例"))
def average_pooling_gives_the_worked_numbers(case: Case) -> None:
    found = case.student.average_pool2d_forward(POOLED, (2, 2), 2)
    what = T(en="average pooling of the lecture's matrix", zh="讲义中矩阵的平均汇聚")
    case.close(found, tensor([[[[5.0, 5], [2.5, 2.5]]]]), **FLOAT32, what=what)
    case.compare("average_pool2d_forward", POOLED, (3, 3), 1, **FLOAT32)


@check(part="pooling", points=2, title=T(en="Max pooling for any windows, also of negatives", zh="任意窗口的最大汇聚，含负数"))
def max_pooling_for_any_windows(case: Case) -> None:
    for shape, kernel, stride in POOLINGS:
        case.compare("max_pool2d_forward", case.randn(*shape, dtype=DOUBLE) - 9, kernel, stride, **FLOAT64)


@check(part="pooling", points=2, title=T(en="Average pooling for any windows", zh="任意窗口的平均汇聚"))
def average_pooling_for_any_windows(case: Case) -> None:
    for shape, kernel, stride in POOLINGS:
        case.compare("average_pool2d_forward", case.randn(*shape, dtype=DOUBLE), kernel, stride, **FLOAT64)


# --- 4 symmetry -----------------------------------------------------------------------------------------------------
@check(part="symmetry", points=2, visibility="public",
       title=T(en="Circular convolution moves with its input", zh="循环卷积随输入平移"))  # fmt: skip
def circular_convolution_is_equivariant(case: Case) -> None:
    case.compare("circular_conv2d", tensor([[[[1.0, 2, 3, 4]]]]), tensor([[[[1.0, 0, -1]]]]), **FLOAT32)
    x, weight, shift = case.randn(2, 3, 5, 7), case.randn(4, 3, 3, 5), (case.integer(1, 5), case.integer(1, 7))
    moved = case.compare("circular_conv2d", x.roll(shift, dims=(2, 3)), weight, **SUMS)
    still = case.student.circular_conv2d(x, weight)
    what = T(en="the output, moved along with x,", zh="随 x 一起平移的输出")
    case.close(still.roll(shift, dims=(2, 3)), moved, **SUMS, what=what)


@check(part="symmetry", points=2, title=T(en="Circular convolution for any odd kernel", zh="任意奇数卷积核的循环卷积"))
def circular_convolution_for_any_kernel(case: Case) -> None:
    for n, channels, out, kernel in [(2, 3, 4, (1, 3)), (1, 1, 2, (5, 3)), (3, 2, 1, (3, 1)), (1, 2, 3, (1, 1))]:
        x = case.randn(n, channels, 5, case.integer(6, 9), dtype=DOUBLE)
        case.compare("circular_conv2d", x, case.randn(out, channels, *kernel, dtype=DOUBLE), **FLOAT64)


@check(part="symmetry", points=2, title=T(en="The global average does not see a shift", zh="全局平均汇聚对平移不变"))
def the_global_average_is_invariant(case: Case) -> None:
    for n, channels, size in [(2, 3, (4, 5)), (1, 4, (3, 7)), (3, 1, (1, 6))]:
        x, shift = case.randn(n, channels, *size, dtype=DOUBLE), (case.integer(1, 3), case.integer(1, 5))
        still = case.compare("global_average_pool2d", x, **FLOAT64)
        moved = case.student.global_average_pool2d(x.roll(shift, dims=(2, 3)))
        case.close(moved, still, **FLOAT64, what=T(en="the average of the moved x", zh="平移后 x 的全局平均"))


# --- 5 backward -----------------------------------------------------------------------------------------------------
@check(part="backward", points=3, visibility="public", title=T(en="Convolution backward: the example", zh="卷积反向：讲义算例"))
def convolution_backward_gives_the_worked_numbers(case: Case) -> None:
    case.compare("conv2d_backward", tensor([[[[1.0, 0], [2, -1]]]]), X, WEIGHT, **FLOAT32)
    case.compare("conv2d_backward", tensor([[[[1.0, 0], [2, -1]]]]), X, WEIGHT, 2, 1, **FLOAT32)


@check(part="backward", points=3, title=T(en="Convolution backward without padding", zh="无填充时的卷积反向"))
def convolution_backward_without_padding(case: Case) -> None:
    for n, channels, out in [(2, 3, 4), (1, 2, 1), (3, 1, 2)]:
        same_conv_backward(case, (n, channels, 5, 7), (3, 2), out)
        dout, x, weight = case.randn(n, out, 4, 4), case.randn(n, channels, 4, 6), case.randn(out, channels, 1, 3)
        case.compare("conv2d_backward", dout, x, weight, rtol=1e-5, atol=5e-5)


@check(part="backward", points=4, title=T(en="Convolution backward with everything", zh="带步长、填充与空洞的卷积反向"))
def convolution_backward_with_everything(case: Case) -> None:
    for stride, padding, dilation in [(2, 1, 1), (3, 0, 1), (1, 2, 1), (1, 1, 2), (2, 3, 3)]:
        same_conv_backward(case, (2, 3, case.integer(8, 10), 9), (2, 3), 2, stride, padding, dilation)
    same_conv_backward(case, (8, 6, 16, 17), (3, 2), 8, 1, 1)  # 13 056 inputs: not by perturbing each of them


@check(part="backward", points=1, seconds=3, title=T(en="Convolution backward is one pass", zh="卷积反向只需一次计算"))
def convolution_backward_is_one_pass(case: Case) -> None:
    dout, x, weight = case.randn(8, 12, 14, 14), case.randn(8, 6, 16, 16), case.randn(12, 6, 3, 3)
    case.compare("conv2d_backward", dout, x, weight, rtol=1e-4, atol=5e-4)  # 12 288 inputs: not by perturbing each of them


@check(part="backward", points=2, visibility="public", title=T(en="Max pooling backward: example", zh="最大汇聚反向：讲义算例"))
def max_pooling_backward_gives_the_worked_numbers(case: Case) -> None:
    case.compare("max_pool2d_backward", tensor([[[[1.0, 2], [3, 4]]]]), POOLED, (2, 2), 2, **FLOAT32)
    case.compare("max_pool2d_backward", tensor([[[[1.0, 2, 3]]]]), ROW, (1, 3), 1, **FLOAT32)


@check(part="backward", points=2, seconds=3, title=T(en="Max pooling backward, windows overlap", zh="窗口重叠时的最大汇聚反向"))
def max_pooling_backward_for_any_windows(case: Case) -> None:
    for shape, kernel, stride in POOLINGS:
        same_pool_backward(case, "max_pool2d", shape, kernel, stride)
    same_pool_backward(case, "max_pool2d", *MANY)


@check(part="backward", points=1, visibility="public", title=T(en="Average pooling backward: example", zh="平均汇聚反向：算例"))
def average_pooling_backward_gives_the_worked_numbers(case: Case) -> None:
    case.compare("average_pool2d_backward", tensor([[[[3.0, 6, 9]]]]), ROW, (1, 3), 1, **FLOAT32)


@check(part="backward", points=2, seconds=3, title=T(en="Average pooling backward, overlapping", zh="窗口重叠时的平均汇聚反向"))
def average_pooling_backward_for_any_windows(case: Case) -> None:
    for shape, kernel, stride in POOLINGS:
        same_pool_backward(case, "average_pool2d", shape, kernel, stride)
    same_pool_backward(case, "average_pool2d", *MANY)


# --- 6 batch normalisation ------------------------------------------------------------------------------------------
@check(part="batchnorm", points=2, visibility="public", title=T(en="In training: worked numbers", zh="训练时：讲义数值"))
def batchnorm_in_training_gives_the_worked_numbers(case: Case) -> None:
    case.compare("batchnorm2d_forward", BATCH_X, GAMMA, BETA, *RUNNING, True, **FLOAT32)


@check(part="batchnorm", points=1, visibility="public", title=T(en="In evaluation: worked numbers", zh="评估时：讲义数值"))
def batchnorm_in_evaluation_gives_the_worked_numbers(case: Case) -> None:
    case.compare("batchnorm2d_forward", BATCH_X, GAMMA, BETA, *RUNNING, False, **FLOAT32)


@check(part="batchnorm", points=2, title=T(en="Statistics of the batch, and the running ones", zh="批统计量与滑动统计量"))
def batchnorm_in_training_for_any_sizes(case: Case) -> None:
    for shape in [(2, 3, 2, 1), (1, 4, 3, 2), (5, 2, 1, 1), (3, 1, 4, 5)]:
        momentum, eps = case.choice([0.2, 0.7]), case.choice([1e-3, 0.5])
        case.compare("batchnorm2d_forward", *some_norm(case, shape), True, momentum, eps, **FLOAT64)
    case.compare("batchnorm2d_forward", *some_norm(case, (2, 3, 4, 1)), training=True, **FLOAT64)


@check(part="batchnorm", points=2, title=T(en="In evaluation the batch does not count", zh="评估时与批次无关"))
def batchnorm_in_evaluation_for_any_sizes(case: Case) -> None:
    for shape in [(2, 3, 2, 5), (1, 4, 1, 1), (3, 1, 2, 4)]:
        case.compare("batchnorm2d_forward", *some_norm(case, shape), False, 0.3, case.choice([1e-3, 0.5]), **FLOAT64)
    x, *others = some_norm(case, (3, 2, 1, 4))
    together = case.compare("batchnorm2d_forward", x, *others, training=False, **FLOAT64)
    alone = case.student.batchnorm2d_forward(x[:1], *others, False)
    case.close(alone[0], together[0][:1], **FLOAT64, what=T(en="one sample by itself", zh="单个样本的输出"))


@check(part="batchnorm", points=1, visibility="public", title=T(en="Backward: worked numbers", zh="反向：讲义数值"))
def batchnorm_backward_gives_the_worked_numbers(case: Case) -> None:
    dout = torch.zeros_like(BATCH_X)
    dout[0, 0, 0, 0] = 1
    case.compare("batchnorm2d_backward", dout, BATCH_X, GAMMA, *RUNNING, True, **FLOAT32)


@check(part="batchnorm", points=2, title=T(en="Backward in training", zh="训练时的反向"))
def batchnorm_backward_in_training(case: Case) -> None:
    for shape in [(2, 3, 2, 1), (1, 4, 3, 2), (5, 2, 1, 1), (3, 1, 4, 5)]:
        same_norm_backward(case, shape, True)
    same_norm_backward(case, MANY[0], True)


@check(part="batchnorm", points=2, title=T(en="Backward in evaluation", zh="评估时的反向"))
def batchnorm_backward_in_evaluation(case: Case) -> None:
    for shape in [(2, 3, 2, 4), (1, 4, 1, 1), (5, 1, 2, 3)]:
        same_norm_backward(case, shape, False)


# --- 7 dropout ------------------------------------------------------------------------------------------------------
@check(part="dropout", points=2, visibility="public", title=T(en="Dropped is 0, kept is scaled", zh="丢弃的为 0，保留的放大"))
def dropped_is_zero_and_kept_is_scaled(case: Case) -> None:
    for x, drop_prob in [(case.randn(2000), 0.2), (case.randn(1500, dtype=DOUBLE), 0.75), (case.randn(3, 4), 0.0)]:
        out, scale = case.student.dropout_forward(x, drop_prob, True)
        what = T(en=f"`scale` with drop_prob={drop_prob}", zh=f"drop_prob={drop_prob} 时的 `scale`")
        kept = (case.tensor(scale, x.shape, x.dtype, what=what) != 0).to(x.dtype)
        precision = FLOAT64 if x.dtype == DOUBLE else FLOAT32
        case.close(scale, kept / (1 - drop_prob), **precision, what=what)
        case.close(out, x * scale, **precision, what=T(en="`out` against x · scale", zh="`out` 与 x · scale 相比"))
        share = 1 - float(kept.mean())  # of 1500 entries it is within 0.07
        text = T(en=f"With drop_prob={drop_prob}, {share:.0%} of the entries were dropped.",
                 zh=f"drop_prob={drop_prob} 时，实际丢弃了 {share:.0%} 的元素。")  # fmt: skip
        case.require(abs(share - drop_prob) < (0.07 if drop_prob else 1e-9), text)


@check(part="dropout", points=1, title=T(en="In evaluation nothing is dropped", zh="评估时不丢弃任何元素"))
def nothing_is_dropped_in_evaluation(case: Case) -> None:
    for x in (case.randn(4, 6), case.randn(2, 3, 4, 5, dtype=DOUBLE)):
        case.compare("dropout_forward", x, case.choice([0.3, 0.6]), False, **FLOAT64)


@check(part="dropout", points=2, title=T(en="Every entry is decided by itself, every time", zh="每个元素每次独立决定"))
def every_entry_is_decided_by_itself(case: Case) -> None:
    x, drop_prob = torch.ones(60, 2, 8, 5, dtype=DOUBLE), case.choice([0.3, 0.6])
    masks = [case.tensor(case.student.dropout_forward(x, drop_prob, True)[1], x.shape, x.dtype) == 0 for _ in range(2)]
    for axis in range(x.dim()):  # neighbours along an axis agree as often as two independent coins do
        first, second = (masks[0].narrow(axis, start, x.shape[axis] - 1) for start in (0, 1))
        apart(case, first, second, drop_prob)
    apart(case, *masks, drop_prob)


@check(part="dropout", points=1, title=T(en="Dropout backward uses the same scale", zh="暂退法反向使用同一 scale"))
def dropout_backward_uses_the_scale(case: Case) -> None:
    for shape in [(4, 6), (2, 3, 4, 5)]:
        drop_prob = case.choice([0.25, 0.4])
        scale = (case.rand(*shape, dtype=DOUBLE) >= drop_prob).double() / (1 - drop_prob)
        case.compare("dropout_backward", case.randn(*shape, dtype=DOUBLE), scale, **FLOAT64)


# --- 8 networks -----------------------------------------------------------------------------------------------------
@check(part="networks", points=3, visibility="public", title=T(en="LeNet-5 with given weights", zh="给定权重的 LeNet-5"))
def lenet_with_given_weights(case: Case) -> None:
    student, reference = loaded_lenets(case)
    images = case.randn(3, 1, 32, 32)
    case.close(student(images), reference(images), **NETWORK, what=T(en="the logits of LeNet5", zh="LeNet5 的 logits"))


@check(part="networks", points=2, title=T(en="LeNet-5 on one image and on many", zh="单张与多张图像上的 LeNet-5"))
def lenet_for_any_batch(case: Case) -> None:
    student, reference = loaded_lenets(case)
    for n in (1, case.integer(4, 7)):
        images = 2 * case.randn(n, 1, 32, 32)
        case.close(student(images), reference(images), **NETWORK, what=T(en=f"logits for {n} images", zh=f"{n} 张图像的 logits"))


@check(part="networks", points=2, title=T(en="Loss and gradients of LeNet-5", zh="LeNet-5 的损失与梯度"))
def lenet_gradients(case: Case) -> None:
    student, reference = loaded_lenets(case)
    for n in (4, 1):  # gradients do not add up from one call to the next
        images, labels = case.randn(n, 1, 32, 32), case.randint(0, 10, (n,))
        with case.grad():
            found = case.student.loss_and_gradients(student, images, labels)
        expected = case.reference.loss_and_gradients(reference, images, labels)
        case.close(found, expected, **NETWORK, what=T(en="loss and gradients", zh="损失与梯度"))


@check(part="networks", points=1, visibility="public", title=T(en="The shapes of LeNet-5", zh="LeNet-5 的各层形状"))
def shapes_of_lenet(case: Case) -> None:
    case.compare("trace", LENET_LAYERS, (1, 32, 32))


@check(part="networks", points=2, visibility="public", title=T(en="AlexNet: 60 million parameters", zh="AlexNet：六千万参数"))
def shapes_of_alexnet(case: Case) -> None:
    found = case.student.trace(case.student.alexnet_layers(), (3, 227, 227))
    expected = case.reference.trace(case.reference.alexnet_layers(), (3, 227, 227))
    case.close(found, expected, what=T(en="`trace` of `alexnet_layers`", zh="对 `alexnet_layers` 的 `trace`"))
    case.compare("alexnet_layers")  # other kernels may have the same shapes and counts


@check(part="networks", points=2, title=T(en="The shapes of any network", zh="任意网络的形状"))
def shapes_of_any_network(case: Case) -> None:
    for rows, columns in [(case.integer(20, 25), 31), (18, case.integer(26, 30))]:
        layers = [
            ("conv", 6, 4, 2, 1, case.choice([1, 3])), ("pool", 2, case.choice([1, 2])),
            ("conv", 8, 3, 1, 2, 2), ("pool", 3, 2), ("flatten",), ("linear", case.integer(20, 30)), ("linear", 7),
        ]  # fmt: skip
        case.compare("trace", layers, (3, rows, columns))


# --- 9 training -----------------------------------------------------------------------------------------------------
@check(part="training", points=4, visibility="public", seconds=25, diagnose=False,
       title=T(en="Training works and can be repeated", zh="训练有效且可重复"))  # fmt: skip
def training_works(case: Case) -> None:
    accuracy = watched(case, lambda steps: trained(case, "public", steps), STEPS, GUESSING)
    guessing = T(
        en=f"The trained model gets {accuracy:.0%} of unseen digits right; 65 % is expected here. "
        "Does the loss fall at all, and does your network notice a digit wherever it lies?",
        zh=f"训练后的模型在未见过的数字上正确率为 {accuracy:.0%}，这里应达到 65%。损失在下降吗？数字换个位置，网络还认得出来吗？",
    )
    case.require(accuracy >= GUESSING, guessing)
    images, labels = case.rand(100, 1, 14, 14), case.randint(0, 10, (100,))
    with case.grad():
        models = [case.student.train(images, labels, 5, 3) for _ in range(2)]
    first, again = (model(images) for model in models)
    case.close(again, first, **NETWORK, what=T(en="a second training with the same seed", zh="同一种子的第二次训练"))


@check(part="training", points=10, seconds=60, diagnose=False,
       title=T(en="Accuracy on unseen digits, three seeds", zh="未见数字上的正确率，三个种子"))  # fmt: skip
def accuracy_lies_in_the_band(case: Case) -> float:
    require_one_batch_per_step(case)
    runs = [trained(case, name)[1] for name in ("first", "second", "third")]
    return share_of_band(case, "accuracy", runs, GUESSING, BAND)


# --- what the checks share ------------------------------------------------------------------------------------------
def some_layer(case: Case, shape: tuple[int, ...], kernel: tuple[int, int], out: int = 2) -> tuple[Tensor, Tensor, Tensor]:
    """Input, weight and bias in float64."""
    return tuple(case.randn(*size, dtype=DOUBLE) for size in (shape, (out, shape[1], *kernel), (out,)))


def same_conv_backward(case: Case, shape: tuple, kernel: tuple[int, int], out: int, *settings: int) -> None:
    x, weight, bias = some_layer(case, shape, kernel, out)
    dout = case.randn(*case.reference.conv2d_forward(x, weight, bias, *settings).shape, dtype=DOUBLE)
    case.compare("conv2d_backward", dout, x, weight, *settings, **FLOAT64)


def same_pool_backward(case: Case, name: str, shape: tuple, kernel: tuple[int, int], stride: int) -> None:
    x = case.randn(*shape, dtype=DOUBLE)
    size = getattr(case.reference, f"{name}_forward")(x, kernel, stride).shape
    case.compare(f"{name}_backward", case.randn(*size, dtype=DOUBLE), x, kernel, stride, **FLOAT64)


def some_norm(case: Case, shape: tuple[int, int, int, int]) -> tuple[Tensor, ...]:
    """x, gamma, beta, running mean and variance in float64; every channel lies elsewhere and spreads differently."""
    channels = shape[1]
    scale, shift = (case.randn(channels, 1, 1, dtype=DOUBLE) for _ in range(2))
    x = case.randn(*shape, dtype=DOUBLE) * (scale + scale.sign()) + 2 * shift
    return x, *(case.randn(channels, dtype=DOUBLE) for _ in range(3)), case.rand(channels, dtype=DOUBLE) + 0.5


def same_norm_backward(case: Case, shape: tuple[int, int, int, int], training: bool) -> None:
    x, gamma, _, *running = some_norm(case, shape)
    eps = {"eps": case.choice([1e-3, 0.5])} if shape[0] < 4 else {}
    case.compare("batchnorm2d_backward", case.randn(*shape, dtype=DOUBLE), x, gamma, *running, training, **eps, **FLOAT64)


def apart(case: Case, first: Tensor, second: Tensor, drop_prob: float) -> None:
    """Two independent coins agree with probability p² + (1 - p)²; 2400 of them are within 0.07 of it."""
    agree = float((first == second).double().mean())
    text = T(en=f"Decisions that should not depend on each other agree in {agree:.0%} of all cases.",
             zh=f"本应互不相关的丢弃决定，有 {agree:.0%} 是一致的。")  # fmt: skip
    case.require(abs(agree - drop_prob**2 - (1 - drop_prob) ** 2) < 0.07, text)


def loaded_lenets(case: Case) -> tuple:
    """The student's LeNet5 and the reference's, with the same random parameters."""
    student, reference = case.student.LeNet5(), case.reference.LeNet5()
    shapes = {name: tuple(value.shape) for name, value in case.state(student).items()}
    case.equal(shapes, LENET, what=T(en="The names and shapes of the parameters of LeNet5", zh="LeNet5 参数的名称与形状"))
    weights = {name: case.randn(*shape) * (0.15 if "conv" in name else 0.1) for name, shape in LENET.items()}
    for name, value in weights.items():
        layer, kind = name.split(".")
        setattr(getattr(student, layer), kind, value)
        getattr(getattr(reference, layer), kind).data.copy_(value)
    return student, reference


def trained(case: Case, name: str, steps: int = STEPS) -> Skill:
    """Train on a split of its own; what comes of it on its test part. Its labels never leave the judge."""
    images, labels, test_images, test_labels = digits_split(case.seed_for(name))
    with case.grad():
        model = case.student.train(images, labels, steps, case.seed_for(name) % 10_000)
    what = T(en="the trained model's logits", zh="训练后模型的 logits")
    logits = case.tensor(model(test_images), (len(test_labels), 10), torch.float32, what=what)
    what = T(en="the logits of one image (is the model in evaluation mode?)", zh="单张图像的 logits（是评估模式吗？）")
    case.close(model(test_images[7:8]), logits[7:8], rtol=1e-3, atol=1e-3, what=what)
    return skill_of(logits.argmax(dim=1), logits, test_labels)


def require_one_batch_per_step(case: Case) -> None:
    """After one step, no more labels than those of one batch may matter: who trains longer than allowed has seen more of them."""
    images, labels, seed = case.rand(2 * BATCH, 1, 14, 14), case.randint(0, 10, (2 * BATCH,)), case.integer(0, 10_000)

    def trained_once(given: Tensor) -> Tensor:
        with case.grad():
            model = case.student.train(images, given, 1, seed)
        return model(images)

    seen = labels_that_matter(trained_once, labels, 10, atol=1e-6)
    text = T(en=f"After one step, the labels of {seen} images have changed the model. An update may see {BATCH}.",
             zh=f"只更新一步，就有 {seen} 张图像的标签影响了模型。一次更新最多只能用 {BATCH} 张。")  # fmt: skip
    case.require(seen <= SEEN, text)


def digits_split(seed: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """1437 digits to train on, 360 to test: 8×8 pixels somewhere on a plane of 14×14, none twice at the same brightness."""
    from sklearn.datasets import load_digits  # takes a second to import; most checks do without

    generator, data = torch.Generator().manual_seed(seed), load_digits()
    order = torch.randperm(len(data.target), generator=generator)
    pixels = tensor(data.images, dtype=torch.float32)[order] / 16
    images, labels = torch.zeros(len(order), 1, 14, 14), tensor(data.target, dtype=torch.int64)[order]
    for image, digit, (top, left) in zip(images, pixels, torch.randint(0, 7, (len(order), 2), generator=generator), strict=True):
        image[0, top : top + 8, left : left + 8] = digit
    images = images * (0.8 + 0.4 * torch.rand(len(order), 1, 1, 1, generator=generator))
    images = images + 0.05 * torch.randn(images.shape, generator=generator)
    return images[:1437], labels[:1437], images[1437:], labels[1437:]
