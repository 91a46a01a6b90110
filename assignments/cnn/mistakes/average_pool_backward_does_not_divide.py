EXPLANATION = {
    "en": "Each entry of a window gets your whole dout. By how much does the mean grow when one entry grows by 1?",
    "zh": "窗口里的每个元素都得到了完整的 dout。一个元素增加 1，平均值增加多少？",
}


_divided_backward = average_pool2d_backward


def average_pool2d_backward(dout, x, kernel, stride):
    return _divided_backward(dout * (kernel[0] * kernel[1]), x, kernel, stride)
