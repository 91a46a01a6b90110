EXPLANATION = {
    "en": "Where windows overlap, a pixel that wins twice gets one of the two gradients only. What should happen to both?",
    "zh": "窗口重叠时，在两个窗口里都是最大值的像素只得到其中一个梯度。两个梯度应当如何处理？",
}


def max_pool2d_backward(dout, x, kernel, stride):
    winners, dx = _windows(x, kernel, stride).argmax(dim=0), torch.zeros_like(x)
    for number, (u, v) in enumerate(_places(kernel)):
        place = _seen(dx, u, v, *dout.shape[2:], stride)
        place.copy_(torch.where(winners == number, dout, place))
    return dx
