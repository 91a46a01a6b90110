EXPLANATION = {
    "en": "Where windows overlap, your dx keeps the last window's share. What should become of the others?",
    "zh": "窗口重叠处，你的 dx 只保留了最后一个窗口的贡献。其他窗口的贡献到哪里去了？",
}


def average_pool2d_backward(dout, x, kernel, stride):
    dx, (rows, columns) = torch.zeros_like(x), dout.shape[2:]
    for i in range(rows):
        for j in range(columns):
            share = dout[:, :, i : i + 1, j : j + 1] / (kernel[0] * kernel[1])
            dx[:, :, i * stride : i * stride + kernel[0], j * stride : j * stride + kernel[1]] = share
    return dx
