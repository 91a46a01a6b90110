EXPLANATION = {
    "en": "Your windows lie side by side, whatever stride says. What if the step is smaller than the window?",
    "zh": "不论 stride 是多少，你的窗口总是一个挨一个。步长小于窗口时会怎样？",
}


def max_pool2d_forward(x, kernel, stride):
    rows, columns = (side // k for side, k in zip(x.shape[2:], kernel, strict=True))
    return x[:, :, : rows * kernel[0], : columns * kernel[1]].unflatten(3, (columns, -1)).unflatten(2, (rows, -1)).amax((3, 5))
