EXPLANATION = {
    "en": "Each entry of a window gets a share of your gradient. If a value that is not the largest grows a little, does the "
    "output change?",
    "zh": "你把梯度分给了窗口里的每个元素。不是最大值的那个数略微增大，输出会变吗？",
}


def max_pool2d_backward(dout, x, kernel, stride):
    return average_pool2d_backward(dout, x, kernel, stride)
