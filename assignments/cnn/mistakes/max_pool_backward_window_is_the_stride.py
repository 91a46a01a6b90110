EXPLANATION = {
    "en": "Your dx is that of windows as large as the step. Which window did the forward pass look at?",
    "zh": "你的 dx 对应大小等于步长的窗口。前向时看的是多大的窗口？",
}


def max_pool2d_backward(dout, x, kernel, stride):
    dx, (rows, columns) = torch.zeros_like(x), dout.shape[2:]
    for i in range(rows):
        for j in range(columns):
            window = x[:, :, i * stride : (i + 1) * stride, j * stride : (j + 1) * stride]
            wins = window == window.amax(dim=(2, 3), keepdim=True)
            dx[:, :, i * stride : (i + 1) * stride, j * stride : (j + 1) * stride] += wins * dout[:, :, i : i + 1, j : j + 1]
    return dx
