EXPLANATION = {
    "en": "Your output has windows that reach beyond the border. Does the homework count positions on which the window does not "
    "fit?",
    "zh": "你的输出包含了超出边界的窗口。放不下整个窗口的位置，作业里算不算？",
}


def max_pool2d_forward(x, kernel, stride):
    rows, columns = (-(-(side - k) // stride) + 1 for side, k in zip(x.shape[2:], kernel, strict=True))
    height, width = stride * (rows - 1) + kernel[0], stride * (columns - 1) + kernel[1]
    wide = torch.full((*x.shape[:2], max(height, x.shape[2]), max(width, x.shape[3])), -1e30, dtype=x.dtype)
    wide[:, :, : x.shape[2], : x.shape[3]] = x
    return _windows(wide, kernel, stride).amax(dim=0)
