EXPLANATION = {
    "en": "Only one channel of each window gets a gradient. Does a channel compete with the others for the maximum?",
    "zh": "每个窗口只有一个通道得到梯度。求最大值时，各通道之间要比较吗？",
}


def max_pool2d_backward(dout, x, kernel, stride):
    windows, dx = _windows(x, kernel, stride), torch.zeros_like(x)
    winners = windows == windows.amax(dim=(0, 2), keepdim=True)
    for number, (u, v) in enumerate(_places(kernel)):
        _seen(dx, u, v, *dout.shape[2:], stride).add_(dout * winners[number])
    return dx
