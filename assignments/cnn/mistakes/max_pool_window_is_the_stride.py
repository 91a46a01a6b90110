EXPLANATION = {
    "en": "Your windows are as large as the step. Which argument says how large they are?",
    "zh": "你的窗口大小等于步长。窗口大小由哪个参数决定？",
}


def max_pool2d_forward(x, kernel, stride):
    rows, columns = _output_sides(x, kernel, stride)
    return _windows(x, (stride, stride), stride).amax(dim=0)[:, :, :rows, :columns]
