EXPLANATION = {
    "en": "Your gradients belong to a kernel without gaps. Where in x did each entry of the kernel look on the way forward?",
    "zh": "你的梯度对应没有空洞的卷积核。前向时核的每个元素看的是 x 的哪个位置？",
}


_dilated_backward = conv2d_backward


def conv2d_backward(dout, x, weight, stride=1, padding=0, dilation=1):
    return _dilated_backward(dout, x, weight, stride, padding)
