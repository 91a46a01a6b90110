EXPLANATION = {
    "en": "Your windows have the size of the output: for 4×4 with 2×2 windows the two are equal, elsewhere not. Which is which?",
    "zh": "你的窗口和输出一样大：4×4 的输入配 2×2 的窗口时两者恰好相等，别处就不同了。哪个是哪个？",
}


def max_pool2d_forward(x, kernel, stride):
    rows, columns = _output_sides(x, kernel, stride)
    out = x.new_zeros(*x.shape[:2], rows, columns)
    for i in range(rows):
        for j in range(columns):
            out[:, :, i, j] = x[:, :, i * stride : i * stride + rows, j * stride : j * stride + columns].amax(dim=(2, 3))
    return out
